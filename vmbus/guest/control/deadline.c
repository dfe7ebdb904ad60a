/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deadlines of requests: two lists in the order of time, and one timer for the
 * first of all. Most requests have the same time limit, so a new deadline has
 * its place at the end of its list or near it.
 */
#include "vmbus/guest/bus.h"

/* How often the log says what is awaited. */
#define LINE_EVERY (10 * SEAM_S)

/* The one that is due first, or NULL. */
static struct deadline *locked_first(const struct vmbus_bus *bus)
{
    struct deadline *a = bus->deadlines.posted.first;
    struct deadline *b = bus->deadlines.unposted.first;

    if (!a || !b)
        return a ? a : b;
    return a->due <= b->due ? a : b;
}

/* Sees to it that the timer goes off no later than the first deadline, or the
 * next look at what to say. One that goes off earlier finds nothing and is set
 * again, which costs less than moving it for every answer. */
static void locked_rearm(struct vmbus_bus *bus)
{
    struct held_timer *timer = &bus->deadlines.timer;
    const struct deadline *first = locked_first(bus);
    uint64_t due;

    if (!first) {
        locked_timer_cancel(bus->seam, timer);
        return;
    }
    due = first->due < bus->deadlines.look ? first->due : bus->deadlines.look;
    if (!seam_timer_is_armed(&timer->timer) || timer->timer.due > due)
        locked_timer_set(bus->seam, timer, due);
}

/* Counts a list in *count; the one that waits longest of it and of `oldest`. */
static const struct deadline *older(const struct deadline_list *list,
                                    const struct deadline *oldest,
                                    uint32_t *count)
{
    for (const struct deadline *d = list->first; d; d = d->next) {
        oldest = !oldest || d->since < oldest->since ? d : oldest;
        (*count)++;
    }
    return oldest;
}

/* Says what is awaited, when it is time to: nothing is overdue at `now`. One
 * walk in ten seconds. */
static void locked_say(struct vmbus_bus *bus, uint64_t now)
{
    const struct deadline *oldest;
    uint32_t all = 0;

    if (now < bus->deadlines.look)
        return;
    oldest = older(&bus->deadlines.posted, NULL, &all);
    oldest = older(&bus->deadlines.unposted, oldest, &all);
    if (!oldest)
        return;
    bus->deadlines.look = oldest->since + LINE_EVERY;
    if (now < bus->deadlines.look)
        return;
    bus->deadlines.look = now + LINE_EVERY;
    seam_log(bus->seam, SEAM_LOG_WARNING,
             "vmbus: still waiting for %s after %llu s, at most %llu s more; "
             "%u other answers are awaited%s",
             oldest->what, (unsigned long long)((now - oldest->since) / SEAM_S),
             (unsigned long long)((oldest->due - now) / SEAM_S), all - 1,
             bus->posts.delay ? "; the host takes no message now" : "");
}

static struct deadline_list *list_of(struct vmbus_bus *bus,
                                     const struct deadline *d)
{
    return d->unposted ? &bus->deadlines.unposted : &bus->deadlines.posted;
}

/* Takes an armed deadline out of its list. */
static void locked_unlink(struct vmbus_bus *bus, struct deadline *d)
{
    struct deadline_list *all = list_of(bus, d);

    *(d->previous ? &d->previous->next : &all->first) = d->next;
    *(d->next ? &d->next->previous : &all->last) = d->previous;
    d->armed = false;
}

/* Puts it behind all that are due no later. */
static void locked_link(struct vmbus_bus *bus, struct deadline *d)
{
    struct deadline_list *all = list_of(bus, d);
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
    uint64_t now = seam_now(bus->seam);
    struct deadline *d;

    /* Begin again after each one, because expired() may set and clear others,
     * and may free the object that holds the next. */
    while ((d = locked_first(bus)) && d->due <= now) {
        locked_unlink(bus, d);
        count(&bus->stats.timeouts, 1);
        d->expired(d->owner);
        now = seam_now(bus->seam);
    }
    locked_say(bus, now);
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

/* Sets it in one of the two lists. */
static void locked_set(struct vmbus_bus *bus, struct deadline *d,
                       uint64_t from_now, const char *what, bool unposted)
{
    /* In one list at most, and once. */
    if (d->armed)
        locked_unlink(bus, d);
    d->unposted = unposted;
    d->since = seam_now(bus->seam);
    d->due = d->since + from_now;
    d->what = what;
    /* Nothing was awaited until now. */
    if (!locked_first(bus))
        bus->deadlines.look = d->since + LINE_EVERY;
    locked_link(bus, d);
    locked_rearm(bus);
}

void vmbus_locked_deadline_set(struct vmbus_bus *bus, struct deadline *d,
                               uint64_t from_now, const char *what)
{
    locked_set(bus, d, from_now, what, false);
}

void vmbus_locked_deadline_set_unposted(struct vmbus_bus *bus,
                                        struct deadline *d, uint64_t from_now,
                                        const char *what)
{
    locked_set(bus, d, from_now + bus->config.post_timeout, what, true);
}

/* An answer came in time, or nobody waits any more. */
void vmbus_locked_deadline_clear(struct vmbus_bus *bus, struct deadline *d)
{
    if (!d->armed)
        return;
    locked_unlink(bus, d);
    locked_rearm(bus);
}
