/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor of hosted tests, as far as they need one: included before
 * everything else (-include), it takes the place of arch/cpu/cpu.h.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <stdint.h>

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
