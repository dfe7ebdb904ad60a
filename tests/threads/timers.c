/* SPDX-License-Identifier: BSD-2-Clause */
/* The threaded seam's time and timers: each belongs to the processor that set
 * it. */
#include "private.h"

#include <string.h>
#include <time.h>

#define TIMERS 256u

static uint32_t timer_lock; /* over these: */
static struct {
    struct seam_timer *timer;
    uint32_t cpu;
} timers[TIMERS];

void threads_timers_reset(void)
{
    memset(timers, 0, sizeof(timers));
}

uint64_t seam_now(struct seam *s)
{
    struct timespec t;

    (void)s;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SEAM_S + (uint64_t)t.tv_nsec / 100;
}

/* The lock is held. */
static bool take_out(struct seam_timer *t)
{
    for (uint32_t i = 0; i < TIMERS; i++) {
        if (timers[i].timer != t)
            continue;
        timers[i].timer = NULL;
        __atomic_store_n(&t->armed, false, __ATOMIC_RELAXED);
        return true;
    }
    return false;
}

bool seam_timer_cancel(struct seam *s, struct seam_timer *t)
{
    bool was;

    (void)s;
    threads_take(&timer_lock);
    was = take_out(t);
    threads_give(&timer_lock);
    return was;
}

void seam_timer_set(struct seam *s, struct seam_timer *t, uint64_t due)
{
    struct processor *c = &threads.cpu[threads_own.cpu];
    uint32_t i = 0;

    (void)s;
    threads_take(&timer_lock);
    (void)take_out(t);
    while (i < TIMERS && timers[i].timer)
        i++;
    if (i == TIMERS)
        looped_fail("more timers than the platform has room for");
    __atomic_store_n(&t->due, due, __ATOMIC_RELAXED);
    __atomic_store_n(&t->armed, true, __ATOMIC_RELAXED);
    timers[i].timer = t;
    timers[i].cpu = threads_own.cpu;
    if (due < __atomic_load_n(&c->due, __ATOMIC_RELAXED))
        __atomic_store_n(&c->due, due, __ATOMIC_RELAXED);
    threads_give(&timer_lock);
}

static struct seam_timer *due_timer(uint64_t now)
{
    uint64_t next = SEAM_FOREVER;
    struct seam_timer *found = NULL;

    threads_take(&timer_lock);
    for (uint32_t i = 0; i < TIMERS; i++) {
        struct seam_timer *t = timers[i].timer;

        if (!t || timers[i].cpu != threads_own.cpu)
            continue;
        if (!found && t->due <= now) {
            found = t;
            (void)take_out(t);
        } else if (t->due < next) {
            next = t->due;
        }
    }
    __atomic_store_n(&threads.cpu[threads_own.cpu].due, next, __ATOMIC_RELAXED);
    threads_give(&timer_lock);
    return found;
}

bool threads_run_timer(struct seam *s)
{
    uint64_t now = seam_now(s);
    struct seam_timer *t;

    /* Looked at without the lock, which would order the threads. */
    if (__atomic_load_n(&threads.cpu[threads_own.cpu].due, __ATOMIC_RELAXED) >
        now)
        return false;
    t = due_timer(now);
    if (!t)
        return false;
    /* The timer is out and its function has not begun. */
    threads_stagger();
    t->run(t->arg);
    return true;
}
