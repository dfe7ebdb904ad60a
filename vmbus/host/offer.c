/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Publishing channels: relids and monitor ids, the objects, OFFERCHANNEL as
 * each version knows it, and the guest's REQUESTOFFERS. [openvmm proto]
 * [linux channel_mgmt.c]
 */
#include "vmbus/host/private.h"

#include "vmbus/wire/memory.h"

/* A channel is what it is by type, instance and sub-channel index. */
static bool same_identity(const struct vmbus_host_offer *a,
                          const struct vmbus_host_offer *b)
{
    return vmbus_guid_equal(&a->type, &b->type) &&
           vmbus_guid_equal(&a->instance, &b->instance) &&
           a->subchannel == b->subchannel;
}

/*
 * A withdrawn channel does not count: its successor is another channel with
 * another relid.
 */
static struct vmbus_host_channel *
find_identity(struct vmbus_host *h, const struct vmbus_host_offer *offer)
{
    struct vmbus_host_channel *ch = NULL;

    while ((ch = vmbus_host_channel_candidate(h, &offer->instance, ch)) != NULL)
        if (ch->owner != HOST_WITHDRAWN && same_identity(&ch->offer, offer))
            return ch;
    return NULL;
}

/*
 * The lowest free one; 0: all are in use. A relid is free only when the guest
 * has released it.
 */
static uint32_t free_relid(struct vmbus_host *h)
{
    uint32_t relid = h->free_from ? h->free_from : 1;

    while (relid <= h->config.max_channels && h->relids[relid])
        relid++;
    h->free_from = relid;
    return relid <= h->config.max_channels ? relid : 0;
}

/* A channel without a free monitor id is offered without monitoring. */
static uint8_t free_monitor(const struct vmbus_host *h)
{
    for (uint8_t id = 0; id < HOST_MONITORS; id++) {
        if (!h->monitors[id])
            return id;
    }
    return HOST_NO_MONITOR;
}

/*
 * At the end of the list, because offers go out in the order of publishing.
 * Under the lock, because events look channels up at DISPATCH.
 */
static void link_channel(struct vmbus_host *h, struct vmbus_host_channel *ch)
{
    uint32_t bucket =
        chain_guid_bucket(&ch->offer.instance, HOST_INSTANCE_BUCKETS);
    uint8_t irql = seam_lock(h->seam, &h->lock);

    ch->previous = h->last_channel;
    *(ch->previous ? &ch->previous->next : &h->channels) = ch;
    h->last_channel = ch;
    if (!h->offer_from)
        h->offer_from = ch;
    chain_put(&h->by_instance[bucket], &ch->by_instance);
    h->relids[ch->relid] = ch;
    if (ch->monitor != HOST_NO_MONITOR)
        h->monitors[ch->monitor] = ch;
    seam_unlock(h->seam, &h->lock, irql);
}

/* From here on no event finds the channel. */
static void unlink_channel(struct vmbus_host *h, struct vmbus_host_channel *ch)
{
    uint8_t irql = seam_lock(h->seam, &h->lock);

    if (h->offer_from == ch)
        h->offer_from = ch->next;
    *(ch->previous ? &ch->previous->next : &h->channels) = ch->next;
    *(ch->next ? &ch->next->previous : &h->last_channel) = ch->previous;
    chain_take_out(&ch->by_instance);
    h->relids[ch->relid] = NULL;
    if (ch->relid < h->free_from)
        h->free_from = ch->relid;
    if (ch->monitor != HOST_NO_MONITOR)
        h->monitors[ch->monitor] = NULL;
    seam_unlock(h->seam, &h->lock, irql);
}

struct vmbus_host_channel
    *
    /*
     * The reply for a later RESCIND is reserved now: withdrawing a channel must
     * not fail for lack of memory.
     */
    vmbus_host_channel_make(struct vmbus_host *h,
                            const struct vmbus_host_offer *offer,
                            uint32_t relid, uint8_t monitor)
{
    struct vmbus_host_channel *ch = seam_alloc(h->seam, sizeof(*ch));
    struct host_reply *rescind = vmbus_host_reply_alloc(h);

    if (!ch || !rescind) {
        vmbus_host_reply_free(h, &rescind);
        if (ch)
            seam_free(h->seam, ch, sizeof(*ch));
        return NULL;
    }
    ch->host = h;
    ch->offer = *offer;
    ch->relid = relid;
    ch->monitor = monitor;
    ch->connection = HOST_CONNECTION(relid);
    ch->event_flag = (uint16_t)relid;
    ch->sint = WIRE_SINT;
    ch->rescind_reply = rescind;
    link_channel(h, ch);
    return ch;
}

/* Unlinked first, so that no event finds half an object. */
void vmbus_host_channel_free(struct vmbus_host_channel *ch)
{
    struct vmbus_host *h = ch->host;

    unlink_channel(h, ch);
    vmbus_host_rings_unmap(ch);
    vmbus_host_reply_free(h, &ch->open_reply);
    vmbus_host_reply_free(h, &ch->rescind_reply);
    seam_free(h->seam, ch, sizeof(*ch));
}

/*
 * A server takes over a channel that was restored. If its rings cannot be
 * mapped, nothing is undone: another server may try.
 */
static int claim(struct vmbus_host_channel *ch,
                 const struct vmbus_host_offer *offer,
                 const struct vmbus_host_server *server, void *context,
                 struct vmbus_host_channel **channel)
{
    bool open = ch->state == HOST_OPEN || ch->state == HOST_OPENING;

