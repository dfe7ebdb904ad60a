/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines of requests: a list and one timer for the earliest. */
#include "vmbus/guest/bus.h"

/* Sets the timer for the earliest deadline there is. */
static void locked_rearm(struct vmbus_bus *bus)
{
    const struct deadline *first = bus->deadlines.list;

    for (const struct deadline *d = first; d; d = d->next)
        if (d->due < first->due)
            first = d;
    if (first)
        seam_timer_set(bus->seam, &bus->deadlines.timer, first->due);
    else
        seam_timer_cancel(bus->seam, &bus->deadlines.timer);
}

static struct deadline *locked_overdue(struct vmbus_bus *bus)
{
    uint64_t now = seam_now(bus->seam);

    for (struct deadline *d = bus->deadlines.list; d; d = d->next)
        if (d->due <= now)
            return d;
    return NULL;
}

static void locked_unlink(struct vmbus_bus *bus, struct deadline *d)
{
    struct deadline **at = &bus->deadlines.list;

    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    d->armed = false;
}

static void run(void *arg)
{
    struct vmbus_bus *bus = arg;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct deadline *d;

    /* From the start after each one: expired() may set and clear others. */
    while ((d = locked_overdue(bus)) != NULL) {
        locked_unlink(bus, d);
        count(&bus->stats.timeouts, 1);
        d->expired(d->owner);
    }
    locked_rearm(bus);
    seam_unlock(bus->seam, &bus->lock, irql);
}

void deadlines_init(struct vmbus_bus *bus)
{
    bus->deadlines.timer.run = run;
    bus->deadlines.timer.arg = bus;
}

void deadline_init(struct deadline *d, void *owner, void (*expired)(void *))
{
    d->owner = owner;
    d->expired = expired;
}

void locked_deadline_set(struct vmbus_bus *bus, struct deadline *d,
                         uint64_t from_now)
{
    locked_deadline_clear(bus, d);
    d->due = seam_now(bus->seam) + from_now;
    d->armed = true;
    d->next = bus->deadlines.list;
    bus->deadlines.list = d;
    locked_rearm(bus);
}

void locked_deadline_clear(struct vmbus_bus *bus, struct deadline *d)
{
    if (!d->armed)
        return;
    locked_unlink(bus, d);
    locked_rearm(bus);
}
