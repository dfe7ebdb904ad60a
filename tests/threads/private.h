/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the threaded platform share: platform.c has the processors,
 * work.c and timers.c what they run, seam.c levels, locks and waits.
 */
#ifndef TESTS_THREADS_PRIVATE_H
#define TESTS_THREADS_PRIVATE_H

#include "platform.h"
#include "tests/looped/looped.h"

/* Items in a row before PASSIVE has a turn. */
#define TURNS 64u

struct processor {
    pthread_t thread;
    struct seam_work *pushed; /* by anybody, the newest first */
    struct seam_work *queue;  /* the processor's own, the oldest first */
    uint64_t due;             /* of its first timer, without a lock */
};

struct threads {
    struct seam seam;
    struct processor cpu[THREADS_MAX + 1]; /* the last: PASSIVE work */
    bool ending;
    uint32_t seed;
};

/* What a thread alone looks at. */
struct threads_own {
    uint32_t cpu;
    uint32_t random;
    uint32_t turns; /* of deferred work since PASSIVE had one */
    uint8_t irql;
    bool deferred; /* deferred work runs on this thread */
};

extern struct threads threads;
extern __thread struct threads_own threads_own;

/* Now and then another thread comes first. */
void threads_stagger(void);

/* One item or timer of the calling processor, as an interrupt would run it;
 * false: there is none. */
bool threads_run_deferred(struct seam *s);

/* One step of processor 0 at PASSIVE; false: there is nothing to do. */
bool threads_step(struct seam *s);

/* ---- work.c */

/* Runs the oldest item of the queue; false: it is empty. */
bool threads_run_work(struct processor *c);

/* ---- timers.c */

/* Runs one timer of the calling processor that is due; false: none is. */
bool threads_run_timer(struct seam *s);

/* No timer is set. */
void threads_timers_reset(void);

#endif
