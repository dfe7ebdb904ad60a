/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of arch/smp/ share. */
#ifndef ARCH_SMP_PRIVATE_H
#define ARCH_SMP_PRIVATE_H

#include "arch/cpu/cpu.h"

/* What each started processor calls before it takes work. */
extern void (*smp_each_cpu)(struct cpu *cpu);

/**
 * Give a processor its stack for deferred work, and one for each fault that
 * must not trust the stack it comes on.
 *
 * @return  0; -ENOMEM
 */
int smp_give_stacks_to(struct cpu *cpu);

/**
 * Decide whether a processor that was asked to start has begun or is given up.
 * Whoever of the two comes first decides.
 *
 * @return  true: it was the caller
 */
bool smp_settle(struct cpu *cpu, enum cpu_start what);

#endif
