/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offers: from OFFERCHANNEL over RESCIND to RELID_RELEASED.
 * [linux channel_mgmt.c], [openvmm proto]
 */
#include "vmbus/guest/bus.h"

#include <errno.h>

#include "vmbus/wire/memory.h"

#define MONITORS 128u /* four groups of 32 */

struct vmbus_channel *locked_channel(struct vmbus_bus *bus, uint32_t relid)
{
    return relid <= VMBUS_RELID_MAX ? bus->by_relid[relid] : NULL;
}

/* ---- arrival ------------------------------------------------------------ */

static void read_offer(struct vmbus_bus *bus, struct vmbus_offer *o,
                       const struct wire_offer *m)
{
    o->type = m->type;
    o->instance = m->instance;
    o->flags = m->flags;
    o->mmio_megabytes = m->mmio_megabytes;
    o->mmio_megabytes_optional = m->mmio_megabytes_optional;
    o->subchannel = m->subchannel;
    o->relid = m->relid;
    o->monitor = m->monitor;
    o->monitored = m->monitor_allocated & 1;
    memcpy(o->user_data, m->user_data, sizeof(o->user_data));
    /* 0.13 ends before these two and shares one event. */
    o->connection = WIRE_CONNECTION_EVENT;
    if (bus->version >= VMBUS_VERSION_1_1) {
        o->dedicated = m->dedicated & 1;
        o->connection = m->connection;
    }
}

static const char *offer_fault(struct vmbus_bus *bus,
                               const struct vmbus_offer *o)
{
    if (o->relid == 0 || o->relid > VMBUS_RELID_MAX)
        return "its relid is not in 1..2047";
    if (bus->by_relid[o->relid])
        return "its relid is in use";
    if (o->monitored && o->monitor >= MONITORS)
        return "its monitor id is not below 128";
    return NULL;
}

static uint32_t build_release(void *owner, uint32_t step, void *message)
{
    const struct vmbus_channel *c = owner;
    struct wire_relid *m = message;
    uint32_t size = sizeof(*m);

    if (step)
        return 0;
    wire_begin(m, WIRE_RELID_RELEASED, size);
    m->relid = c->offer.relid;
    return size;
}

static void unlink_channel(struct vmbus_channel *c)
{
    struct vmbus_channel **at = &c->bus->channels;

    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
}

void channel_free(struct vmbus_channel *c)
{
    seam_free(c->bus->seam, c, sizeof(*c));
}

static void release_sent(void *owner, int status)
{
    struct vmbus_channel *c = owner;

    /* If it could not be sent the host keeps the relid and will not use it
     * again: nothing is lost but a number. */
    (void)status;
    c->bus->by_relid[c->offer.relid] = NULL;
    count(&c->bus->stats.releases, 1);
    unlink_channel(c);
    channel_free(c);
}

static void link_channel(struct vmbus_bus *bus, struct vmbus_channel *c)
{
    struct vmbus_channel **at = &bus->channels;

    while (*at)
        at = &(*at)->next;
    *at = c;
    bus->by_relid[c->offer.relid] = c;
}

void locked_offer(struct vmbus_bus *bus, const void *message, uint32_t size)
{
    struct vmbus_offer offer = {0};
    struct vmbus_channel *c;
    const char *fault;

    (void)size;
    read_offer(bus, &offer, message);
    fault = offer_fault(bus, &offer);
    c = fault ? NULL : seam_alloc(bus->seam, sizeof(*c));
    if (!c) {
        count(&bus->stats.messages_refused, 1);
        complain(bus, COMPLAINT_OFFER, "offer of relid %u refused: %s",
                 offer.relid, fault ? fault : "no memory for it");
        return;
    }
    c->bus = bus;
    c->offer = offer;
    post_init(&c->release, WIRE_RELID_RELEASED, c, build_release, release_sent);
    channel_init(c);
    link_channel(bus, c);
    count(&bus->stats.offers, 1);
    locked_tl_offer(bus, &c->offer);
    locked_notify(bus);
}

/* ---- going away --------------------------------------------------------- */

/* Those of `c`, or all. */
static void locked_gpadls_lost(struct vmbus_bus *bus,
                               const struct vmbus_channel *c, int status,
                               bool leaked)
{
    for (struct gpadl *g = bus->gpadls, *next; g; g = next) {
        next = g->next;
        if (!c || g->channel == c)
            locked_gpadl_lost(g, status, leaked);
    }
}

void locked_rescind(struct vmbus_bus *bus, const void *message, uint32_t size)
{
    const struct wire_relid *m = message;
    struct vmbus_channel *c = locked_channel(bus, m->relid);

    (void)size;
    if (!c || c->rescinded) {
        count(&bus->stats.messages_refused, 1);
        complain(bus, COMPLAINT_OFFER, "RESCIND of relid %u refused: %s",
                 m->relid, c ? "it came before" : "it is not offered");
        return;
    }
    count(&bus->stats.rescinds, 1);
    c->rescinded = true;
    locked_gpadls_lost(bus, c, -ENODEV, false);
    locked_channel_lost(c, -ENODEV);
    locked_notify(bus);
}

void locked_channels_end(struct vmbus_bus *bus, bool confirmed)
{
    for (struct vmbus_channel *c = bus->channels; c; c = c->next) {
        c->host_keeps = !confirmed && !c->rescinded;
        c->rescinded = true;
        c->host_gone = true;
        c->releasing = false;
    }
    locked_gpadls_lost(bus, NULL, -ECANCELED, !confirmed);
    for (struct vmbus_channel *c = bus->channels; c; c = c->next)
        locked_channel_lost(c, -ECANCELED);
    memset(bus->by_relid, 0,
           (VMBUS_RELID_MAX + 1) * sizeof(struct vmbus_channel *));
}

/* What nobody claims is closed and has no GPADL. */
static bool may_go(const struct vmbus_channel *c)
{
    return c->rescinded && !c->releasing && !c->claimed && c->holds == 0 &&
           (c->told_rescind || !c->told);
}

/* Rescinded and nobody's: RELID_RELEASED, and it is no more. */
bool reap_channel(struct vmbus_bus *bus)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    struct vmbus_channel *c = bus->channels;

    while (c && !may_go(c))
        c = c->next;
    if (c && c->host_gone) {
        unlink_channel(c);
        channel_free(c);
    } else if (c) {
        c->releasing = true;
        locked_post(bus, &c->release);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    return c != NULL;
}
