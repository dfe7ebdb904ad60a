/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes to a guest: a queue of answers, then the offers that are due, then
 * ALL_OFFERS_DELIVERED. The guest's message slot takes one message at a time,
 * so a post may have to wait; vmbus_host_pump goes on when it can.
 */
#include "vmbus/host/private.h"

#include "vmbus/wire/memory.h"

/* Zeroed, and not in any queue. */
struct host_reply *host_reply_alloc(struct vmbus_host *h)
{
    return seam_alloc(h->seam, sizeof(struct host_reply));
}

/*
 * NULL is accepted, and the pointer becomes NULL: answers are freed in many
 * places, and twice in none.
 */
void host_reply_free(struct vmbus_host *h, struct host_reply **r)
{
    if (*r)
        seam_free(h->seam, *r, sizeof(**r));
    *r = NULL;
}

/* The reply is the caller's from here on. */
struct host_reply *host_reply_take(struct vmbus_host *h)
{
    struct host_reply *r = h->spare;

    SEAM_ASSERT(h->seam, r != NULL, "one request takes one reply");
    h->spare = NULL;
    return r;
}

/* Removes and frees the oldest answer. */
static void unlink_first(struct vmbus_host *h)
{
    struct host_reply *r = h->first;

    h->first = r->next;
    if (!h->first)
        h->last = NULL;
    h->reply_count--;
    host_reply_free(h, &r);
}

void host_replies_drop(struct vmbus_host *h)
{
    while (h->first)
        unlink_first(h);
}

/* The queue holds bytes as they travel, so the type is read from there. */
static uint32_t type_of(const struct host_reply *r)
{
    struct wire_header header;

    memcpy(&header, r->payload, sizeof(header));
    return header.type;
}

/*
 * Every message of the host that is about a channel carries the relid at the
 * same offset.
 */
static uint32_t relid_of(const struct host_reply *r)
{
    struct wire_relid message;

    memcpy(&message, r->payload, sizeof(message));
    return message.relid;
}

/* The queue is short: at most HOST_REPLIES_HIGH entries and a few more. */
bool host_reply_waits(struct vmbus_host *h, uint32_t type, uint32_t relid)
{
    for (const struct host_reply *r = h->first; r; r = r->next) {
        if (type_of(r) == type && relid_of(r) == relid)
            return true;
    }
    return false;
}

/*
 * Unlinking from a singly linked list: the entry before it is kept in `before`.
 */
bool host_reply_revoke(struct vmbus_host *h, uint32_t type, uint32_t relid)
{
    struct host_reply *before = NULL;

    for (struct host_reply *r = h->first; r; before = r, r = r->next) {
        if (type_of(r) != type || relid_of(r) != relid)
            continue;
        if (!before) {
            unlink_first(h);
            return true;
        }
        before->next = r->next;
        if (h->last == r)
            h->last = before;
        h->reply_count--;
        host_reply_free(h, &r);
        return true;
    }
    return false;
}

/* Appends and delivers what can be delivered. */
void host_reply_send(struct vmbus_host *h, struct host_reply *r,
                     const void *payload, uint32_t size)
{
    SEAM_ASSERT(h->seam, size <= sizeof(r->payload), "message too long");
    memcpy(r->payload, payload, size);
    r->size = size;
    r->next = NULL;
    if (h->last)
        h->last->next = r;
    else
        h->first = r;
    h->last = r;
    h->reply_count++;
    vmbus_host_pump(h);
}

/* True: delivered or lost, and not to be tried again. */
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
        seam_log(h->seam, SEAM_LOG_ERROR,
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
    if (type_of(r) == WIRE_PAUSE_RESPONSE)
        h->pause_due = false;
    unlink_first(h);
    return true;
}

/*
 * An offer is built when it is sent, so it always shows the channel as it is
 * now.
 */
static bool pump_offer(struct vmbus_host *h, struct vmbus_host_channel *ch)
{
    struct wire_offer offer;

    host_offer_fill(ch, &offer);
    if (!post(h, &offer, sizeof(offer)))
        return false;
    ch->offered = true;
    return true;
}

/* Sent once, after the last offer that was there when the guest asked. */
static bool pump_all_offers(struct vmbus_host *h)
{
    const struct wire_header header = {.type = WIRE_ALL_OFFERS_DELIVERED};

    if (!post(h, &header, sizeof(header)))
        return false;
    h->all_offers_due = false;
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

        if (host->paused && !host->pause_due)
            return;
        if (host->first)
            going = pump_reply(host);
        else if ((ch = host_offer_due(host)) != NULL)
            going = pump_offer(host, ch);
        else if (host->all_offers_due)
            going = pump_all_offers(host);
        else
            return;
    }
}
