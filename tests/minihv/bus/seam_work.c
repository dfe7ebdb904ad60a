/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deferred work and timers of the seam: two queues that bus_pump() empties on
 * the processor of the host half. Any processor may queue work.
 */
#include <errno.h>

#include "bus.h"
#include "minihv.h"

struct work_queue {
    struct seam_work *head, **tail;
};

static struct spinlock lock;
static struct work_queue dispatch = {NULL, &dispatch.head};
static struct work_queue passive = {NULL, &passive.head};
static struct seam_timer *timers; /* sorted by due */

void seam_work_queue(struct seam *s, struct seam_work *w, uint32_t cpu)
{
    struct work_queue *q = w->level == SEAM_PASSIVE ? &passive : &dispatch;

    (void)s, (void)cpu;
    spin_lock(&lock);
    if (!w->queued) {
        w->queued = true;
        w->next = NULL;
        *q->tail = w;
        q->tail = &w->next;
    }
    spin_unlock(&lock);
}

static struct seam_work *take(struct work_queue *q)
{
    struct seam_work *w;

    spin_lock(&lock);
    w = q->head;
    if (w) {
        q->head = w->next;
        if (!q->head)
            q->tail = &q->head;
        w->queued = false; /* its `run` may queue it again */
    }
    spin_unlock(&lock);
    return w;
}

bool seam_work_run(uint8_t level)
{
    struct seam_work *w = take(level == SEAM_PASSIVE ? &passive : &dispatch);
    uint8_t old;

    if (!w)
        return false;
    old = seam_irql_raise(NULL, level);
    w->run(w->arg);
    seam_irql_lower(NULL, old);
    return true;
}

static bool unlink_timer(struct seam_timer *t)
{
    for (struct seam_timer **p = &timers; *p; p = &(*p)->next)
        if (*p == t) {
            *p = t->next;
            return true;
        }
    return false;
}

void seam_timer_set(struct seam *s, struct seam_timer *t, uint64_t due)
{
    struct seam_timer **p = &timers;

    (void)s;
    spin_lock(&lock);
    if (t->armed)
        unlink_timer(t);
    t->due = due;
    t->armed = true;
    while (*p && (*p)->due <= due)
        p = &(*p)->next;
    t->next = *p;
    *p = t;
    spin_unlock(&lock);
}

bool seam_timer_cancel(struct seam *s, struct seam_timer *t)
{
    bool was;

    (void)s;
    spin_lock(&lock);
    was = t->armed && unlink_timer(t);
    t->armed = false;
    spin_unlock(&lock);
    return was;
}

uint64_t seam_timers_next(void)
{
    return timers ? timers->due : UINT64_MAX;
}

bool seam_timers_run(void)
{
    struct seam_timer *t;
    uint8_t old;

    spin_lock(&lock);
    t = timers;
    if (t && t->due <= clock_now()) {
        timers = t->next;
        t->armed = false;
    } else {
        t = NULL;
    }
    spin_unlock(&lock);
    if (!t)
        return false;
    old = seam_irql_raise(NULL, SEAM_DISPATCH);
    t->run(t->arg);
    seam_irql_lower(NULL, old);
    return true;
}

/* If the host half has no processor of its own, the guest is stopped during the
 * wait. So a wait for an action of the guest would never end. */
int seam_wait(struct seam *s, bool (*done)(void *arg), void *arg,
              uint64_t deadline, const char *what)
{
    while (!done(arg)) {
        if (clock_now() >= deadline) {
            seam_log(s, SEAM_LOG_WARNING, "%s: did not happen", what);
            return -ETIMEDOUT;
        }
        if (!bus_pump())
            cpu_relax();
    }
    return 0;
}

/* What runs while somebody waits stands on top of it, on the one stack. */
uintptr_t seam_strand(struct seam *s)
{
    (void)s;
    return 1;
}
