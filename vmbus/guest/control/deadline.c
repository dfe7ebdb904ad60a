/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deadlines of requests: a list in the order of time, and one timer for the
 * first. Most requests have the same time limit, so a new deadline has its
 * place at the end of the list or near it.
 */
#include "vmbus/guest/bus.h"

/* Sees to it that the timer goes off no later than the first deadline. One that
 * goes off earlier finds nothing and is set again, which costs less than moving
 * it for every answer. */
static void locked_rearm(struct vmbus_bus *bus)
{
    struct held_timer *timer = &bus->deadlines.timer;
    const struct deadline *first = bus->deadlines.first;

    if (!first)
        locked_timer_cancel(bus->seam, timer);
    else if (!seam_timer_is_armed(&timer->timer) ||
             timer->timer.due > first->due)
        locked_timer_set(bus->seam, timer, first->due);
}

/* Takes an armed deadline out of the list. */
static void locked_unlink(struct vmbus_bus *bus, struct deadline *d)
{
    struct deadlines *all = &bus->deadlines;

    *(d->previous ? &d->previous->next : &all->first) = d->next;
    *(d->next ? &d->next->previous : &all->last) = d->previous;
    d->armed = false;
}

/* Puts it behind all that are due no later. */
static void locked_link(struct vmbus_bus *bus, struct deadline *d)
{
    struct deadlines *all = &bus->deadlines;
    struct deadline *before = all->last;

    while (before && before->due > d->due)
        before = before->previous;
    d->previous = before;
    d->next = before ? before->next : all->first;
    *(before ? &before->next : &all->first) = d;
    *(d->next ? &d->next->previous : &all->last) = d;
    d->armed = true;
}

/* The timer's function, at DISPATCH. */
static void run(void *arg)
{
    struct vmbus_bus *bus = arg;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct deadline *d;

    /* Begin again after each one, because expired() may set and clear others,
     * and may free the object that holds the next. */
    while ((d = bus->deadlines.first) && d->due <= seam_now(bus->seam)) {
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
    if (d->armed)
        locked_unlink(bus, d);
    d->due = seam_now(bus->seam) + from_now;
    locked_link(bus, d);
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
