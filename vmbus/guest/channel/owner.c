/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding channels and owning them.
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/guest/gpadl/gpadl.h"

/* ---- finding ------------------------------------------------------------- */

const struct vmbus_offer *vmbus_channel_offer(const struct vmbus_channel *c)
{
    return &c->offer;
}

bool vmbus_channel_rescinded(const struct vmbus_channel *c)
{
    return channel_is_gone(c);
}

bool vmbus_channel_let_go(const struct vmbus_channel *c)
{
    return channel_is_gone(c) && channel_offered(c) != OFFER_ABANDONED;
}

/* Channels are freed at PASSIVE only, so `previous` is still in the list. */
struct vmbus_channel *vmbus_bus_next(struct vmbus_bus *bus,
                                     const struct vmbus_channel *previous)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct vmbus_channel *c = previous ? previous->next : bus->channels;

    while (c && channel_is_gone(c))
        c = c->next;
    seam_unlock(bus->seam, &bus->lock, irql);
    return c;
}

/* NULL wants any. */
static bool matches(const struct vmbus_guid *wanted,
                    const struct vmbus_guid *found)
{
    return !wanted || vmbus_guid_equal(wanted, found);
}

/* The next channel that may have this instance; with NULL, of all of them. */
static struct vmbus_channel *locked_next(struct vmbus_bus *bus,
                                         const struct vmbus_guid *instance,
                                         const struct vmbus_channel *previous)
{
    if (instance)
        return vmbus_locked_channel_candidate(bus, instance, previous);
    return previous ? previous->next : bus->channels;
}

struct vmbus_channel *vmbus_bus_find(struct vmbus_bus *bus,
                                     const struct vmbus_guid *type,
                                     const struct vmbus_guid *instance,
                                     uint16_t subchannel)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct vmbus_channel *found = NULL, *c = NULL;

    /* The chain of an instance begins with the newest; the first is wanted. */
    while ((c = locked_next(bus, instance, c)) != NULL && (instance || !found))
        /* Sub-channels have the GUIDs of their primary channel. */
        if (!channel_is_gone(c) && !c->claimed &&
            c->offer.subchannel == subchannel &&
            matches(type, &c->offer.type) &&
            matches(instance, &c->offer.instance))
            found = c;
    seam_unlock(bus->seam, &bus->lock, irql);
    return found;
}

/* ---- owning -------------------------------------------------------------- */

/* Only one driver may own a channel, and none a channel that is going away. */
int vmbus_channel_claim(struct vmbus_channel *c)
{
    uint8_t irql = seam_lock(c->bus->seam, &c->bus->lock);
    int status = 0;

    if (channel_is_gone(c))
        status = -ENODEV;
    else if (c->claimed)
        status = -EBUSY;
    else
        c->claimed = true;
    if (!status && c->told == OFFER_TOLD_STALE)
        c->told = OFFER_TOLD; /* nobody else can claim it any more */
    seam_unlock(c->bus->seam, &c->bus->lock, irql);
    return status;
}

void vmbus_channel_unclaim(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    /* Whoever broke these rules would use freed memory later. */
    SEAM_ASSERT(bus->seam, c->claimed, "only the owner gives it up");
    SEAM_ASSERT(bus->seam, c->state == CHANNEL_CLOSED, "close it first");
    SEAM_ASSERT(bus->seam, !vmbus_locked_channel_has_gpadls(c),
                "tear its GPADLs down first");
    c->claimed = false;
    if (c->told == OFFER_TOLD)
        c->told = OFFER_TOLD_STALE;
    /* If it is rescinded, nothing keeps it from being released any more; if
     * not, others may have waited for it. */
    vmbus_locked_channel_due(c);
    seam_unlock(bus->seam, &bus->lock, irql);
}
