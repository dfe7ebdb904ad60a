/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages to the host: in order, never blocking, never lacking memory.
 *
 * When the host's queue is full, or the host throttles, a timer posts the head
 * of the queue again: after 100 us at first, then after twice as long each
 * time, up to 2 s. [linux connection.c], [freebsd vmbus.c]
 *
 *    head                          tail
 *    | post A | -> | post B | -> | post C |
 *      step 2: two of its messages are with the host, build() makes the third
 */
#include "vmbus/guest/control/post.h"

#include <errno.h>

#include "vmbus/guest/bus.h"
#include "vmbus/wire/messages.h"

#define DELAY_FIRST (SEAM_MS / 10)
#define DELAY_MOST  (2 * SEAM_S)

static void locked_drain(struct vmbus_bus *bus);

void vmbus_post_init(struct post *p, uint32_t type, void *owner,
                     uint32_t (*build)(void *owner, uint32_t step,
                                       void *message),
                     void (*sent)(void *owner, int status))
{
    p->type = type;
    p->owner = owner;
    p->build = build;
    p->sent = sent;
}

/* The timer's function, at DISPATCH. */
static void retry(void *arg)
{
    struct vmbus_bus *bus = arg;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    locked_drain(bus);
    locked_timer_ran(&bus->posts.timer);
    seam_unlock(bus->seam, &bus->lock, irql);
}

void vmbus_post_queue_init(struct vmbus_bus *bus)
{
    bus->posts.timer.timer.run = retry;
    bus->posts.timer.timer.arg = bus;
}

/* The message row that is posted now or next; NULL: the queue is empty. */
static struct post *head_of(const struct post_queue *q)
{
    struct chain *first = q->waiting.first;

    return first ? CHAIN_OWNER(first, struct post, in_queue) : NULL;
}

/* Takes `p` out of the queue, wherever it stands. */
static void unlink_post(struct post_queue *q, struct post *p)
{
    chain_leave(&q->waiting, &p->in_queue);
    p->queued = false;
}

/* ---- the head of the queue ----------------------------------------------- */

/* The head is posted (0) or given up: take it out of the queue. */
static void finish_head(struct vmbus_bus *bus, int status)
{
    struct post_queue *q = &bus->posts;
    struct post *p = head_of(q);

    unlink_post(q, p);
    /* The next one gets the whole post_timeout. */
    q->first_try = 0;
    q->delay = 0;
    if (status) {
        count(&bus->stats.posts_failed, 1);
        /* What a refused INITIATE_CONTACT means is for contact.c to say. */
        if (p->type != WIRE_INITIATE_CONTACT)
            complain(bus, COMPLAINT_POST, "posting %s failed, status %d",
                     vmbus_message_name(p->type), status);
    }
    /* The owner may free itself in here, and `p` with it. */
    if (p->sent)
        p->sent(p->owner, status);
}

/*
 * True if the host may take the message later. An unknown connection id is a
 * transient error on Windows, except for INITIATE_CONTACT, where it says that
 * the host is too old for that id. [linux connection.c]
 */
static bool worth_retrying(const struct vmbus_bus *bus, const struct post *p,
                           int status)
{
    bool transient = status == -EAGAIN ||
                     (status == -ENOENT && p->type != WIRE_INITIATE_CONTACT);

    return transient && seam_now(bus->seam) - bus->posts.first_try <
                            bus->config.post_timeout;
}

/* Sets the timer for the next try of the head. */
static void back_off(struct vmbus_bus *bus)
{
    struct post_queue *q = &bus->posts;

    q->delay = q->delay ? q->delay * 2 : DELAY_FIRST;
    if (q->delay > DELAY_MOST)
        q->delay = DELAY_MOST;
    count(&bus->stats.post_retries, 1);
    locked_timer_set(bus->seam, &q->timer, seam_now(bus->seam) + q->delay);
}

/* Posts one message of the head. True: go on with the queue as it is now;
 * false: the head backs off. */
static bool post_head(struct vmbus_bus *bus)
{
    struct post_queue *q = &bus->posts;
    struct post *p = head_of(q);
    uint64_t message[WIRE_MESSAGE_MAX / 8];
    uint32_t size = p->build(p->owner, p->step, message);
    int status;

    /* No message is left: the whole row is with the host. */
    if (size == 0) {
        finish_head(bus, 0);
        return true;
    }
    if (q->first_try == 0)
        q->first_try = seam_now(bus->seam);
    status = seam_post_message(bus->seam, bus->connection, WIRE_POST_TYPE,
                               message, size);
    /* Taken: each further message of a row gets the whole post_timeout too. */
    if (status == 0) {
        count(&bus->stats.messages_out, 1);
        p->step++;
        q->first_try = 0;
        q->delay = 0;
        return true;
    }
    /* Keep the order: nothing overtakes a message that the host may still
     * take. */
    if (worth_retrying(bus, p, status)) {
        back_off(bus);
        return false;
    }
    finish_head(bus, status == -EAGAIN ? -ETIMEDOUT : status);
    return true;
}

/* ---- the queue ----------------------------------------------------------- */

static void locked_drain(struct vmbus_bus *bus)
{
    struct post_queue *q = &bus->posts;

    /* The sent() of one message may queue the next one. The loop below takes
     * that too, so there is no recursion. */
    if (q->draining)
        return;
    q->draining = true;
    while (head_of(q) && post_head(bus))
        continue;
    if (!head_of(q))
        q->delay = 0;
    q->draining = false;
}

void vmbus_locked_post(struct vmbus_bus *bus, struct post *p)
{
    struct post_queue *q = &bus->posts;

    /* Post nothing after UNLOAD until it is answered: the host has forgotten
     * what a message could be about. Its answer ends what waits here. */
    if (bus->state == BUS_UNLOADING && p != &bus->unload)
        return;
    SEAM_ASSERT(bus->seam, !p->queued, "a message is queued once at a time");
    /* At the end: the host gets messages in the order of these calls. */
    p->queued = true;
    p->step = 0;
    chain_append(&q->waiting, &p->in_queue);
    /* While the head backs off, its timer goes on with the queue: the host
     * must get all messages in order. */
    if (q->delay == 0)
        locked_drain(bus);
}

void vmbus_locked_post_cancel(struct vmbus_bus *bus, struct post *p)
{
    struct post_queue *q = &bus->posts;

    if (!p->queued)
        return;
    /* If the timer is armed for it, it will post what follows. */
    if (head_of(q) == p)
        q->first_try = 0;
    unlink_post(q, p);
}

void vmbus_locked_post_cancel_all(struct vmbus_bus *bus)
{
    struct post *p;

    while ((p = head_of(&bus->posts)) != NULL)
        unlink_post(&bus->posts, p);
    bus->posts.first_try = 0;
    bus->posts.delay = 0;
    locked_timer_cancel(bus->seam, &bus->posts.timer);
}
