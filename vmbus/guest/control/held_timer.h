/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A timer of the bus that says when its function can no longer run.
 *
 * seam_timer_cancel() answers false for a timer that another processor has
 * taken out and whose function runs, or is about to. So each setting holds the
 * timer until it is cancelled or its function is at its end, and the bus is
 * freed only when nothing holds one. All functions are called with the bus's
 * lock held.
 */
#ifndef VMBUS_GUEST_HELD_TIMER_H
#define VMBUS_GUEST_HELD_TIMER_H

#include "vmbus/seam.h"

struct held_timer {
    struct seam_timer timer;
    uint32_t holds; /* runs of its function that have not ended */
};

/** Cancel it, if it is set. */
static inline void locked_timer_cancel(struct seam *s, struct held_timer *t)
{
    if (seam_timer_cancel(s, &t->timer))
        t->holds--;
}

/** Set it, or move it. */
static inline void locked_timer_set(struct seam *s, struct held_timer *t,
                                    uint64_t due)
{
    locked_timer_cancel(s, t);
    t->holds++;
    seam_timer_set(s, &t->timer, due);
}

/** The last that the timer's function does under the lock. */
static inline void locked_timer_ran(struct held_timer *t)
{
    t->holds--;
}

#endif
