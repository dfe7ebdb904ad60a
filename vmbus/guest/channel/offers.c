/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offers, from OFFERCHANNEL over RESCIND to RELID_RELEASED.
 * [linux channel_mgmt.c], [openvmm proto]
 *
 *   STANDING --RESCIND--> RESCINDED --unclaimed--> RELEASING --> freed
 *       `------ end of the connection (from each state) ------> CUT_OFF -->
 * freed
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/guest/gpadl/gpadl.h"
#include "vmbus/wire/memory.h"

#define MONITORS 128u /* four groups of 32 */

/* ---- OFFERCHANNEL -------------------------------------------------------- */

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
    /* Protocol 0.13 has no dedicated flag and no connection id: its offers are
     * two fields shorter, and all channels share one event. */
    o->connection = WIRE_CONNECTION_EVENT;
    if (bus->version >= VMBUS_VERSION_1_1) {
        o->dedicated = m->dedicated & 1;
        o->connection = m->connection;
    }
}

/* Which rule the offer breaks, or NULL. */
static const char *offer_fault(struct vmbus_bus *bus,
                               const struct vmbus_offer *o)
{
    /* Refuse a relid that is out of range: it indexes tables. */
    if (o->relid == 0 || o->relid > VMBUS_RELID_MAX)
        return "its relid is not in 1..2047";
    /* Refuse a relid in use: the host may reuse one only after the guest
     * released it. */
    if (vmbus_locked_channel_find(bus, o->relid))
        return "its relid is in use";
    /* Refuse a monitor bit beyond the monitor page's. */
    if (o->monitored && o->monitor >= MONITORS)
        return "its monitor id is not below 128";
    return NULL;
}

/* The post.build of RELID_RELEASED. */
static uint32_t build_release(void *owner, uint32_t step, void *message)
{
    return vmbus_channel_build_relid(owner, WIRE_RELID_RELEASED, step, message);
}

static void release_sent(void *owner, int status)
{
    struct vmbus_channel *c = owner;

    /* If posting failed, the host keeps the relid and will not offer it again:
     * nothing is lost but a number. */
    (void)status;
    vmbus_locked_relid_free(c);
    count(&c->bus->stats.releases, 1);
    vmbus_locked_channel_remove(c);
}

void vmbus_locked_offer(struct vmbus_bus *bus, const void *message,
                        uint32_t size)
{
    struct vmbus_offer offer = {0};
    struct vmbus_channel *c;
    const char *fault;

    (void)size;
    read_offer(bus, &offer, message);
    fault = offer_fault(bus, &offer);
    c = fault || !vmbus_locked_channel_room(bus, offer.relid)
            ? NULL
            : seam_alloc(bus->seam, sizeof(*c));
    if (!c) {
        count(&bus->stats.messages_refused, 1);
        complain(bus, COMPLAINT_OFFER, "offer of relid %u refused: %s",
                 offer.relid, fault ? fault : "no memory for it");
        /* Release a relid that will not be used. One that broke a rule stays
         * as it is: it may be somebody else's. */
        if (!fault)
            vmbus_locked_offer_lost(bus, offer.relid);
        return;
    }
    c->bus = bus;
    c->offer = offer;
    vmbus_post_init(&c->release, WIRE_RELID_RELEASED, c, build_release,
                    release_sent);
    vmbus_channel_init(c);
    /* Put the channel into the table before any observer is called, because an
     * observer may open it. */
    vmbus_locked_channel_add(c);
    count(&bus->stats.offers, 1);
    /* The host grants TL_CONNECT_REQUEST by this offer. */
    vmbus_locked_tl_offer(bus, &c->offer);
    vmbus_locked_channel_due(c);
}

/* ---- RESCIND, and the end of the connection ------------------------------ */

void vmbus_locked_rescind(struct vmbus_bus *bus, const void *message,
                          uint32_t size)
{
    const struct wire_relid *m = message;
    struct vmbus_channel *c = vmbus_locked_channel_find(bus, m->relid);

    (void)size;
    /* Refuse a second RESCIND: the first one is being worked on. */
    if (!c || channel_is_gone(c)) {
        count(&bus->stats.messages_refused, 1);
        complain(bus, COMPLAINT_OFFER, "RESCIND of relid %u refused: %s",
                 m->relid, c ? "it came before" : "it is not offered");
        return;
    }
    count(&bus->stats.rescinds, 1);
    channel_set_offered(c, OFFER_RESCINDED);
    /* End what waits for an answer about this channel: the host has let go of
     * all its pages. The GPADLs go first, so that an open which is undone finds
     * the rings' GPADL in its last state. */
    vmbus_locked_channel_gpadls_lost(c, -ENODEV);
    vmbus_locked_channel_lost(c, -ENODEV);
    /* The owner closes and unclaims; only then RELID_RELEASED may follow. */
    vmbus_locked_channel_due(c);
}

/* A channel that the host rescinded before is not abandoned: with RESCIND it
 * has let go of it. One of an earlier connection stays as it is. */
static void cut_off(struct vmbus_channel *c, bool confirmed)
{
    if (!channel_is_gone(c) && !confirmed)
        channel_set_offered(c, OFFER_ABANDONED);
    else if (!channel_is_cut_off(c))
        channel_set_offered(c, OFFER_CUT_OFF);
}

void vmbus_locked_channels_end(struct vmbus_bus *bus, bool confirmed)
{
    for (struct vmbus_channel *c = bus->channels; c; c = c->next)
        cut_off(c, confirmed);
    vmbus_locked_gpadls_lost(bus, -ECANCELED, !confirmed);
    for (struct vmbus_channel *c = bus->channels; c; c = c->next)
        vmbus_locked_channel_lost(c, -ECANCELED);
    vmbus_locked_lost_forget(bus);
    for (struct vmbus_channel *c = bus->channels; c; c = c->next) {
        /* The next connection has relids of its own. */
        vmbus_locked_relid_free(c);
        vmbus_locked_channel_due(c);
    }
}

/* ---- RELID_RELEASED ------------------------------------------------------ */

/* A channel that nobody claims is closed and has no GPADL. */
static bool may_go(const struct vmbus_channel *c)
{
    return channel_is_gone(c) && c->offered != OFFER_RELEASING && !c->claimed &&
           c->holds == 0 && c->told != OFFER_TOLD &&
           c->told != OFFER_TOLD_STALE;
}

void vmbus_locked_release(struct vmbus_channel *c)
{
    if (!may_go(c))
        return;
    if (channel_is_cut_off(c)) {
        vmbus_locked_channel_remove(c);
    } else {
        /* Release the relid: until then the host may not offer it again. */
        channel_set_offered(c, OFFER_RELEASING);
        vmbus_locked_post(c->bus, &c->release);
    }
}
