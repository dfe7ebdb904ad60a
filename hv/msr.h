/* SPDX-License-Identifier: BSD-2-Clause */
/* Synthetic MSRs: numbers and bits. [TLFS], [hvgdk]; wire reference, section B.
 */
#ifndef HV_MSR_H
#define HV_MSR_H

#include <stdint.h>

#define HV_MSR_GUEST_OS_ID    0x40000000u
#define HV_MSR_HYPERCALL      0x40000001u
#define HV_MSR_VP_INDEX       0x40000002u
#define HV_MSR_RESET          0x40000003u
#define HV_MSR_TIME_REF_COUNT 0x40000020u
#define HV_MSR_REFERENCE_TSC  0x40000021u
#define HV_MSR_TSC_FREQUENCY  0x40000022u
#define HV_MSR_APIC_FREQUENCY 0x40000023u
#define HV_MSR_VP_ASSIST      0x40000073u
#define HV_MSR_SCONTROL       0x40000080u
#define HV_MSR_SVERSION       0x40000081u
#define HV_MSR_SIEFP          0x40000082u
#define HV_MSR_SIMP           0x40000083u
#define HV_MSR_EOM            0x40000084u
#define HV_MSR_SINT0          0x40000090u
#define HV_MSR_STIMER0_CONFIG 0x400000b0u
#define HV_MSR_STIMER0_COUNT  0x400000b1u
#define HV_MSR_GUEST_IDLE     0x400000f0u
#define HV_MSR_CRASH_P0       0x40000100u
#define HV_MSR_CRASH_CTL      0x40000105u

/* Bit 0 enables HYPERCALL, REFERENCE_TSC, VP_ASSIST, SCONTROL, SIEFP and SIMP.
 * Bits 63:12 are a frame number; bits 11:1 must be written back as they were
 * read. */
#define HV_ENABLE    UINT64_C(1)
#define HV_PAGE_BITS UINT64_C(0xfffffffffffff000)
#define HV_LOCKED    UINT64_C(2) /* HYPERCALL only */

#define HV_SINT_MASKED   (UINT64_C(1) << 16)
#define HV_SINT_AUTO_EOI (UINT64_C(1) << 17)
/* Vector, masked, AutoEOI, polling, as-intercept, proxy. */
#define HV_SINT_BITS UINT64_C(0x1f00ff)

#define HV_STIMER_AUTO_ENABLE  (UINT64_C(1) << 3)
#define HV_STIMER_VECTOR_SHIFT 4
#define HV_STIMER_DIRECT       (UINT64_C(1) << 12)
#define HV_STIMER_SINT_SHIFT   16

#define HV_CRASH_NOTIFY  (UINT64_C(1) << 63)
#define HV_CRASH_MESSAGE (UINT64_C(1) << 62)

#endif
