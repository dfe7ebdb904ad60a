/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strands: stacks of their own for PASSIVE work that waits.
 *
 * A PASSIVE work item may wait, and then other work items run. If they ran on
 * the stack of the one that waits, it could go on only after they have ended.
 * So each stands on a strand of its own, and wait.c goes on with whichever has
 * what it waits for. There is no preemption: a strand runs until it waits or
 * ends. The application's main is a strand too, on the stack it was started on.
 *
 * Processor 0 at PASSIVE only.
 */
#ifndef ARCH_TIME_STRAND_H
#define ARCH_TIME_STRAND_H

#include <stdbool.h>
#include <stdint.h>

struct strand;

/* The strand that runs now. Never NULL. */
struct strand *strand_current(void);

/**
 * Take a strand for PASSIVE work.
 *
 * @run     called on it by the first strand_switch() after it was taken; it
 *          ends with strand_leave() and never returns
 * @return  the strand; NULL where there is no memory for its stack
 */
struct strand *strand_take(void (*run)(void));

/* Goes on with `next`; returns when another strand switches back. */
void strand_switch(struct strand *next);

/* Says that `strand` runs: for whoever came back to its stack by longjmp(). The
 * strand that was left there never runs again. */
void strand_adopt(struct strand *strand);

/* Ends the running strand and goes on with `next`: its stack is kept for the
 * next strand_take(), or given back when many are kept. */
_Noreturn void strand_leave(struct strand *next);

#endif
