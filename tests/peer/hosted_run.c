/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosted seam's time: work, timers, waiting, and who runs next. */
#include "hosted_private.h"

#include <errno.h>
#include <stdio.h>

/* Turns of deferred work in a row before PASSIVE gets one. */
#define DISPATCH_TURNS 256u

static bool run_work(struct seam *s, struct seam_work **queue, uint32_t cpu)
{
    struct seam_work *w = *queue;
    uint32_t old_cpu = s->cpu;
    uint8_t old_irql = s->irql;
    uint8_t level;

    if (!w)
        return false;
    *queue = w->next;
    w->queued = false;
    s->cpu = cpu;
    level = s->irql = w->level;
    w->run(w->arg); /* which may free its item */
    if (s->irql != level)
        hosted_fail(s, "work changed the IRQL");
    s->cpu = old_cpu;
    s->irql = old_irql;
    return true;
}

static bool run_dispatch(struct seam *s)
{
    bool ran = false;

    for (uint32_t cpu = 0; cpu < s->cpus; cpu++)
        ran |= run_work(s, &s->work[cpu], cpu);
    return ran;
}

static bool run_timer(struct seam *s)
{
    struct seam_timer *t = s->timers;
    uint8_t old_irql = s->irql;

    if (!t || t->due > s->now)
        return false;
    s->timers = t->next;
    t->armed = false;
    s->irql = SEAM_DISPATCH;
    if (s->on_timer)
        s->on_timer(s);
    t->run(t->arg);
    s->irql = old_irql;
    return true;
}

/* Deferred work that makes more of itself leaves PASSIVE a turn. */
static bool passive_is_due(struct seam *s)
{
    if (s->irql != SEAM_PASSIVE || ++s->in_a_row < DISPATCH_TURNS)
        return false;
    s->in_a_row = 0;
    return true;
}

/* One step of the most urgent kind. */
static bool step(struct seam *s)
{
    if (passive_is_due(s) && run_work(s, &s->passive, 0))
        return true;
    if (run_dispatch(s) || run_timer(s))
        return true;
    if (s->act && s->act(s->peer))
        return true;
    return s->irql == SEAM_PASSIVE && run_work(s, &s->passive, 0);
}

void hosted_run(struct seam *s)
{
    uint32_t steps = 0;

    while (step(s))
        if (++steps > 1000000)
            hosted_fail(s, "work without end");
}

static uint64_t next_due(struct seam *s)
{
    uint64_t due = s->timers ? s->timers->due : SEAM_FOREVER;
    uint64_t act = s->next_act ? s->next_act(s->peer) : SEAM_FOREVER;

    return act < due ? act : due;
}

void hosted_advance(struct seam *s, uint64_t span)
{
    uint64_t end = s->now + span;

    hosted_run(s);
    while (next_due(s) <= end) {
        if (next_due(s) > s->now)
            s->now = next_due(s);
        hosted_run(s);
    }
    if (s->now < end) /* a wait of somebody's may have gone further */
        s->now = end;
    hosted_run(s);
}

void hosted_interrupt(struct seam *s, uint32_t cpu, void (*f)(void *arg),
                      void *arg)
{
    uint32_t old_cpu = s->cpu;
    uint8_t old_irql = s->irql;

    s->cpu = cpu;
    s->irql = SEAM_DISPATCH;
    f(arg);
    s->cpu = old_cpu;
    s->irql = old_irql;
}

int seam_wait(struct seam *s, bool (*done)(void *arg), void *arg,
              uint64_t deadline, const char *what)
{
    uint64_t due;

    if (s->irql != SEAM_PASSIVE)
        hosted_fail(s, "seam_wait above PASSIVE");
    for (;;) {
        if (done(arg))
            return 0;
        if (step(s))
            continue;
        due = next_due(s);
        if (due == SEAM_FOREVER && deadline == SEAM_FOREVER) {
            fprintf(stderr, "# awaited: %s\n", what);
            hosted_fail(s, "nothing can end this wait");
        }
        if (due >= deadline) {
            s->now = deadline > s->now ? deadline : s->now;
            return done(arg) ? 0 : -ETIMEDOUT;
        }
        s->now = due > s->now ? due : s->now;
    }
}

/* What runs while somebody waits stands on top of it, on the one stack. */
uintptr_t seam_strand(struct seam *s)
{
    return s->strand ? s->strand : 1;
}

/* ---- time and work ------------------------------------------------------ */

uint64_t seam_now(struct seam *s)
{
    s->now += s->tick;
    return s->now;
}

bool seam_timer_cancel(struct seam *s, struct seam_timer *t)
{
    struct seam_timer **at = &s->timers;

    if (!t->armed)
        return false;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    t->armed = false;
    return true;
}

void seam_timer_set(struct seam *s, struct seam_timer *t, uint64_t due)
{
    struct seam_timer **at = &s->timers;

    seam_timer_cancel(s, t);
    while (*at && (*at)->due <= due)
        at = &(*at)->next;
    t->due = due;
    t->armed = true;
    t->next = *at;
    *at = t;
}

void seam_work_queue(struct seam *s, struct seam_work *w, uint32_t cpu)
{
    struct seam_work **at = &s->passive;

    if (w->queued)
        return;
    if (w->level == SEAM_DISPATCH) {
        if (cpu >= s->cpus)
            hosted_fail(s, "work for a processor that does not exist");
        at = &s->work[cpu];
    }
    while (*at)
        at = &(*at)->next;
    w->queued = true;
    w->next = NULL;
    *at = w;
}
