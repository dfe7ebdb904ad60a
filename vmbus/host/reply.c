/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The queue of answers to the guest. Memory for an answer is reserved when the
 * request is taken, so that answering never fails; pump.c delivers the queue.
 */
#include "vmbus/host/private.h"

#include "vmbus/wire/memory.h"

/* Zeroed, and not in any queue. */
struct host_reply *vmbus_host_reply_alloc(struct vmbus_host *h)
{
    return seam_alloc(h->seam, sizeof(struct host_reply));
}

/*
 * NULL is accepted, and the pointer becomes NULL: answers are freed in many
 * places, and twice in none.
 */
void vmbus_host_reply_free(struct vmbus_host *h, struct host_reply **r)
{
    if (*r)
        seam_free(h->seam, *r, sizeof(**r));
    *r = NULL;
}

/* The reply is the caller's from here on. */
struct host_reply *vmbus_host_reply_take(struct vmbus_host *h)
{
    struct host_reply *r = h->spare;

    SEAM_ASSERT(h->seam, r != NULL, "one request takes one reply");
    h->spare = NULL;
    return r;
}

/* Removes and frees the oldest answer. */
void vmbus_host_reply_drop_first(struct vmbus_host *h)
{
    struct host_reply *r = h->first;

    h->first = r->next;
    if (!h->first)
        h->last = NULL;
    h->reply_count--;
    vmbus_host_reply_free(h, &r);
}

void vmbus_host_replies_drop(struct vmbus_host *h)
{
    while (h->first)
        vmbus_host_reply_drop_first(h);
}

/* The queue holds bytes as they travel, so the type is read from there. */
uint32_t vmbus_host_reply_type(const struct host_reply *r)
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
bool vmbus_host_reply_waits(struct vmbus_host *h, uint32_t type, uint32_t relid)
{
    for (const struct host_reply *r = h->first; r; r = r->next) {
        if (vmbus_host_reply_type(r) == type && relid_of(r) == relid)
            return true;
    }
    return false;
}

/*
 * Unlinking from a singly linked list: the entry before it is kept in `before`.
 */
bool vmbus_host_reply_revoke(struct vmbus_host *h, uint32_t type,
                             uint32_t relid)
{
    struct host_reply *before = NULL;

    for (struct host_reply *r = h->first; r; before = r, r = r->next) {
        if (vmbus_host_reply_type(r) != type || relid_of(r) != relid)
            continue;
        if (!before) {
            vmbus_host_reply_drop_first(h);
            return true;
        }
        before->next = r->next;
        if (h->last == r)
            h->last = before;
        h->reply_count--;
        vmbus_host_reply_free(h, &r);
        return true;
    }
    return false;
}

/* Appends and delivers what can be delivered. */
void vmbus_host_reply_send(struct vmbus_host *h, struct host_reply *r,
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
    h->upper->pump(h);
}
