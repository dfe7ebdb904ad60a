/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Observers: who is called when an offer comes or goes.
 */
#include "vmbus/guest/channel/channel.h"

typedef void observer_fn(void *arg, struct vmbus_channel *c);

/* What is reported of a channel, and what its observers know after it. */
struct report {
    bool (*due)(const struct vmbus_channel *c);
    observer_fn *(*of)(const struct vmbus_observer *o);
    enum offer_told told;
};

static bool offer_due(const struct vmbus_channel *c)
{
    return c->told == OFFER_TOLD_NOTHING && !channel_is_gone(c);
}

/* A claim takes the state back, so the channel can be claimed. */
static bool unclaimed_due(const struct vmbus_channel *c)
{
    return c->told == OFFER_TOLD_STALE && !channel_is_gone(c);
}

/* An offer that came and went before it was reported is never mentioned. */
static bool rescind_due(const struct vmbus_channel *c)
{
    return (c->told == OFFER_TOLD || c->told == OFFER_TOLD_STALE) &&
           channel_is_gone(c);
}

static observer_fn *offered_of(const struct vmbus_observer *o)
{
    return o->offered;
}

static observer_fn *unclaimed_of(const struct vmbus_observer *o)
{
    return o->unclaimed;
}

static observer_fn *rescinded_of(const struct vmbus_observer *o)
{
    return o->rescinded;
}

static const struct report reports[] = {
    {offer_due, offered_of, OFFER_TOLD},
    {unclaimed_due, unclaimed_of, OFFER_TOLD},
    {rescind_due, rescinded_of, OFFER_TOLD_RESCIND},
};

/* What is to be reported of the channel next; NULL: nothing. */
static const struct report *report_of(const struct vmbus_channel *c)
{
    for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++)
        if (reports[i].due(c))
            return &reports[i];
    return NULL;
}

/* From here on the channel may be released. */
static void let_go(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    /* Nobody could let the channel go while it was held. */
    if (!--c->holds && channel_is_gone(c))
        vmbus_locked_channel_due(c);
    seam_unlock(bus->seam, &bus->lock, irql);
}

/*
 * A walk over the observers; on the stack of whoever calls them. An observer's
 * function may wait, and any observer may be removed meanwhile, so a removal
 * moves the walks that are about to call the removed one. Walks stand on stacks
 * of their own and end in any order. PASSIVE, so the list needs no lock.
 */
struct observer_walk {
    struct vmbus_observer *next;
    struct observer_walk *below;
};

static void end_walk(struct vmbus_bus *bus, struct observer_walk *walk)
{
    struct observer_walk **at = &bus->walks;

    while (*at != walk)
        at = &(*at)->below;
    *at = walk->below;
}

/* Whether the observer knows of the channel. vmbus_bus_observe() may be under
 * way for it, and has yet to tell it of this one. */
static bool is_told(const struct vmbus_observer *o,
                    const struct vmbus_channel *c)
{
    return c->number < o->telling || c->number >= o->telling_end;
}

/* Calls all observers about `c`, which is held meanwhile. */
static void call_all(struct vmbus_channel *c, const struct report *r)
{
    struct vmbus_bus *bus = c->bus;
    struct observer_walk walk = {.next = bus->observers, .below = bus->walks};

    bus->walks = &walk;
    while (walk.next) {
        const struct vmbus_observer *o = walk.next;
        observer_fn *call = r->of(o);

        walk.next = o->next;
        if (call && is_told(o, c))
            call(o->arg, c);
    }
    end_walk(bus, &walk);
}

/* Notes the report before the call: an observer may wait, and then the work
 * item runs again inside itself. */
static void locked_begin(struct vmbus_channel *c, const struct report *r)
{
    c->told = r->told;
    c->holds++;
}

/* Takes the first channel off the queue of those that are due, and releases it
 * where it can be released. The queue may be empty by then. */
static struct vmbus_channel *locked_take_due(struct vmbus_bus *bus,
                                             const struct report **r)
{
    struct vmbus_channel *c =
        CHAIN_OWNER(bus->due.first, struct vmbus_channel, due);

    chain_leave(&bus->due, &c->due);
    *r = report_of(c);
    if (*r)
        locked_begin(c, *r);
    else
        vmbus_locked_release(c);
    return *r ? c : NULL;
}

/* One channel for each call: what comes first in time is reported first. */
bool vmbus_tell_channels(struct vmbus_bus *bus)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    bool some = bus->due.first != NULL;
    struct vmbus_channel *c = NULL;
    const struct report *r;

    if (some) {
        c = locked_take_due(bus, &r);
        vmbus_locked_notify(bus); /* for what else there is */
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    if (c) {
        call_all(c, r);
        let_go(c);
    }
    return some;
}

/* ---- adding and removing ------------------------------------------------- */

/* Offers are reported in the order of the list. Those that were not yet stand
 * at its end, and will be reported to the new observer too. */
static void add(struct vmbus_bus *bus, struct vmbus_observer *o)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    const struct vmbus_channel *c = bus->channels;

    while (c && !offer_due(c))
        c = c->next;
    o->telling = 0;
    o->telling_end = c ? c->number : bus->next_number;
    o->next = bus->observers;
    bus->observers = o;
    seam_unlock(bus->seam, &bus->lock, irql);
}

static bool is_added(const struct vmbus_bus *bus,
                     const struct vmbus_observer *o)
{
    const struct vmbus_observer *at = bus->observers;

    while (at && at != o)
        at = at->next;
    return at != NULL;
}

/* The next channel that others know and the observer does not, held; NULL:
 * there is none. One whose rescind was not reported yet is not offered: `r` is
 * that report, which is for the others. */
static struct vmbus_channel *hold_next(struct vmbus_bus *bus,
                                       struct vmbus_observer *o,
                                       const struct vmbus_channel *previous,
                                       const struct report **r)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct vmbus_channel *c = previous ? previous->next : bus->channels;

    while (c && c->told != OFFER_TOLD && c->told != OFFER_TOLD_STALE)
        c = c->next;
    if (c && c->number >= o->telling_end)
        c = NULL;
    *r = c && rescind_due(c) ? report_of(c) : NULL;
    if (*r)
        locked_begin(c, *r);
    else if (c)
        c->holds++;
    /* From here on it is told of what becomes of the channel. */
    if (!*r)
        o->telling = c ? c->number + 1 : o->telling_end;
    seam_unlock(bus->seam, &bus->lock, irql);
    return c;
}

/* `offered` may wait, and then offers come and go, this observer too. The
 * channel that was told of last is held until the one after it is. */
void vmbus_bus_observe(struct vmbus_bus *bus, struct vmbus_observer *o)
{
    struct vmbus_channel *c = NULL, *previous = NULL;
    const struct report *r;

    add(bus, o);
    do {
        c = is_added(bus, o) ? hold_next(bus, o, previous, &r) : NULL;
        if (previous)
            let_go(previous);
        previous = c;
        if (c && r)
            call_all(c, r);
        else if (c && o->offered)
            o->offered(o->arg, c);
    } while (c);
}

void vmbus_bus_unobserve(struct vmbus_bus *bus, struct vmbus_observer *o)
{
    /* PASSIVE code runs on one processor: the list needs no lock. */
    struct vmbus_observer **at = &bus->observers;

    while (*at && *at != o)
        at = &(*at)->next;
    if (*at)
        *at = o->next;
    for (struct observer_walk *w = bus->walks; w; w = w->below)
        w->next = w->next == o ? o->next : w->next;
}
