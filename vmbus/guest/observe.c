/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is told of offers, who finds them, who owns a channel. */
#include "vmbus/guest/bus.h"

#include <errno.h>

/* ---- telling ------------------------------------------------------------ */

static void tell_all(struct vmbus_channel *c, bool offered)
{
    struct vmbus_bus *bus = c->bus;
    struct vmbus_observer *next;
    uint8_t irql;

    /* An observer may take itself out meanwhile. */
    for (struct vmbus_observer *o = bus->observers; o; o = next) {
        next = o->next;
        if (offered && o->offered)
            o->offered(o->arg, c);
        else if (!offered && o->rescinded)
            o->rescinded(o->arg, c);
    }
    irql = seam_lock(bus->seam, &bus->lock);
    c->holds--;
    seam_unlock(bus->seam, &bus->lock, irql);
}

bool tell_offer(struct vmbus_bus *bus)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct vmbus_channel *c = bus->channels;

    while (c && (c->told || c->rescinded))
        c = c->next;
    if (c) {
        c->told = true;
        c->holds++;
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    if (c)
        tell_all(c, true);
    return c != NULL;
}

bool tell_rescind(struct vmbus_bus *bus)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct vmbus_channel *c = bus->channels;

    while (c && (!c->rescinded || !c->told || c->told_rescind))
        c = c->next;
    if (c) {
        c->told_rescind = true;
        c->holds++;
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    if (c)
        tell_all(c, false);
    return c != NULL;
}

void vmbus_bus_observe(struct vmbus_bus *bus, struct vmbus_observer *o)
{
    struct vmbus_channel *c = NULL;

    while ((c = vmbus_bus_next(bus, c)) != NULL)
        if (c->told && o->offered)
            o->offered(o->arg, c);
    o->next = bus->observers;
    bus->observers = o;
}

void vmbus_bus_unobserve(struct vmbus_bus *bus, struct vmbus_observer *o)
{
    struct vmbus_observer **at = &bus->observers;

    while (*at && *at != o)
        at = &(*at)->next;
    if (*at)
        *at = o->next;
}

/* ---- looking ------------------------------------------------------------ */

const struct vmbus_offer *vmbus_channel_offer(const struct vmbus_channel *c)
{
    return &c->offer;
}

struct vmbus_channel *vmbus_bus_next(struct vmbus_bus *bus,
                                     const struct vmbus_channel *previous)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct vmbus_channel *c = previous ? previous->next : bus->channels;

    while (c && c->rescinded)
        c = c->next;
    seam_unlock(bus->seam, &bus->lock, irql);
    return c;
}

static bool matches(const struct vmbus_guid *wanted,
                    const struct vmbus_guid *found)
{
    return !wanted || vmbus_guid_equal(wanted, found);
}

struct vmbus_channel *vmbus_bus_find(struct vmbus_bus *bus,
                                     const struct vmbus_guid *type,
                                     const struct vmbus_guid *instance,
                                     uint16_t subchannel)
{
    struct vmbus_channel *c = NULL;

    while ((c = vmbus_bus_next(bus, c)) != NULL)
        if (!c->claimed && c->offer.subchannel == subchannel &&
            matches(type, &c->offer.type) &&
            matches(instance, &c->offer.instance))
            break;
    return c;
}

int vmbus_channel_claim(struct vmbus_channel *c)
{
    uint8_t irql = seam_lock(c->bus->seam, &c->bus->lock);
    int status = 0;

    if (c->rescinded)
        status = -ENODEV;
    else if (c->claimed)
        status = -EBUSY;
    else
        c->claimed = true;
    seam_unlock(c->bus->seam, &c->bus->lock, irql);
    return status;
}

void vmbus_channel_unclaim(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    SEAM_ASSERT(bus->seam, c->claimed, "only the owner gives it up");
    SEAM_ASSERT(bus->seam, c->state == CHANNEL_CLOSED, "close it first");
    SEAM_ASSERT(bus->seam, !locked_channel_has_gpadls(c),
                "tear its GPADLs down first");
    c->claimed = false;
    locked_notify(bus);
    seam_unlock(bus->seam, &bus->lock, irql);
}

bool vmbus_channel_rescinded(const struct vmbus_channel *c)
{
    return c->rescinded;
}

bool vmbus_channel_let_go(const struct vmbus_channel *c)
{
    return c->rescinded && !c->host_keeps;
}
