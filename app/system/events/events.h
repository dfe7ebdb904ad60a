/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of this folder share. One lock guards all objects; it is held
 * for some instructions, and no function of an application is called under it.
 *
 * Whoever changes an object need not know who waits for it: each wait looks at
 * its objects again whenever something has happened (seam_wait).
 */
#ifndef APP_SYSTEM_EVENTS_EVENTS_H
#define APP_SYSTEM_EVENTS_EVENTS_H

#include "app/system/events/platform.h"

/* What a source is; numbers that memory seldom has by chance. */
enum events_kind {
    EVENTS_EVENT = 0x56420001,
    EVENTS_MESSAGES,
    EVENTS_TIMER,
    EVENTS_WORK,
    EVENTS_KEY,
    EVENTS_LINE,
};

/* ---- check.c ------------------------------------------------------------- */

/** Take the lock of all objects. <= DISPATCH.
 *
 * @return  the level, for events_unlock() */
uint8_t events_lock(void);

/** Give the lock back. */
void events_unlock(uint8_t irql);

/** Give the lock back after something has changed that a wait may be for. */
void events_unlock_changed(uint8_t irql);

/**
 * Log a misuse, once in a row of powers of two. <= DISPATCH.
 *
 * @function  that was called; constant
 * @expected  what it expected and what to do; constant
 * @found     a number that shows what was found
 * @return    VMBARE_MISUSE
 */
enum vmbare_status events_misuse(const char *function, const char *expected,
                                 uint64_t found);

/**
 * Is this an initialized object of that kind? Logs it if not. <= DISPATCH.
 *
 * @return  true: it is
 */
bool events_check(const struct vmbare_source *source, enum events_kind kind,
                  const char *function);

/** May the caller wait: PASSIVE on processor 0? Any level. */
bool events_may_wait(void);

/** As events_may_wait(); logs it if not. <= DISPATCH. */
bool events_check_wait(const char *function);

/* ---- jobs.c -------------------------------------------------------------- */

/**
 * Queue a job, under the lock. One that runs is queued when it has ended.
 *
 * @return  false: it is queued already, and has not begun
 */
bool events_job_queue(struct vmbare_job *job, uint32_t processor);

/**
 * Run a job now, which is not queued. Under the lock, which is given back
 * meanwhile.
 *
 * @strand  the stack that it runs on (seam_strand), or 0 where nothing can wait
 * @irql    the level that the lock gave
 * @return  the level that the lock has given last
 */
uint8_t events_job_run(struct vmbare_job *job, uintptr_t strand, uint8_t irql);

/** Take a job off its queue, under the lock.
 *
 * @return  false: it was on none */
bool events_job_take_off(struct vmbare_job *job);

/**
 * Wait until a job no longer runs, where that may be waited for.
 *
 * @return  false: it runs still
 */
bool events_job_settle(struct vmbare_job *job, uint64_t deadline,
                       const char *name);

#endif
