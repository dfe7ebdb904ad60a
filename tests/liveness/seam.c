/* SPDX-License-Identifier: BSD-2-Clause */
/* The preempting platform's waits and locks, and where its messages go. */
#include "private.h"

#include <errno.h>

#include "tests/looped/looped.h"
#include "tests/peer/hosted_loopback.h"
#include "tests/peer/hosted_private.h"

int seam_wait(struct seam *s, bool (*done)(void *arg), void *arg,
              uint64_t deadline, const char *what)
{
    struct context *c = &liveness.contexts[liveness.running];

    (void)what;
    if (s->irql != SEAM_PASSIVE)
        hosted_fail(s, "seam_wait above PASSIVE");
    while (!done(arg)) {
        if (s->now >= deadline)
            return -ETIMEDOUT;
        c->done = done;
        c->arg = arg;
        c->deadline = deadline;
        liveness_leave();
        c->done = NULL;
    }
    return 0;
}

uintptr_t seam_strand(struct seam *s)
{
    (void)s;
    return liveness.running + 1;
}

uint8_t seam_lock(struct seam *s, struct seam_lock *l)
{
    uint8_t irql = seam_irql_raise(s, SEAM_DISPATCH);
    struct context *c = &liveness.contexts[liveness.running];

    platform_preempt();
    c->lock = l;
    while (l->taken)
        liveness_leave();
    c->lock = NULL;
    l->taken = 1;
    l->owner = liveness.running;
    return irql;
}

void seam_unlock(struct seam *s, struct seam_lock *l, uint8_t irql)
{
    if (!l->taken || l->owner != liveness.running)
        hosted_fail(s, "a lock is given back by a stranger");
    l->taken = 0;
    seam_irql_lower(s, irql);
    platform_preempt();
}

uint64_t seam_now(struct seam *s)
{
    return s->now;
}

_Noreturn void hosted_fail(struct seam *s, const char *why)
{
    (void)s;
    looped_fail(why);
}

/* ---- the other side: the loopback ---------------------------------------- */

void looped_route(struct seam *s, struct loopback *loopback)
{
    hosted_route(s, loopback);
}
