/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaving a guest's connection, whatever ended it: every server is told, and
 * when the last one has let go, what was asked for is answered. Nothing here
 * waits: vmbus_host_drain_step goes on whenever a server answers.
 */
#include "vmbus/host/private.h"

/*
 * The guest's view of the offers ends with its connection. A withdrawn channel
 * existed only because this guest had not released it, so it goes.
 */
static void forget_offers(struct vmbus_host *h)
{
    struct vmbus_host_channel *next;

    for (struct vmbus_host_channel *ch = h->channels; ch; ch = next) {
        next = ch->next;
        ch->known = HOST_UNOFFERED;
        vmbus_host_open_cancel(ch);
        if (ch->owner != HOST_WITHDRAWN)
            continue;
        vmbus_host_gpadls_free(ch);
        vmbus_host_channel_free(ch);
    }
}

/*
 * No GPADL gets an answer any more. One that is still arriving is freed; a
 * complete one waits for its server to let go of it.
 */
static void revoke_gpadls(struct vmbus_host *h)
{
    struct host_gpadl *next;

    for (struct host_gpadl *g = h->gpadls; g; g = next) {
        next = g->next;
        vmbus_host_reply_free(h, &g->reply);
        if (g->state == HOST_GPADL_COLLECTING)
            vmbus_host_gpadl_free(h, g);
        else
            g->state = HOST_GPADL_TEARING;
    }
}

/*
 * Nobody is connected: no version, no features, no pages, no queued messages.
 */
static void disconnect(struct vmbus_host *h)
{
    h->version = 0;
    h->features = 0;
    h->offers = HOST_OFFERS_UNASKED;
    h->flow = HOST_FLOWING;
    h->client_id = (struct vmbus_guid){{0}};
    vmbus_host_pages_unmap(h);
    vmbus_host_replies_drop(h);
}

/*
 * Asks one server for one thing: first to close a channel, then to unmap a
 * GPADL. One at a time, because a callback may change every list. False:
 * everything has been asked for.
 */
static bool ask_one(struct vmbus_host *h)
{
    for (struct vmbus_host_channel *ch = h->channels; ch; ch = ch->next) {
        if (ch->state == HOST_OPENING || ch->state == HOST_OPEN) {
            vmbus_host_channel_close(ch);
            return true;
        }
    }
    for (struct host_gpadl *g = h->gpadls; g; g = g->next) {
        if (!vmbus_host_gpadl_rings(g) && !(g->base && g->told)) {
            vmbus_host_gpadl_reclaim(h, g);
            return true;
        }
    }
    return false;
}

/* Closed channels and no GPADL: no server uses this guest's memory. */
static bool all_let_go(const struct vmbus_host *h)
{
    for (const struct vmbus_host_channel *ch = h->channels; ch; ch = ch->next) {
        if (ch->state != HOST_CLOSED)
            return false;
    }
    return h->gpadls == NULL;
}

/* Answers what ended the connection. A reset is answered by nobody. */
static void finish(struct vmbus_host *h)
{
    const struct wire_header unloaded = {.type = WIRE_UNLOAD_RESPONSE};
    enum host_drain why = h->drain;
    struct host_reply *r = h->drain_reply;

    h->drain = HOST_DRAIN_NONE;
    h->drain_reply = NULL;
    if (why == HOST_DRAIN_CONTACT)
        h->upper->contact_answer(h, r);
    else if (why == HOST_DRAIN_UNLOAD)
        vmbus_host_reply_send(h, r, &unloaded, sizeof(unloaded));
}

void vmbus_host_drain_step(struct vmbus_host *h)
{
    /* A server that answers inside its callback comes back here; the loop
     * below goes on with the next one, so the stack does not grow. */
    if (h->drain == HOST_DRAIN_NONE || h->draining || h->restoring)
        return;
    h->draining = true;
    while (ask_one(h))
        ;
    h->draining = false;
    if (all_let_go(h))
        finish(h);
}

/*
 * Ends the connection in the order of dependence: the connection itself, then
 * the memory, then the offers; then the servers are asked.
 */
void vmbus_host_drain_begin(struct vmbus_host *h, enum host_drain why)
{
    if (h->version)
        host_log(h, HOST_LINE_LEFT, SEAM_LOG_INFO, "vmbus host: guest left");
    /* The newest reason counts: whoever asked before is gone. */
    h->drain = why;
    if (why == HOST_DRAIN_RESET)
        vmbus_host_reply_free(h, &h->drain_reply);
    disconnect(h);
    revoke_gpadls(h);
    forget_offers(h);
    vmbus_host_drain_step(h);
}
