/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivering to the guest: the queued answers, then the offers that are due,
 * then ALL_OFFERS_DELIVERED. The guest's message slot takes one message at a
 * time, so a post may have to wait; the platform calls vmbus_host_pump again
 * when the guest has taken one.
 */
#include "vmbus/host/private.h"

#include "vmbus/wire/memory.h"

/*
 * -EAGAIN means that the guest's slot is full. Any other failure loses the
 * message, which is logged, because repeating it would never help.
 */
static bool post(struct vmbus_host *h, const void *payload, uint32_t size)
{
    struct wire_header header;
    int status =
        h->ops.post(h->context, h->message_vp, h->message_sint, payload, size);

    if (status == -EAGAIN)
        return false;
    memcpy(&header, payload, sizeof(header));
    if (status != 0)
        host_log(h, HOST_LINE_LOST, SEAM_LOG_ERROR,
                 "vmbus host: %s to VP %u is lost, error %d",
                 vmbus_message_name(header.type), h->message_vp, -status);
    return true;
}

/*
 * Delivers the oldest answer. Answers go before offers, because they may free
 * what the guest holds.
 */
static bool pump_reply(struct vmbus_host *h)
{
    struct host_reply *r = h->first;

    if (!post(h, r->payload, r->size))
        return false;
    if (vmbus_host_reply_type(r) == WIRE_PAUSE_RESPONSE &&
        h->flow == HOST_PAUSING)
        h->flow = HOST_PAUSED;
    vmbus_host_reply_drop_first(h);
    return true;
}

/*
 * An offer is built when it is sent, so it always shows the channel as it is
 * now.
 */
static bool pump_offer(struct vmbus_host *h, struct vmbus_host_channel *ch)
{
    struct wire_offer offer;

    vmbus_host_offer_fill(ch, &offer);
    if (!post(h, &offer, sizeof(offer)))
        return false;
    ch->known = HOST_OFFERED;
    return true;
}

/* Sent once, after the last offer that was there when the guest asked. */
static bool pump_all_offers(struct vmbus_host *h)
{
    const struct wire_header header = {.type = WIRE_ALL_OFFERS_DELIVERED};

    if (!post(h, &header, sizeof(header)))
        return false;
    h->offers = HOST_OFFERS_TOLD;
    return true;
}

/*
 * One message a round, in the order of this file's head, until the guest's slot
 * is full or nothing is due.
 */
void vmbus_host_pump(struct vmbus_host *host)
{
    bool going = true;

    /* Ends: each round sends one of finitely many messages. */
    while (going && !host->restoring) {
        struct vmbus_host_channel *ch;

        if (host->flow == HOST_PAUSED)
            return;
        if (host->first)
            going = pump_reply(host);
        else if ((ch = vmbus_host_offer_due(host)) != NULL)
            going = pump_offer(host, ch);
        else if (host->offers == HOST_OFFERS_DUE)
            going = pump_all_offers(host);
        else
            return;
    }
}
