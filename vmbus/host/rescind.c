/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Giving channels up. The server withdraws a channel (RESCIND); the guest
 * releases the relid (RELID_RELEASED). Only both together free the object,
 * since until then either side may still send messages about it.
 *
 *     server withdraws  --RESCIND-->  guest closes, tears down, releases
 *     object freed   <--RELID_RELEASED--
 *
 * A server whose guest needs answers before it can close rescinds first, serves
 * the channel until the guest has closed it, and withdraws then.
 */
#include "vmbus/host/private.h"

/*
 * The server is gone: lets go of the rings and of answers that are due. A GPADL
 * of which frames are still arriving is kept as dead, so that the rest of its
 * frames finds it.
 */
static void abandon(struct vmbus_host_channel *ch)
{
    struct vmbus_host *h = ch->host;
    struct host_gpadl *g, *next;

    vmbus_host_channel_set_state(ch, HOST_CLOSED);
    vmbus_host_rings_unmap(ch);
    vmbus_host_open_cancel(ch);
    vmbus_host_reply_free(h, &ch->open_reply);
    for (g = vmbus_host_gpadl_next(ch, NULL); g; g = next) {
        next = vmbus_host_gpadl_next(ch, g);
        if (g->state == HOST_GPADL_COLLECTING) {
            /* The rest of its frames may be on the way. */
            g->dead = true;
        } else {
            vmbus_host_gpadl_settle(h, g);
        }
    }
}

/* The memory first, then the object that describes whose it was. */
static void forget(struct vmbus_host_channel *ch)
{
    vmbus_host_gpadls_free(ch);
    vmbus_host_channel_free(ch);
}

/* A guest that does not know the channel need not release it. */
void vmbus_host_channel_withdraw(struct vmbus_host_channel *ch)
{
    ch->owner = HOST_WITHDRAWN;
    abandon(ch);
    if (ch->known == HOST_OFFERED)
        vmbus_host_channel_rescind(ch);
    else
        forget(ch);
}

/*
 * A server that withdraws while it still uses the guest's memory, or a primary
 * before its sub-channels, is a mistake in this program.
 */
static void assert_withdrawable(const struct vmbus_host_channel *ch)
{
    struct vmbus_host *h = ch->host;

    SEAM_ASSERT(h->seam, ch->owner == HOST_OWNED,
                "a channel is withdrawn once");
    SEAM_ASSERT(h->seam, ch->memory_maps == 0,
                "unmap external memory before vmbus_host_withdraw");
    for (const struct host_gpadl *g = NULL;
         (g = vmbus_host_gpadl_next(ch, g)) != NULL;)
        SEAM_ASSERT(h->seam, !g->base,
                    "unmap GPADLs before vmbus_host_withdraw");
    for (const struct vmbus_host_channel *o = NULL;
         (o = vmbus_host_channel_candidate(h, &ch->offer.instance, o)) != NULL;)
        SEAM_ASSERT(
            h->seam,
            ch->offer.subchannel != 0 || o->owner != HOST_OWNED ||
                o->offer.subchannel == 0 ||
                !vmbus_guid_equal(&o->offer.type, &ch->offer.type) ||
                !vmbus_guid_equal(&o->offer.instance, &ch->offer.instance),
            "withdraw sub-channels before their primary");
}

/* A drain may have waited for this server alone. */
void vmbus_host_withdraw(struct vmbus_host_channel *channel)
{
    struct vmbus_host *h = channel->host;

    assert_withdrawable(channel);
    vmbus_host_channel_withdraw(channel);
    h->upper->drain_step(h);
}

void vmbus_host_rescind(struct vmbus_host_channel *channel)
{
    SEAM_ASSERT(channel->host->seam,
                channel->owner == HOST_OWNED && channel->state == HOST_OPEN &&
                    !channel->rescinded,
                "an open channel is rescinded, once");
    vmbus_host_channel_rescind(channel);
}

/*
 * The guest is done with the channel for this connection. GPADLs that it left
 * behind are torn down without an answer.
 */
static void give_up(struct vmbus_host *h, const struct host_message *m,
                    struct vmbus_host_channel *ch)
{
    struct host_gpadl *g = NULL;
    bool left = false;

    vmbus_host_open_cancel(ch);
    ch->known = HOST_RELEASED;
    while ((g = vmbus_host_gpadl_next(ch, g)) != NULL) {
        left = true;
        vmbus_host_reply_free(h, &g->reply);
        g->state = HOST_GPADL_TEARING;
    }
    /* Linux tears down nothing of a rescinded channel. */
    if (left && !ch->rescinded)
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_RELEASE_GPADL, m->type,
                               ch->relid);
}

/* The next GPADL of `ch` that its server was not yet asked for, or that nothing
 * holds. */
static struct host_gpadl *unasked(const struct vmbus_host_channel *ch)
{
    struct host_gpadl *g = NULL;

    while ((g = vmbus_host_gpadl_next(ch, g)) != NULL)
        if (!vmbus_host_gpadl_rings(g) && !(g->base && g->told))
            return g;
    return NULL;
}

/* Step 1: a relid may be released only when its channel is closed. */
void vmbus_host_on_released(struct vmbus_host *h, const struct host_message *m)
{
    uint32_t relid = m->relid.relid;
    struct vmbus_host_channel *ch = vmbus_host_channel_known(h, m, relid);
    struct host_gpadl *g;
    bool succeeded;

    if (!ch)
        return;
    if (ch->state == HOST_OPEN || ch->state == HOST_OPENING) {
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_RELEASE_OPEN, m->type, relid);
        return;
    }
    /* Its RESCIND may have crossed this message; the next owner of the relid
     * must not get it. */
    vmbus_host_reply_revoke(h, WIRE_RESCIND, relid);
    vmbus_host_reply_revoke(h, WIRE_MODIFY_CHANNEL_RESPONSE, relid);
    /* Step 2: the server withdrew it before: both sides are done. */
    if (ch->owner == HOST_WITHDRAWN) {
        succeeded = vmbus_host_has_successor(ch);
        forget(ch);
        /* A successor may have waited for this release. */
        if (succeeded)
            vmbus_host_offers_changed(h);
        h->upper->pump(h);
        return;
    }
    /* Step 3: the server still offers it, and learns that the guest's memory
     * goes. */
    give_up(h, m, ch);
    /* Callbacks may change everything, so each look starts anew. */
    while (h->relids[relid] == ch && ch->known == HOST_RELEASED &&
           (g = unasked(ch)) != NULL)
        vmbus_host_gpadl_reclaim(h, g);
}
