/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Observers: who is called when an offer comes or goes.
 */
#include "vmbus/guest/channel/channel.h"

/* Calls all observers about `c`, which is held meanwhile. */
static void call_all(struct vmbus_channel *c, bool offered)
{
    struct vmbus_bus *bus = c->bus;
    struct vmbus_observer *next;
    uint8_t irql;

    /* An observer may remove itself from inside its function. */
    for (struct vmbus_observer *o = bus->observers; o; o = next) {
        next = o->next;
        if (offered && o->offered)
            o->offered(o->arg, c);
        else if (!offered && o->rescinded)
            o->rescinded(o->arg, c);
    }
    /* From here on the channel may be released. */
    irql = seam_lock(bus->seam, &bus->lock);
    /* Nobody could let the channel go while it was held. */
    if (!--c->holds && channel_is_gone(c))
        vmbus_locked_notify(bus);
    seam_unlock(bus->seam, &bus->lock, irql);
}

/* True if the offer was not reported yet. */
static bool awaits_offer(const struct vmbus_channel *c)
{
    return c->told == OFFER_TOLD_NOTHING && !channel_is_gone(c);
}

/* True if the rescind is to be reported. An offer that came and went before it
 * was reported is never mentioned. */
static bool awaits_rescind(const struct vmbus_channel *c)
{
    return c->told == OFFER_TOLD && channel_is_gone(c);
}

/* Calls the observers about the first channel that awaits it. False: none. */
static bool tell_one(struct vmbus_bus *bus, bool offered)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct vmbus_channel *c = bus->channels;

    while (c && !(offered ? awaits_offer(c) : awaits_rescind(c)))
        c = c->next;
    if (c) {
        /* Note it before the call: an observer may wait, and then this work
         * item runs again inside itself. */
        c->told = offered ? OFFER_TOLD : OFFER_TOLD_RESCIND;
        c->holds++;
        vmbus_locked_notify(bus); /* for what else there is */
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    if (c)
        call_all(c, offered);
    return c != NULL;
}

/* Offers first, then rescinds, then releases: whoever waits for a connection,
 * or for the end of a channel, finds all of them reported. */
bool vmbus_tell_channels(struct vmbus_bus *bus)
{
    return tell_one(bus, true) || tell_one(bus, false) ||
           vmbus_release_one(bus);
}

void vmbus_bus_observe(struct vmbus_bus *bus, struct vmbus_observer *o)
{
    struct vmbus_channel *c = NULL;

    /* A channel whose offer was not reported yet will be, to this observer
     * too. */
    while ((c = vmbus_bus_next(bus, c)) != NULL)
        if (c->told != OFFER_TOLD_NOTHING && o->offered)
            o->offered(o->arg, c);
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
}
