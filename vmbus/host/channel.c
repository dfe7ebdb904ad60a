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

/*
 * Its own default id, or one outside of the bus's own ids and of the range from
 * which other channels have their defaults.
 */
bool vmbus_host_connection_allowed(uint32_t relid, uint32_t connection)
{
    if (connection == HOST_CONNECTION(relid))
        return true;
    return connection > WIRE_CONNECTION_MULTI_MESSAGE &&
           (connection < HOST_CONNECTION(0) ||
            connection >= HOST_CONNECTION(0) + HOST_RELIDS);
}

/* Two channels with one id could not be told apart. */
static bool connection_free(const struct vmbus_host *h,
                            const struct vmbus_host_channel *self,
                            uint32_t connection)
{
    if (!vmbus_host_connection_allowed(self->relid, connection))
        return false;
    for (const struct vmbus_host_channel *ch = h->channels; ch; ch = ch->next) {
        if (ch != self && ch->connection == connection)
            return false;
    }
    return true;
}

/* Copies those parameters of the open that the negotiated version has. */
static void take_parameters(struct vmbus_host_channel *ch,
                            const struct host_message *m)
{
    const struct wire_open *w = &m->open;
    struct vmbus_host *h = ch->host;
    uint8_t irql = seam_lock(h->seam, &h->lock);

    /* Step 1: what every version has. */
    ch->open_id = w->open_id;
    ch->gpadl = w->gpadl;
    ch->downstream_page = w->downstream_page;
    /* Before 2.4 the field is something else, and VP 0 serves all. */
    ch->target_vp = h->version >= VMBUS_VERSION_2_4 ? w->target_vp : 0;
    memcpy(ch->user_data, w->user_data, sizeof(ch->user_data));
    /* Step 2: what the guest may choose with features of 6.0. */
    if (h->features & VMBUS_FEATURE_SIGNAL_PARAMETERS) {
        ch->connection = w->connection;
        ch->event_flag = w->event_flag;
    }
    if ((h->features & VMBUS_FEATURE_REDIRECT_INTERRUPT) && (w->flags & 1))
        ch->sint = HOST_REDIRECT_SINT;
    seam_unlock(h->seam, &h->lock, irql);
}

/*
 * Checks the open. 0: it can be. Otherwise the status to refuse it with, after
 * reporting the rule that it breaks.
 */
static uint32_t check_open(struct vmbus_host *h,
                           const struct vmbus_host_channel *ch,
                           const struct host_message *m)
{
    const struct wire_open *w = &m->open;
    const struct host_gpadl *g =
        vmbus_host_rings_check(h, ch, w->gpadl, w->downstream_page);
    enum vmbus_host_rule rule;

    /* The server still uses the rings of the opening before. */
    if (ch->state == HOST_CLOSING) {
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_OPEN_STATE, m->type,
                               ch->relid);
        return HOST_STATUS_STATE;
    }
    if (!g || g->state != HOST_GPADL_READY)
        rule = VMBUS_HOST_RULE_OPEN_RING;
    else if (h->version >= VMBUS_VERSION_2_4 &&
             w->target_vp != VMBUS_HOST_NO_INTERRUPT &&
             !vmbus_host_vp_exists(h, w->target_vp))
        rule = VMBUS_HOST_RULE_OPEN_TARGET;
    else if ((h->features & VMBUS_FEATURE_SIGNAL_PARAMETERS) &&
             (!connection_free(h, ch, w->connection) || w->event_flag == 0 ||
              w->event_flag >= HOST_RELIDS))
        rule = VMBUS_HOST_RULE_OPEN_SIGNAL;
    else
        return 0;
    vmbus_host_rule_broken(h, rule, m->type, ch->relid);
    return HOST_STATUS_PARAMETER;
}

/* Maps the rings; without them the channel is closed again. */
static uint32_t prepare_open(struct vmbus_host *h,
                             struct vmbus_host_channel *ch,
                             const struct host_message *m)
{
    take_parameters(ch, m);
    if (vmbus_host_rings_map(ch, vmbus_host_gpadl_find(h, ch->gpadl)) == 0)
        return 0;
    vmbus_host_channel_set_state(ch, HOST_CLOSED);
    return HOST_STATUS_RESOURCES;
}

/* OPENCHANNEL_RESULT names the open that it answers by open_id. */
static void send_result(struct vmbus_host *h, struct host_reply *r,
                        uint32_t relid, uint32_t open_id, uint32_t status)
{
    const struct wire_open_result w = {
        .header.type = WIRE_OPEN_RESULT,
        .relid = relid,
        .open_id = open_id,
        .status = status,
    };

    vmbus_host_reply_send(h, r, &w, sizeof(w));
}

