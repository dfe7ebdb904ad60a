/* SPDX-License-Identifier: BSD-2-Clause */
/* The preempting platform's timers: each belongs to the processor that set it.
 */
#include "private.h"

#include <string.h>

#include "tests/peer/hosted_private.h"

#define TIMERS 256u

static struct {
    struct seam_timer *timer;
    uint32_t cpu;
} timers[TIMERS];

struct seam_timer *liveness_due_timer(uint32_t cpu, bool take)
{
    for (uint32_t i = 0; i < TIMERS; i++) {
        struct seam_timer *t = timers[i].timer;

        if (!t || timers[i].cpu != cpu || t->due > liveness.s->now)
            continue;
        if (take) {
            timers[i].timer = NULL;
            t->armed = false;
        }
        return t;
    }
    return NULL;
}

uint64_t liveness_next_timer(void)
{
    uint64_t next = SEAM_FOREVER;

    for (uint32_t i = 0; i < TIMERS; i++)
        if (timers[i].timer && timers[i].timer->due < next)
            next = timers[i].timer->due;
    return next;
}

void liveness_timers_reset(void)
{
    memset(timers, 0, sizeof(timers));
}

bool seam_timer_cancel(struct seam *s, struct seam_timer *t)
{
    (void)s;
    for (uint32_t i = 0; i < TIMERS; i++)
        if (timers[i].timer == t)
            timers[i].timer = NULL;
    if (!t->armed)
        return false;
    t->armed = false;
    return true;
}

void seam_timer_set(struct seam *s, struct seam_timer *t, uint64_t due)
{
    (void)seam_timer_cancel(s, t);
    for (uint32_t i = 0; i < TIMERS; i++) {
        if (timers[i].timer)
            continue;
        t->due = due;
        t->armed = true;
        timers[i].timer = t;
        timers[i].cpu = s->cpu;
        return;
    }
    hosted_fail(s, "more timers than the platform has room for");
}
