/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every file that handles a channel needs: finding it by its relid,
 * changing its state, and queueing its RESCIND.
 */
#include "vmbus/host/private.h"

/* A guest may name only a channel that was offered to it in this connection. */
struct vmbus_host_channel *
vmbus_host_channel_known(struct vmbus_host *h, const struct host_message *m,
                         uint32_t relid)
{
    struct vmbus_host_channel *ch =
        relid < HOST_RELIDS ? h->relids[relid] : NULL;

    if (ch && ch->known == HOST_OFFERED)
        return ch;
    vmbus_host_rule_broken(h, VMBUS_HOST_RULE_UNKNOWN_RELID, m->type, relid);
    return NULL;
}

/*
 * A guest may choose how it signals and is signalled; a closed channel has the
 * defaults again.
 */
void vmbus_host_channel_forget_choices(struct vmbus_host_channel *ch)
{
    ch->connection = HOST_CONNECTION(ch->relid);
    ch->event_flag = (uint16_t)ch->relid;
    ch->sint = WIRE_SINT;
}

/* Under the lock, because events read the state at DISPATCH. */
void vmbus_host_channel_set_state(struct vmbus_host_channel *ch,
                                  enum host_channel_state state)
{
    struct vmbus_host *h = ch->host;
    uint8_t irql = seam_lock(h->seam, &h->lock);

    ch->state = state;
    if (state == HOST_CLOSED)
        vmbus_host_channel_forget_choices(ch);
    seam_unlock(h->seam, &h->lock, irql);
}

struct vmbus_host_channel *
vmbus_host_channel_candidate(const struct vmbus_host *h,
                             const struct vmbus_guid *instance,
                             const struct vmbus_host_channel *previous)
{
    uint32_t bucket = chain_guid_bucket(instance, HOST_INSTANCE_BUCKETS);
    struct chain *link =
        previous ? previous->by_instance.next : h->by_instance[bucket];

    return link ? CHAIN_OWNER(link, struct vmbus_host_channel, by_instance)
                : NULL;
}

/* Sent once for a channel; the reply was reserved with the object. */
void vmbus_host_channel_rescind(struct vmbus_host_channel *ch)
{
    const struct wire_relid w = {
        .header.type = WIRE_RESCIND,
        .relid = ch->relid,
    };
    struct host_reply *r = ch->rescind_reply;
    uint8_t irql;

    if (ch->rescinded)
        return;
    /* Under the lock: a signal on another processor looks at it. */
    irql = seam_lock(ch->host->seam, &ch->host->lock);
    ch->rescinded = true;
    seam_unlock(ch->host->seam, &ch->host->lock, irql);
    ch->rescind_reply = NULL;
    vmbus_host_reply_send(ch->host, r, &w, sizeof(w));
}

/*
 * A configuration without vp_count does not know the guest's processors, and
 * accepts every index.
 */
bool vmbus_host_vp_exists(const struct vmbus_host *h, uint32_t vp)
{
    return h->config.vp_count == 0 || vp < h->config.vp_count;
}
