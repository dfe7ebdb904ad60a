/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A GPADL goes: GPADL_TEARDOWN from the guest, or the end of its channel or
 * connection. GPADL_TORNDOWN is sent when nothing of the server uses the memory
 * any more. [openvmm proto] [linux channel.c]
 */
#include "vmbus/host/private.h"

/* The memory of open rings is in use by the channel itself. */
bool vmbus_host_gpadl_rings(const struct host_gpadl *g)
{
    return g->channel->state != HOST_CLOSED && g->channel->gpadl == g->handle;
}

/* After this the guest may use the memory for something else. */
static void send_torndown(struct vmbus_host *h, struct host_reply *r,
                          uint32_t handle)
{
    const struct wire_gpadl_torndown w = {
        .header.type = WIRE_GPADL_TORNDOWN,
        .gpadl = handle,
    };

    vmbus_host_reply_send(h, r, &w, sizeof(w));
}

/*
 * Three things can hold the memory: the guest that has not asked for it back,
 * the server's mapping, and open rings.
 */
void vmbus_host_gpadl_settle(struct vmbus_host *h, struct host_gpadl *g)
{
    struct host_reply *r = g->reply;
    uint32_t handle = g->handle;

    if (g->state != HOST_GPADL_TEARING || g->base || vmbus_host_gpadl_rings(g))
        return;
    g->reply = NULL;
    vmbus_host_gpadl_free(h, g);
    if (r)
        send_torndown(h, r, handle);
}

/* The server is asked once. It answers by unmapping. */
void vmbus_host_gpadl_reclaim(struct vmbus_host *h, struct host_gpadl *g)
{
    struct vmbus_host_channel *ch = g->channel;

    if (!g->base || g->told) {
        vmbus_host_gpadl_settle(h, g);
        return;
    }
    g->told = true;
    if (ch->server.gpadl_teardown)
        ch->server.gpadl_teardown(ch->context, ch, g->handle);
}

/*
 * Step 1: find channel and GPADL; a handle of another channel is unknown here.
 */
void vmbus_host_on_gpadl_teardown(struct vmbus_host *h,
                                  const struct host_message *m)
{
    const struct wire_gpadl_teardown *w = &m->gpadl_teardown;
    struct vmbus_host_channel *ch = vmbus_host_channel_known(h, m, w->relid);
    struct host_gpadl *g;

    if (!ch)
        return;
    g = vmbus_host_gpadl_find(ch, w->gpadl);
    /* Nobody uses a withdrawn channel's memory: answered at once. So is the
     * teardown of a GPADL that had crossed the RESCIND and was not kept. */
    if (ch->owner == HOST_WITHDRAWN || (ch->rescinded && !g)) {
        if (g)
            vmbus_host_gpadl_free(h, g);
        send_torndown(h, vmbus_host_reply_take(h), w->gpadl);
        return;
    }
    /* Step 2: refuse a second teardown and one before GPADL_CREATED. */
    if (!g || g->state != HOST_GPADL_READY) {
        vmbus_host_rule_broken(h,
                               g ? VMBUS_HOST_RULE_TEARDOWN_STATE
                                 : VMBUS_HOST_RULE_TEARDOWN_UNKNOWN,
                               m->type, ch->relid);
        return;
    }
    if (ch->state != HOST_CLOSING && vmbus_host_gpadl_rings(g))
        vmbus_host_rule_broken(h, VMBUS_HOST_RULE_TEARDOWN_RING, m->type,
                               ch->relid);
    /* Step 3: TORNDOWN follows when the server has let go. */
    g->state = HOST_GPADL_TEARING;
    g->reply = vmbus_host_reply_take(h);
    vmbus_host_gpadl_reclaim(h, g);
}
