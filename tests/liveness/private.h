/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the preempting platform share: platform.c has the
 * scheduler, timers.c the timers, seam.c waits and locks.
 */
#ifndef TESTS_LIVENESS_PRIVATE_H
#define TESTS_LIVENESS_PRIVATE_H

#include <ucontext.h>

#include "platform.h"

#define STRANDS     48u
#define STACK_BYTES (128u * 1024u)

/* Something with a stack of its own. The first PLATFORM_CPUS are the deferred
 * work of the processors, the others PASSIVE strands; the first of those is
 * main. */
struct context {
    ucontext_t machine;
    uint8_t irql;
    bool used;
    const struct seam_lock *lock; /* that it stands before; NULL: none */
    bool (*done)(void *arg);      /* what it waits for; NULL: nothing */
    void *arg;
    uint64_t deadline;
    struct seam_work *item; /* to begin with */
};

struct liveness {
    struct seam *s;
    ucontext_t scheduler;
    struct context contexts[PLATFORM_CPUS + STRANDS];
    uint32_t running;
    uint32_t strand; /* the PASSIVE strand whose turn it is */
    bool busy[PLATFORM_CPUS];
    struct seam_work *work[PLATFORM_CPUS];
    struct seam_work *passive;
    uint64_t random;
    void (*main)(struct seam *s);
    bool ended;
    const char *fault;
};

extern struct liveness liveness;

/* Lets the scheduler choose who goes on; returns when it is the caller again.
 */
void liveness_leave(void);

/* ---- timers.c */

/* A timer of the processor that is due, taken out with `take`; NULL: none. */
struct seam_timer *liveness_due_timer(uint32_t cpu, bool take);

/* When the first timer is due. */
uint64_t liveness_next_timer(void);

/* No timer is set. */
void liveness_timers_reset(void);

#endif
