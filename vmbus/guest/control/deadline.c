/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deadlines of requests: an unsorted list and one timer for the earliest. There
 * are only as many as requests are pending, so a walk is cheap.
 */
#include "vmbus/guest/bus.h"

/* Sets the timer for the earliest deadline there is. */
static void locked_rearm(struct vmbus_bus *bus)
{
    const struct deadline *first = bus->deadlines.list;

    for (const struct deadline *d = first; d; d = d->next)
        if (d->due < first->due)
            first = d;
    if (first)
        locked_timer_set(bus->seam, &bus->deadlines.timer, first->due);
    else
        locked_timer_cancel(bus->seam, &bus->deadlines.timer);
}

/* Some deadline that is due, or NULL. */
static struct deadline *locked_overdue(struct vmbus_bus *bus)
{
    uint64_t now = seam_now(bus->seam);

    /* The order among several does not matter: each has its own owner. */
    for (struct deadline *d = bus->deadlines.list; d; d = d->next)
        if (d->due <= now)
            return d;
    return NULL;
}

/* Takes an armed deadline out of the list. */
static void locked_unlink(struct vmbus_bus *bus, struct deadline *d)
{
    struct deadline **at = &bus->deadlines.list;

    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    d->armed = false;
}

/* The timer's function, at DISPATCH. */
static void run(void *arg)
{
    struct vmbus_bus *bus = arg;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct deadline *d;

    /* Begin again after each one, because expired() may set and clear others,
     * and may free the object that holds the next. */
    while ((d = locked_overdue(bus)) != NULL) {
        locked_unlink(bus, d);
        count(&bus->stats.timeouts, 1);
        d->expired(d->owner);
    }
    locked_rearm(bus);
    locked_timer_ran(&bus->deadlines.timer);
    seam_unlock(bus->seam, &bus->lock, irql);
}

void vmbus_deadlines_init(struct vmbus_bus *bus)
{
    bus->deadlines.timer.timer.run = run;
    bus->deadlines.timer.timer.arg = bus;
}

void vmbus_deadline_init(struct deadline *d, void *owner,
                         void (*expired)(void *owner))
{
    d->owner = owner;
    d->expired = expired;
}

void vmbus_locked_deadline_set(struct vmbus_bus *bus, struct deadline *d,
                               uint64_t from_now)
{
    /* Once in the list at most. */
    vmbus_locked_deadline_clear(bus, d);
    d->due = seam_now(bus->seam) + from_now;
    d->armed = true;
    d->next = bus->deadlines.list;
    bus->deadlines.list = d;
    locked_rearm(bus);
}

/* An answer came in time, or nobody waits any more. */
void vmbus_locked_deadline_clear(struct vmbus_bus *bus, struct deadline *d)
{
    if (!d->armed)
        return;
    locked_unlink(bus, d);
    locked_rearm(bus);
}
