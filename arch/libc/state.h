/*
 * newlib's private state (`struct _reent`: errno, stdio, strtok): one for
 * what a processor runs at PASSIVE and one for its deferred work, so that a
 * callback's printf does not disturb the application's.
 */
#ifndef ARCH_LIBC_STATE_H
#define ARCH_LIBC_STATE_H

#include "arch/cpu/cpu.h"

/* Processor 0 starts out with newlib's own global state for both. */
void libc_state_first(struct cpu *cpu);

/* Gives a processor the states that it lacks. 0 or -ENOMEM. */
int libc_state_create(struct cpu *cpu);

#endif
