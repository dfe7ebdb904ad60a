/* SPDX-License-Identifier: BSD-2-Clause */
/* What hv/ keeps for each processor; private to the folder. */
#ifndef HV_PERCPU_H
#define HV_PERCPU_H

#include "arch/cpu/cpu.h"
#include "arch/interrupts/deferred.h"

struct hv_cpu {
    uint8_t *input;            /* hypercall input page */
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
