/* SPDX-License-Identifier: BSD-2-Clause */
/* The loopback's message queues: first in, first out, and as short as a real
 * message port. */
#include "vmbus/loopback/private.h"

#include "vmbus/wire/memory.h"

/*
 * Appends a message, unless QUEUE_LIMIT of them are waiting. The lock is held.
 */
bool vmbus_loopback_push(struct loopback_queue *q, uint32_t connection,
                         const void *payload, uint32_t size)
{
    struct loopback_message *m =
        &q->slot[(q->first + q->count) % (QUEUE_LIMIT + 1)];

    if (q->count >= QUEUE_LIMIT)
        return false;
    m->connection = connection;
    m->size = size;
    if (size)
        memcpy(m->payload, payload, size);
    q->count++;
    return true;
}

/* Takes the oldest message out; false: there is none. */
bool vmbus_loopback_pop(struct loopback *lb, struct loopback_queue *q,
                        struct loopback_message *m)
{
    uint8_t irql = seam_lock(lb->seam, &lb->lock);
    bool some = q->count != 0;

    if (some) {
        *m = q->slot[q->first];
        q->first = (q->first + 1) % (QUEUE_LIMIT + 1);
        q->count--;
    }
    seam_unlock(lb->seam, &lb->lock, irql);
    return some;
}

/*
 * Puts a message back in front. There is always room: the queue has one place
 * more than it accepts.
 */
void vmbus_loopback_push_back(struct loopback *lb, struct loopback_queue *q,
                              const struct loopback_message *m)
{
    uint8_t irql = seam_lock(lb->seam, &lb->lock);

    q->first = (q->first + QUEUE_LIMIT) % (QUEUE_LIMIT + 1);
    q->slot[q->first] = *m;
    q->count++;
    seam_unlock(lb->seam, &lb->lock, irql);
}
