/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * newlib's private state (`struct _reent`: errno, stdio, strtok). A processor
 * has one for what it runs at PASSIVE and one for its deferred work, so that a
 * callback's printf does not disturb the application's.
 */
#ifndef ARCH_LIBC_STATE_H
#define ARCH_LIBC_STATE_H

#include "arch/cpu/cpu.h"

/** Give processor 0 newlib's own global state for both, until there is memory.
 */
void libc_state_first(struct cpu *cpu);

/* Pages of a processor from the second one on, with its states behind it. */
#define LIBC_STATE_CPU_PAGES 1

/**
 * Give a processor the states that it lacks.
 *
 * @cpu     processor 0 after libc_state_first(), or the beginning of
 *          LIBC_STATE_CPU_PAGES that are zero but for the structure
 * @return  0; -ENOMEM: processor 0 gets no page for its second one
 */
int libc_state_create(struct cpu *cpu);

#endif
