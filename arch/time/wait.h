/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting, the only way there is: process what is due, else sleep in HLT. There
 * are no threads; a blocking call is a loop around this. */
#ifndef ARCH_WAIT_H
#define ARCH_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#define WAIT_FOREVER UINT64_MAX

/**
 * Wait until done(arg) is true. Runs PASSIVE work meanwhile, and sleeps between
 * interrupts.
 *
 * @done      called often, also with interrupts off; it must only look
 * @deadline  of the monotonic clock, or WAIT_FOREVER
 * @what      names what is awaited; with WAIT_FOREVER the log says every 10 s
 *            that it is still missing
 * @return    0: done; -ETIMEDOUT: the clock has reached @deadline
 *
 * IRQL: PASSIVE, processor 0 (asserted).
 */
int wait_until(bool (*done)(void *arg), void *arg, uint64_t deadline,
               const char *what);

/** Sleep until @deadline of the monotonic clock, and process what is due
 * meanwhile. IRQL: PASSIVE, processor 0. */
void wait_sleep(uint64_t deadline);

struct strand;

/**
 * For a test whose assertion hook leaves by longjmp() to a stack that waits.
 *
 * @strand  the one that it comes back to: its waits are over. The stack that
 *          was left never runs again.
 *
 * IRQL: PASSIVE, processor 0.
 */
void wait_left(struct strand *strand);

/** The life of every processor but number 0: HLT and deferred work. */
_Noreturn void wait_park(void);

/**
 * Register a way to sleep, used instead of HLT: the hypervisor's, or one that
 * does work before.
 *
 * @idle  called with interrupts off on a processor that has nothing to do;
 *        returns with interrupts on, after something has happened
 */
void wait_set_idle(void (*idle)(void));

/** The way to sleep that is registered, for whoever puts his own before it.
 * NULL: HLT. IRQL: any. */
void (*wait_idle(void))(void);

#endif
