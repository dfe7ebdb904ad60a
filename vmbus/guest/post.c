/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outgoing messages: in order, never blocking, never lacking memory.
 *
 * A host with full queues or one that throttles is asked again by a timer,
 * 100 us at first and doubling to 2 s. [linux connection.c], [freebsd vmbus.c]
 */
#include "vmbus/guest/bus.h"

#include <errno.h>

#include "vmbus/wire/memory.h"
#include "vmbus/wire/messages.h"

#define DELAY_FIRST (SEAM_MS / 10)
#define DELAY_MOST  (2 * SEAM_S)

static void locked_drain(struct vmbus_bus *bus);

uint32_t wire_begin(void *message, uint32_t type, uint32_t size)
{
    struct wire_header *header = message;

    memset(message, 0, size);
    header->type = type;
    return size;
}

void post_init(struct post *p, uint32_t type, void *owner,
               uint32_t (*build)(void *owner, uint32_t step, void *message),
               void (*sent)(void *owner, int status))
{
    p->type = type;
    p->owner = owner;
    p->build = build;
    p->sent = sent;
}

static void retry(void *arg)
{
    struct vmbus_bus *bus = arg;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    locked_drain(bus);
    seam_unlock(bus->seam, &bus->lock, irql);
}

void post_queue_init(struct vmbus_bus *bus)
{
    bus->posts.tail = &bus->posts.head;
    bus->posts.timer.run = retry;
    bus->posts.timer.arg = bus;
}

static void unlink_post(struct post_queue *q, struct post *p)
{
    struct post **at = &q->head;

    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    if (!*at)
        q->tail = at;
    p->next = NULL;
    p->queued = false;
}

/* The head is through or given up: the next starts with fresh patience. */
static void finish_head(struct vmbus_bus *bus, int status)
{
    struct post_queue *q = &bus->posts;
    struct post *p = q->head;

    unlink_post(q, p);
    q->first_try = 0;
    q->delay = 0;
    if (status) {
        count(&bus->stats.posts_failed, 1);
        /* What a refused contact means is contact.c's to say. */
        if (p->type != WIRE_INITIATE_CONTACT)
            complain(bus, COMPLAINT_POST, "posting %s failed, status %d",
                     vmbus_message_name(p->type), status);
    }
    /* The owner may free itself in here. */
    if (p->sent)
        p->sent(p->owner, status);
}

/*
 * An id that is unknown now is transient on Windows, but for the contact's
 * own, where it says that the host is too old. [linux connection.c]
 */
static bool worth_retrying(const struct vmbus_bus *bus, const struct post *p,
                           int status)
{
    bool transient = status == -EAGAIN ||
                     (status == -ENOENT && p->type != WIRE_INITIATE_CONTACT);

    return transient && seam_now(bus->seam) - bus->posts.first_try <
                            bus->config.post_timeout;
}

static void back_off(struct vmbus_bus *bus)
{
    struct post_queue *q = &bus->posts;

    q->delay = q->delay ? q->delay * 2 : DELAY_FIRST;
    if (q->delay > DELAY_MOST)
        q->delay = DELAY_MOST;
    count(&bus->stats.post_retries, 1);
    seam_timer_set(bus->seam, &q->timer, seam_now(bus->seam) + q->delay);
}

/* True: go on with the queue as it is now. */
static bool post_head(struct vmbus_bus *bus)
{
    struct post_queue *q = &bus->posts;
    struct post *p = q->head;
    uint64_t message[WIRE_MESSAGE_MAX / 8];
    uint32_t size = p->build(p->owner, p->step, message);
    int status;

    if (size == 0) {
        finish_head(bus, 0);
        return true;
    }
    if (q->first_try == 0)
        q->first_try = seam_now(bus->seam);
    status = seam_post_message(bus->seam, bus->connection, WIRE_POST_TYPE,
                               message, size);
    if (status == 0) {
        count(&bus->stats.messages_out, 1);
        p->step++;
        q->first_try = 0;
        q->delay = 0;
        return true;
    }
    if (worth_retrying(bus, p, status)) {
        back_off(bus);
        return false;
    }
    finish_head(bus, status == -EAGAIN ? -ETIMEDOUT : status);
    return true;
}

static void locked_drain(struct vmbus_bus *bus)
{
    struct post_queue *q = &bus->posts;

    /* sent() of one message queues the next: no recursion. */
    if (q->draining)
        return;
    q->draining = true;
    while (q->head && post_head(bus)) {
    }
    if (!q->head)
        q->delay = 0;
    q->draining = false;
}

void locked_post(struct vmbus_bus *bus, struct post *p)
{
    struct post_queue *q = &bus->posts;

    /* Nothing follows an UNLOAD until it is answered: the host has forgotten
     * what a message could be about. Its answer ends what waits here. */
    if (bus->state == BUS_UNLOADING && p != &bus->unload)
        return;
    SEAM_ASSERT(bus->seam, !p->queued, "a message is queued once at a time");
    p->queued = true;
    p->step = 0;
    p->next = NULL;
    *q->tail = p;
    q->tail = &p->next;
    /* While the head backs off, its timer goes on with the queue. */
    if (q->delay == 0)
        locked_drain(bus);
}

void locked_post_cancel(struct vmbus_bus *bus, struct post *p)
{
    struct post_queue *q = &bus->posts;
    if (!p->queued)
        return;
    /* A timer that is armed for it drains what is behind it. */
    if (q->head == p)
        q->first_try = 0;
    unlink_post(q, p);
}

void locked_post_cancel_all(struct vmbus_bus *bus)
{
    while (bus->posts.head)
        unlink_post(&bus->posts, bus->posts.head);
    bus->posts.first_try = 0;
    bus->posts.delay = 0;
    seam_timer_cancel(bus->seam, &bus->posts.timer);
}
