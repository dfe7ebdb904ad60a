/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening a channel: OPENCHANNEL, the server's decision, OPENCHANNEL_RESULT.
 * [openvmm server] [linux channel.c]
 *
 *     guest          host half                          server
 *     OPENCHANNEL -> check, map the rings, OPENING ->   opened
 *                    OPEN, or CLOSED again         <-   vmbus_host_open_answer
 *                 <- OPENCHANNEL_RESULT
 *
 * A guest learns nothing of the end of a close, so it may open the channel
 * again while the server is still closing. Such an open waits (open_waits).
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
    /* The default id of a relid is no other one's choice. */
    if (connection == HOST_CONNECTION(self->relid))
        return true;
    if (!vmbus_host_connection_allowed(self->relid, connection))
        return false;
    for (const struct vmbus_host_channel *ch = h->channels; ch; ch = ch->next) {
        if (ch != self &&
            (ch->connection == connection ||
             (ch->open_waits && ch->waiting_open.connection == connection)))
            return false;
    }
    return true;
}

void vmbus_host_open_take(struct vmbus_host_channel *ch,
                          const struct wire_open *w)
{
    const struct vmbus_host *h = ch->host;

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
}

/* The rule that this open breaks, or VMBUS_HOST_RULE_COUNT. */
static enum vmbus_host_rule broken_rule(struct vmbus_host *h,
                                        const struct vmbus_host_channel *ch,
                                        const struct wire_open *w)
{
    const struct host_gpadl *g =
        vmbus_host_rings_check(ch, w->gpadl, w->downstream_page);

    if (!g || g->state != HOST_GPADL_READY)
        return VMBUS_HOST_RULE_OPEN_RING;
    if (h->version >= VMBUS_VERSION_2_4 &&
        w->target_vp != VMBUS_HOST_NO_INTERRUPT &&
        !vmbus_host_vp_exists(h, w->target_vp))
        return VMBUS_HOST_RULE_OPEN_TARGET;
    if ((h->features & VMBUS_FEATURE_SIGNAL_PARAMETERS) &&
        (!connection_free(h, ch, w->connection) || w->event_flag == 0 ||
         w->event_flag >= HOST_RELIDS))
        return VMBUS_HOST_RULE_OPEN_SIGNAL;
    return VMBUS_HOST_RULE_COUNT;
}

bool vmbus_host_open_fits(struct vmbus_host *h,
                          const struct vmbus_host_channel *ch,
                          const struct wire_open *w)
{
    return broken_rule(h, ch, w) == VMBUS_HOST_RULE_COUNT;
}

/*
 * Checks the open. 0: it can be. Otherwise the status to refuse it with, after
 * reporting the rule that it breaks.
 */
static uint32_t check_open(struct vmbus_host *h,
                           const struct vmbus_host_channel *ch,
                           const struct wire_open *w)
{
    enum vmbus_host_rule rule = broken_rule(h, ch, w);

    if (rule == VMBUS_HOST_RULE_COUNT)
        return 0;
    vmbus_host_rule_broken(h, rule, WIRE_OPEN, ch->relid);
    return HOST_STATUS_PARAMETER;
}

/* Maps the rings; without them the channel is closed again. */
static uint32_t prepare_open(struct vmbus_host *h,
                             struct vmbus_host_channel *ch,
                             const struct wire_open *w)
{
    uint8_t irql = seam_lock(h->seam, &h->lock);

    vmbus_host_open_take(ch, w);
    seam_unlock(h->seam, &h->lock, irql);
    if (vmbus_host_rings_map(ch, vmbus_host_gpadl_find(ch, ch->gpadl)) == 0)
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

/* Opens a closed channel as `w` asks; `r` (consumed) is for the result. */
static void begin_open(struct vmbus_host *h, struct vmbus_host_channel *ch,
                       const struct wire_open *w, struct host_reply *r)
{
    uint32_t status = check_open(h, ch, w);

    if (status == 0)
        status = prepare_open(h, ch, w);
    if (status != 0) {
        send_result(h, r, ch->relid, w->open_id, status);
        return;
    }
    ch->open_reply = r;
    vmbus_host_channel_set_state(ch, HOST_OPENING);
    /* The server may answer inside the callback. */
    vmbus_host_channel_tell_open(ch, false);
}

void vmbus_host_on_open(struct vmbus_host *h, const struct host_message *m)
{
    const struct wire_open *w = &m->open;
    struct vmbus_host_channel *ch = vmbus_host_channel_known(h, m, w->relid);

    /* Step 1: an open that crossed the RESCIND is answered by it. */
    if (!ch || ch->rescinded)
        return;
    /* Step 2: no result here: it would be taken for that of the first open. */
    if (ch->state == HOST_OPEN || ch->state == HOST_OPENING || ch->open_waits) {
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_OPEN_STATE, m->type,
                               ch->relid);
        return;
    }
    /* Step 3: while the server is closing, the open waits. */
    if (ch->state == HOST_CLOSING) {
        ch->waiting_open = *w;
        ch->open_waits = true;
        ch->open_reply = vmbus_host_reply_take(h);
        return;
    }
    begin_open(h, ch, w, vmbus_host_reply_take(h));
}

void vmbus_host_open_go_on(struct vmbus_host_channel *ch)
{
    const struct wire_open w = ch->waiting_open;
    struct host_reply *r = ch->open_reply;

    if (!ch->open_waits)
        return;
    ch->open_waits = false;
    ch->open_reply = NULL;
    begin_open(ch->host, ch, &w, r);
}

void vmbus_host_open_cancel(struct vmbus_host_channel *ch)
{
    if (!ch->open_waits)
        return;
    ch->open_waits = false;
    vmbus_host_reply_free(ch->host, &ch->open_reply);
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
void vmbus_host_open_end(struct vmbus_host_channel *ch)
{
    struct vmbus_host *h = ch->host;
    struct host_gpadl *g;

    vmbus_host_rings_unmap(ch);
    vmbus_host_channel_set_state(ch, HOST_CLOSED);
    g = vmbus_host_gpadl_find(ch, ch->gpadl);
    if (g)
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
    vmbus_host_open_end(channel);
}
