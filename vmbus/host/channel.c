/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open, close, modify. [openvmm server] [linux channel.c]
 *
 *     CLOSED --OPENCHANNEL--> OPENING --server answers 0--> OPEN
 *       ^                       | server refuses              |
 *       +-----------------------+                      CLOSECHANNEL
 *       +---- server answers ---- CLOSING <-----------------+
 *
 * The server decides about an open and learns of a close, and may answer each
 * at once or later. The rings are mapped as long as the channel is not CLOSED.
 */
#include "vmbus/host/private.h"

#include "vmbus/wire/memory.h"

/* An open that was not answered yet never will be. */
void vmbus_host_channel_close(struct vmbus_host_channel *ch)
{
    vmbus_host_reply_free(ch->host, &ch->open_reply);
    vmbus_host_channel_set_state(ch, HOST_CLOSING);
    if (ch->owner == HOST_OWNED && ch->server.closed)
        ch->server.closed(ch->context, ch);
    else
        vmbus_host_close_answer(ch);
}

/*
 * CLOSECHANNEL has no answer on the wire: the guest waits for the teardown of
 * the ring's GPADL, which is settled here.
 */
void vmbus_host_close_answer(struct vmbus_host_channel *channel)
{
    struct vmbus_host *h = channel->host;

    SEAM_ASSERT(h->seam, channel->state == HOST_CLOSING,
                "a close is answered once, after it was told");
    SEAM_ASSERT(h->seam, channel->memory_maps == 0,
                "unmap external memory before vmbus_host_close_answer");
    vmbus_host_open_end(channel);
    vmbus_host_open_go_on(channel);
    h->upper->drain_step(h);
}

/* Only a primary channel, index 0, has sub-channels. */
static bool subchannels_open(const struct vmbus_host_channel *ch)
{
    const struct vmbus_host_offer *a = &ch->offer;

    if (a->subchannel != 0)
        return false;
    for (const struct vmbus_host_channel *o = NULL;
         (o = vmbus_host_channel_candidate(ch->host, &a->instance, o));) {
        const struct vmbus_host_offer *b = &o->offer;

        if (o != ch && o->state == HOST_OPEN &&
            vmbus_guid_equal(&a->type, &b->type) &&
            vmbus_guid_equal(&a->instance, &b->instance))
            return true;
    }
    return false;
}

/* The order of closing is a rule, but not one to refuse a close for. */
void vmbus_host_on_close(struct vmbus_host *h, const struct host_message *m)
{
    struct vmbus_host_channel *ch =
        vmbus_host_channel_known(h, m, m->relid.relid);

    /* Step 1: one that crossed the RESCIND of a closed channel is answered by
     * it. */
    if (!ch || (ch->rescinded && ch->state != HOST_OPEN))
        return;
    if (ch->state != HOST_OPEN) {
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_CLOSE_STATE, m->type,
                               ch->relid);
        return;
    }
    if (subchannels_open(ch))
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_CLOSE_ORDER, m->type,
                               ch->relid);
    vmbus_host_channel_close(ch);
}

/* Moves the channel's interrupts to another virtual processor. */
static uint32_t modify(struct vmbus_host *h, struct vmbus_host_channel *ch,
                       const struct host_message *m)
{
    uint32_t vp = m->modify.target_vp;
    uint8_t irql;

    if (ch->state != HOST_OPEN) {
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_MODIFY_STATE, m->type,
                               ch->relid);
        return HOST_STATUS_STATE;
    }
    /* Interrupts cannot be switched on or off in this way. */
    if (vp == VMBUS_HOST_NO_INTERRUPT ||
        ch->target_vp == VMBUS_HOST_NO_INTERRUPT ||
        !vmbus_host_vp_exists(h, vp)) {
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_MODIFY_TARGET, m->type,
                               ch->relid);
        return HOST_STATUS_PARAMETER;
    }
    irql = seam_lock(h->seam, &h->lock);
    ch->target_vp = vp;
    seam_unlock(h->seam, &h->lock, irql);
    return 0;
}

/*
 * Before 5.3 there is no answer, so the guest cannot know when it took effect.
 */
void vmbus_host_on_modify_channel(struct vmbus_host *h,
                                  const struct host_message *m)
{
    uint32_t relid = m->modify.relid;
    struct vmbus_host_channel *ch = vmbus_host_channel_known(h, m, relid);
    struct wire_modify_channel_response w = {
        .header.type = WIRE_MODIFY_CHANNEL_RESPONSE,
        .relid = relid,
    };

    if (vmbus_host_reply_waits(h, WIRE_MODIFY_CHANNEL_RESPONSE, relid))
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_MODIFY_TWICE, m->type, relid);
    /* A rescinded channel is answered, too: the guest waits for it before it
     * releases the relid. So is a relid that nobody has: a guest that asked
     * waits all the same. [openvmm server] */
    if (!ch)
        w.status = HOST_STATUS_PARAMETER;
    else
        w.status = ch->rescinded ? HOST_STATUS_STATE : modify(h, ch, m);
    if (h->version >= VMBUS_VERSION_5_3)
        vmbus_host_reply_send(h, vmbus_host_reply_take(h), &w, sizeof(w));
}
