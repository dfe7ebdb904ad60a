/* SPDX-License-Identifier: BSD-2-Clause */
/* The threaded seam's levels, locks and waits, and where its messages go. */
#include "private.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

uint8_t seam_irql(struct seam *s)
{
    (void)s;
    return threads_own.irql;
}

uint8_t seam_irql_raise(struct seam *s, uint8_t level)
{
    uint8_t old = threads_own.irql;

    (void)s;
    if (level < old)
        looped_fail("raising to a lower IRQL");
    threads_own.irql = level;
    return old;
}

/* What waited for the level runs before the caller goes on. */
void seam_irql_lower(struct seam *s, uint8_t level)
{
    if (level > threads_own.irql)
        looped_fail("lowering to a higher IRQL");
    threads_own.irql = level;
    if (level == SEAM_PASSIVE && !threads_own.deferred)
        for (uint32_t i = 0; i < TURNS && threads_run_deferred(s); i++)
            ;
}

uint8_t seam_lock(struct seam *s, struct seam_lock *l)
{
    uint8_t irql = seam_irql_raise(s, SEAM_DISPATCH);

    threads_stagger();
    threads_take(&l->taken);
    l->owner = threads_own.cpu;
    return irql;
}

void seam_unlock(struct seam *s, struct seam_lock *l, uint8_t irql)
{
    if (l->owner != threads_own.cpu)
        looped_fail("a lock is given back by a stranger");
    threads_give(&l->taken);
    threads_stagger();
    seam_irql_lower(s, irql);
}

/* ---- waiting, saying, failing -------------------------------------------- */

int seam_wait(struct seam *s, bool (*done)(void *arg), void *arg,
              uint64_t deadline, const char *what)
{
    uint64_t limit = seam_now(s) + 60 * SEAM_S;

    if (threads_own.irql != SEAM_PASSIVE || threads_own.cpu != 0)
        looped_fail("seam_wait above PASSIVE");
    while (!done(arg)) {
        if (seam_now(s) >= deadline)
            return -ETIMEDOUT;
        if (seam_now(s) >= limit) {
            printf("# awaited: %s\n", what);
            looped_fail("a wait does not end within a minute");
        }
        if (!threads_step(s))
            usleep(20);
    }
    return 0;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

void threads_sleep(struct seam *s, uint32_t microseconds)
{
    (void)seam_wait(s, never, NULL, seam_now(s) + 10ull * microseconds,
                    "a while");
}

/* What runs while somebody waits stands on top of it, on the one stack. */
uintptr_t seam_strand(struct seam *s)
{
    (void)s;
    return 1;
}

int seam_post_message(struct seam *s, uint32_t connection, uint32_t type,
                      const void *payload, uint32_t size)
{
    return vmbus_loopback_post(s->loopback, connection, type, payload, size);
}

int seam_signal_event(struct seam *s, uint32_t connection, uint16_t flag)
{
    return vmbus_loopback_signal(s->loopback, connection, flag);
}

void looped_route(struct seam *s, struct loopback *loopback)
{
    s->loopback = loopback;
}