/*
 * Step 1: find the channel. An open that crossed the RESCIND is answered by it.
 */
void vmbus_host_on_open(struct vmbus_host *h, const struct host_message *m)
{
    const struct wire_open *w = &m->open;
    struct vmbus_host_channel *ch = vmbus_host_channel_known(h, m, w->relid);
    uint32_t status;

    /* A rescinded channel's open has crossed the RESCIND: that is its
     * answer. */
    if (!ch || ch->rescinded)
        return;
    /* No result here: it would be taken for that of the first open. */
    if (ch->state == HOST_OPEN || ch->state == HOST_OPENING) {
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_OPEN_STATE, m->type,
                               ch->relid);
        return;
    }
    /* Step 2: check, then map. */
    status = check_open(h, ch, m);
    if (status == 0)
        status = prepare_open(h, ch, m);
    if (status != 0) {
        send_result(h, vmbus_host_reply_take(h), ch->relid, w->open_id, status);
        return;
    }
    /* Step 3: ask the server, which may answer inside the callback. */
    ch->open_reply = vmbus_host_reply_take(h);
    vmbus_host_channel_set_state(ch, HOST_OPENING);
    vmbus_host_channel_tell_open(ch, false);
}

/* A server without the callback accepts every open. */
void vmbus_host_channel_tell_open(struct vmbus_host_channel *ch, bool restored)
{
    struct vmbus_host_open open = {
        .open_id = ch->open_id,
        .target_vp = ch->target_vp,
        .restored = restored,
    };

    if (!ch->server.opened) {
        vmbus_host_open_answer(ch, 0);
        return;
    }
    memcpy(open.user_data, ch->user_data, sizeof(open.user_data));
    vmbus_host_rings_areas(ch, &open);
    ch->server.opened(ch->context, ch, &open);
}

/*
 * The rings are not used any more, and the guest may already have asked for
 * their GPADL back.
 */
static void let_rings_go(struct vmbus_host_channel *ch)
{
    struct vmbus_host *h = ch->host;
    struct host_gpadl *g;

    vmbus_host_rings_unmap(ch);
    vmbus_host_channel_set_state(ch, HOST_CLOSED);
    g = vmbus_host_gpadl_find(h, ch->gpadl);
    if (g && g->channel == ch)
        vmbus_host_gpadl_settle(h, g);
}

/* A late answer, for a channel that meanwhile closed, is ignored. */
void vmbus_host_open_answer(struct vmbus_host_channel *channel, uint32_t status)
{
    struct vmbus_host *h = channel->host;
    struct host_reply *r = channel->open_reply;

    /* A guest that leaves is not answered; `closed` is about to come. */
    if (channel->state != HOST_OPENING || h->drain != HOST_DRAIN_NONE)
        return;
    channel->open_reply = NULL;
    if (status == 0)
        vmbus_host_channel_set_state(channel, HOST_OPEN);
    if (r)
        send_result(h, r, channel->relid, channel->open_id, status);
    if (status == 0)
        return;
    /* The guest of a restored channel was told long ago that it is open. */
    if (!r)
        vmbus_host_channel_rescind(channel);
    let_rings_go(channel);
}

/* An open that was not answered yet never will be. */
void vmbus_host_channel_close(struct vmbus_host_channel *ch)
{
    vmbus_host_reply_free(ch->host, &ch->open_reply);
    vmbus_host_channel_set_state(ch, HOST_CLOSING);
    if (ch->owned && ch->server.closed)
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
    let_rings_go(channel);
    h->upper->drain_step(h);
}

/* Only a primary channel, index 0, has sub-channels. */
static bool subchannels_open(const struct vmbus_host_channel *ch)
{
    const struct vmbus_host_offer *a = &ch->offer;

    if (a->subchannel != 0)
        return false;
    for (const struct vmbus_host_channel *o = ch->host->channels; o;
         o = o->next) {
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

    if (!ch || ch->rescinded)
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
    if (vp == VMBUS_HOST_NO_INTERRUPT || !vmbus_host_vp_exists(h, vp)) {
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

    if (!ch || ch->rescinded)
        return;
    if (vmbus_host_reply_waits(h, WIRE_MODIFY_CHANNEL_RESPONSE, relid))
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_MODIFY_TWICE, m->type, relid);
    w.status = modify(h, ch, m);
    if (h->version >= VMBUS_VERSION_5_3)
        vmbus_host_reply_send(h, vmbus_host_reply_take(h), &w, sizeof(w));
}
