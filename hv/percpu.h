/* SPDX-License-Identifier: BSD-2-Clause */
/* What hv/ keeps for each processor; private to the folder. */
#ifndef HV_PERCPU_H
#define HV_PERCPU_H

#include "arch/cpu/cpu.h"
#include "arch/interrupts/deferred.h"

/* Room for a hypercall's input, and behind it for its output: HvPostMessage,
 * the largest, has 256 bytes of input. No call's area crosses a page, and each
 * begins at a multiple of 8 [TLFS] 3.7. */
#define HV_INPUT_BYTES  256u
#define HV_OUTPUT_BYTES 256u
#define HV_AREA_BYTES   (HV_INPUT_BYTES + HV_OUTPUT_BYTES)

struct hv_cpu {
    uint8_t *input;            /* HV_AREA_BYTES for hypercalls */
    uint64_t input_address;    /* physical */
    uint8_t *messages;         /* SIMP */
    volatile uint64_t *events; /* SIEFP */
    struct deferred_item work; /* drains the two */
};

extern struct hv_cpu hv_cpus[CPUS_MAX];

/** The data of the running processor. IRQL: any. */
static inline struct hv_cpu *hv_this_cpu(void)
{
    return &hv_cpus[this_cpu()->index];
}

#endif
