/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor functions that hosted tests need. This file is included before
 * everything else (-include) and replaces arch/cpu/cpu.h.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <stddef.h>
#include <stdint.h>

/* What arch/cpu/irql.h reads. What is tested with this file asks for no level.
 */
struct cpu {
    uint8_t irql;
    void *first, *incoming;
};

static inline struct cpu *this_cpu(void)
{
    return NULL;
}

static inline uint64_t interrupts_off(void)
{
    return 0;
}

static inline void interrupts_restore(uint64_t flags)
{
    (void)flags;
}

static inline void cpu_relax(void)
{
}

#endif
