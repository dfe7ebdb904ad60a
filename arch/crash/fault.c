/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults and broken invariants on their way to the crash report: see fault.h.
 * What the folders below have to report comes in by the two hooks that
 * fault_setup() registers.
 */
#include "arch/crash/fault.h"

#include <stdint.h>

#include "arch/cpu/cpu.h"
#include "arch/crash/crash.h"
#include "arch/console/format.h"
#include "arch/cpu/invariant.h"
#include "arch/interrupts/interrupts.h"
#include "arch/memory/paging.h"
#include "arch/smp/smp.h"

#define FAULT_PAGE 14

/* Error code bits of a page fault. [Intel SDM 3A 4.7] */
#define PF_PRESENT     (1u << 0)
#define PF_WRITE       (1u << 1)
#define PF_INSTRUCTION (1u << 4)

/* What was tried, by the error code. */
static const char *access_name(uint64_t error)
{
    if (error & PF_INSTRUCTION)
        return "executing";
    return error & PF_WRITE ? "writing" : "reading";
}

/* Read it before anything else can fault and overwrite it. */
static uint64_t faulting_address(void)
{
    uint64_t cr2;

    __asm__ volatile("movq %%cr2, %0" : "=r"(cr2));
    return cr2;
}

/* The text is static: this stack may be a small one, or nearly full. */
static void report_fault(struct cpu_frame *frame)
{
    static char detail[160];
    struct crash_info info = {
        .reason = crash_vector_name(frame->vector),
        .frame = frame,
        .rbp = frame->rbp,
        .cpu = this_cpu()->index,
    };

    smp_stop_others();
    /* Only a page fault has an address in CR2. */
    if (frame->vector == FAULT_PAGE) {
        info.address = faulting_address();
        info.has_address = true;
        format_print(detail, sizeof(detail), "%s %s", access_name(frame->error),
                     paging_describe(info.address));
        info.detail = detail;
    }
    crash_report(&info);
}

/* The contract is invariant.h's. There are no registers to show: the caller's
 * code has used them since the check. */
static void report_invariant(const char *reason, const char *function,
                             const char *expression, const char *hint,
                             uint64_t rbp)
{
    static char detail[240];
    struct crash_info info = {
        .reason = reason,
        .detail = hint,
        .rbp = rbp,
        .cpu = this_cpu()->index,
    };

    smp_stop_others();
    if (expression) {
        format_print(detail, sizeof(detail), "%s in %s: %s", expression,
                     function, hint);
        info.detail = detail;
    }
    crash_report(&info);
}

void fault_setup(void)
{
    interrupts_set_fault(report_fault);
    invariant_set_report(report_invariant);
}