    if (ch->offer.flags != offer->flags)
        return -EINVAL;
    if (open &&
        vmbus_host_rings_map(ch, vmbus_host_gpadl_find(ch, ch->gpadl)) != 0)
        return -EFAULT;
    ch->offer = *offer;
    ch->server = *server;
    ch->context = context;
    ch->owner = HOST_OWNED;
    vmbus_host_offers_changed(ch->host);
    *channel = ch;
    if (open) {
        vmbus_host_channel_set_state(ch, HOST_OPENING);
        vmbus_host_channel_tell_open(ch, true);
    }
    return 0;
}

/*
 * Step 1: an identity that exists is claimed after a restore, and refused
 * otherwise.
 */
int vmbus_host_offer(struct vmbus_host *host,
                     const struct vmbus_host_offer *offer,
                     const struct vmbus_host_server *server, void *context,
                     struct vmbus_host_channel **channel)
{
    struct vmbus_host_channel *ch = find_identity(host, offer);
    uint8_t monitor = offer->monitor ? free_monitor(host) : HOST_NO_MONITOR;
    uint32_t relid = free_relid(host);

    if (offer->flags & ~VMBUS_HOST_OFFER_FLAGS)
        return -EINVAL;
    if (ch)
        return ch->owner == HOST_OWNED
                   ? -EEXIST
                   : claim(ch, offer, server, context, channel);
    /* Step 2: a new channel needs a relid and memory. */
    if (relid == 0)
        return -ENOSPC;
    ch = vmbus_host_channel_make(host, offer, relid, monitor);
    if (!ch)
        return -ENOMEM;
    ch->server = *server;
    ch->context = context;
    ch->owner = HOST_OWNED;
    host->used = true;
    *channel = ch;
    /* Step 3: a guest that has asked for offers gets this one now. */
    host->upper->pump(host);
    return 0;
}

/*
 * True: the guest has not released a withdrawn channel of the same identity
 * yet. Linux drops for good an offer that it gets before that, so it has to
 * wait. [linux channel_mgmt.c]
 */
static bool is_held_back(const struct vmbus_host_channel *ch)
{
    const struct vmbus_host_channel *o = NULL;

    while ((o = vmbus_host_channel_candidate(ch->host, &ch->offer.instance,
                                             o)) != NULL)
        if (o->owner == HOST_WITHDRAWN && o->known == HOST_OFFERED &&
            same_identity(&o->offer, &ch->offer))
            return true;
    return false;
}

bool vmbus_host_has_successor(const struct vmbus_host_channel *ch)
{
    return find_identity(ch->host, &ch->offer) != NULL;
}

void vmbus_host_offers_changed(struct vmbus_host *h)
{
    h->offer_from = h->channels;
}

/*
 * A guest that asked is told of every channel that has a server, once. One that
 * it released is not offered again in this connection.
 */
struct vmbus_host_channel *vmbus_host_offer_due(struct vmbus_host *h)
{
    struct vmbus_host_channel *ch = h->offer_from;

    if (h->offers == HOST_OFFERS_UNASKED)
        return NULL;
    while (ch && !(ch->owner == HOST_OWNED && ch->known == HOST_UNOFFERED &&
                   !ch->rescinded && !is_held_back(ch)))
        ch = ch->next;
    h->offer_from = ch;
    return ch;
}

/* OFFERCHANNEL in the negotiated version's terms. */
void vmbus_host_offer_fill(const struct vmbus_host_channel *ch,
                           struct wire_offer *w)
{
    const struct vmbus_host_offer *o = &ch->offer;
    const struct vmbus_host *h = ch->host;

    *w = (struct wire_offer){
        .header.type = WIRE_OFFER,
        .type = o->type,
        .instance = o->instance,
        .flags = o->flags,
        .mmio_megabytes = o->mmio_megabytes,
        .subchannel = o->subchannel,
        .mmio_megabytes_optional = o->mmio_megabytes_optional,
        .relid = ch->relid,
    };
    memcpy(w->user_data, o->user_data, sizeof(w->user_data));
    /* The flag may be shown only to a guest that knows the feature. */
    if (!(h->features & VMBUS_FEATURE_PIN_PAGES))
        w->flags &= (uint16_t)~VMBUS_OFFER_PIN_EXTERNAL;
    if (ch->monitor != HOST_NO_MONITOR) {
        w->monitor = ch->monitor;
        w->monitor_allocated = 1;
    }
    /* 0.13 does not have these two; what it reads there is reserved. */
    if (h->version >= VMBUS_VERSION_1_1) {
        w->dedicated = !o->shared_interrupt;
        w->connection = HOST_CONNECTION(ch->relid);
    }
}

/* Once in a connection. A second request breaks a rule and changes nothing. */
void vmbus_host_on_request_offers(struct vmbus_host *h,
                                  const struct host_message *m)
{
    if (h->offers != HOST_OFFERS_UNASKED) {
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_OFFERS_TWICE, m->type, 0);
        return;
    }
    h->offers = HOST_OFFERS_DUE;
    vmbus_host_offers_changed(h);
    h->upper->pump(h);
}

void vmbus_host_channel_info(const struct vmbus_host_channel *channel,
                             struct vmbus_host_channel_info *info)
{
    *info = (struct vmbus_host_channel_info){
        .relid = channel->relid,
        .connection = channel->connection,
        .event_flag = channel->event_flag,
        .target_vp = channel->target_vp,
        .monitor = channel->monitor,
        .offered = channel->known == HOST_OFFERED,
        .open = channel->state == HOST_OPEN,
        .rescinded = channel->rescinded,
    };
}
