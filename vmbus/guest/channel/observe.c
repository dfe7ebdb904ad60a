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

/* In this order, and then releases: whoever waits for a connection, or for the
 * end of a channel, finds all of them reported. */
static const struct report reports[] = {
    {offer_due, offered_of, OFFER_TOLD},
    {unclaimed_due, unclaimed_of, OFFER_TOLD},
    {rescind_due, rescinded_of, OFFER_TOLD_RESCIND},
};

/* From here on the channel may be released. */
static void let_go(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    /* Nobody could let the channel go while it was held. */
    if (!--c->holds && channel_is_gone(c))
        vmbus_locked_notify(bus);
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
        if (call)
            call(o->arg, c);
    }
    end_walk(bus, &walk);
    let_go(c);
}

/* Calls the observers about the first channel that awaits it. False: none. */
static bool tell_one(struct vmbus_bus *bus, const struct report *r)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct vmbus_channel *c = bus->channels;

    while (c && !r->due(c))
        c = c->next;
    if (c) {
        /* Note it before the call: an observer may wait, and then this work
         * item runs again inside itself. */
        c->told = r->told;
        c->holds++;
        vmbus_locked_notify(bus); /* for what else there is */
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    if (c)
        call_all(c, r);
    return c != NULL;
}

bool vmbus_tell_channels(struct vmbus_bus *bus)
{
    for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++)
        if (tell_one(bus, &reports[i]))
            return true;
    return vmbus_release_one(bus);
}

/* The first channel after `previous` whose offer was reported; it is held. */
static struct vmbus_channel *hold_told(struct vmbus_bus *bus,
                                       const struct vmbus_channel *previous)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct vmbus_channel *c = previous ? previous->next : bus->channels;

    while (c && (channel_is_gone(c) || c->told == OFFER_TOLD_NOTHING))
        c = c->next;
    if (c)
        c->holds++;
    seam_unlock(bus->seam, &bus->lock, irql);
    return c;
}

void vmbus_bus_observe(struct vmbus_bus *bus, struct vmbus_observer *o)
{
    struct vmbus_channel *c = hold_told(bus, NULL);
    struct vmbus_channel *next;

    /* A channel whose offer was not reported yet will be, to this observer
     * too. The function may wait, so the channel that it is about stays until
     * the one after it is held as well. */
    for (; c; c = next) {
        if (o->offered)
            o->offered(o->arg, c);
        next = hold_told(bus, c);
        let_go(c);
    }
    o->next = bus->observers;
    bus->observers = o;
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
