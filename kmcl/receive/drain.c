/*
 * Emptying the incoming ring: each packet is copied out once, completions end
 * their transactions here, all others are collected for delivery.
 *
 * Reading is done under the lock, which is dropped only for a completion
 * routine; `draining` keeps the reader ours meanwhile, and whoever finds it
 * set leaves the ring to the one draining. The caller is at DISPATCH, for the
 * routines.
 */
#include <errno.h>

#include "kmcl/channel/channel.h"

static KMCL_RARE void unknown_transaction(VMBCHANNEL ch)
{
    if (!ch->root->stats.unknown_completions++)
        seam_log(ch->s, SEAM_LOG_WARNING,
                 "kmcl: %s: completion of an unknown transaction ignored",
                 ch->set.name);
}

/* Ends the transaction that the spare holds the completion of. */
static inline void complete(VMBCHANNEL ch, VMBPACKETCOMPLETION pc)
{
    VMBPACKET p = kmcl_transaction_take(&ch->sent, pc->wire.transaction);

    if (!p) {
        unknown_transaction(ch);
        return;
    }
    p->state = KMCL_PACKET_ENDING;
    seam_unlock(ch->s, &ch->lock, SEAM_DISPATCH);
    kmcl_packet_end(p, STATUS_SUCCESS,
                    (uint8_t *)pc->body + pc->wire.header_size,
                    pc->wire.size - pc->wire.header_size);
    (void)seam_lock(ch->s, &ch->lock);
}

/* A refused packet is answered if it asked for that, like one that nobody
 * handles: its sender must not wait for ever. */
static void refuse(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, const char *reason)
{
    if (!ch->root->stats.bad_packets++)
        seam_log(ch->s, SEAM_LOG_WARNING,
                 "kmcl: %s: packet of type %u refused: %s", ch->set.name,
                 pc->wire.type, reason);
    ch->spare = NULL;
    kmcl_answer(pc, NULL, 0);
}

/* A packet that is no completion is in the spare. */
static void collect(VMBCHANNEL ch, VMBPACKETCOMPLETION pc)
{
    const char *reason = "";
    int rc = kmcl_payload_find(pc, &reason);

    if (rc == -ENOTSUP) {
        ch->root->stats.unknown_packets++;
        return;
    }
    if (rc) {
        refuse(ch, pc, reason);
        return;
    }
    ch->spare = NULL;
    pc->state = KMCL_INCOMING_READ;
    kmcl_incoming_add(&ch->in, pc);
}

/* Larger than usual: again from `before` on, with room for it. The second
 * reading is checked like the first; it may differ, and then counts. */
static KMCL_RARE int read_large(VMBCHANNEL ch, uint32_t before, uint32_t *at)
{
    uint32_t size = ch->spare->wire.size;
    VMBPACKETCOMPLETION pc;
    int rc;

    kmcl_incoming_put(ch->spare);
    pc = ch->spare = kmcl_incoming_get(ch, size);
    *at = before;
    if (!pc)
        return -ENOMEM;
    rc = ring_read(ch->rx, at, &pc->wire, pc->body, pc->capacity);
    if (rc != -EMSGSIZE)
        return rc;
    ch->root->stats.bad_packets++;
    pc->wire.type = 0; /* skipped like one of unknown type */
    return 0;
}

/* Reads one packet at *at. 0; -EAGAIN: ring empty; -ENOMEM; -EPROTO. */
static inline int read_one(VMBCHANNEL ch, uint32_t *at)
{
    VMBPACKETCOMPLETION pc = ch->spare;
    uint32_t before = *at;
    int rc;

    if (!pc)
        pc = ch->spare = kmcl_incoming_get(ch, 0);
    if (!pc)
        return -ENOMEM;
    rc = ring_read(ch->rx, at, &pc->wire, pc->body, pc->capacity);
    if (rc == -EMSGSIZE) {
        rc = read_large(ch, before, at);
        pc = ch->spare;
    }
    if (rc)
        return rc;
    if (pc->wire.type == RING_PACKET_COMPLETION)
        complete(ch, pc);
    else
        collect(ch, pc);
    return 0;
}

/* Reading came to an end that is not the ring's. */
static KMCL_RARE enum kmcl_drained stopped(VMBCHANNEL ch, int rc)
{
    if (rc == -ENOMEM) /* its timer tries again */
        ch->link.ops->await_room(ch);
    if (rc == -EPROTO)
        kmcl_give_up(ch, "incoming ring is broken",
                     ring_fault_text(ch->rx->fault.kind));
    return KMCL_DRAIN_STOPPED;
}

/* A guest that reads no answers gets none of its packets read any more: what
 * it makes us keep is bounded. Clients go on: if both ends stopped, neither
 * would make room for the other. */
static inline bool answers_wait(VMBCHANNEL ch)
{
    return ch->queue.answers >= KMCL_READ_AHEAD && ch->is_server;
}

static inline bool may_read(VMBCHANNEL ch, uint32_t limit)
{
    return ch->queue_on && ch->in.count < limit && !answers_wait(ch);
}

/* Reads what there is and may be read, and gives it back to the writer. */
static inline enum kmcl_drained read_some(VMBCHANNEL ch, uint32_t limit)
{
    uint32_t at = ring_reader_start(ch->rx);
    uint32_t budget = KMCL_BUDGET;
    int rc;

    do
        rc = read_one(ch, &at);
    while (!rc && --budget && may_read(ch, limit));
    if (ring_reader_commit(ch->rx, at))
        ch->link.ops->signal(ch);
    if (rc == -EAGAIN)
        return KMCL_DRAIN_EMPTY;
    if (rc)
        return stopped(ch, rc);
    return budget ? KMCL_DRAIN_STOPPED : KMCL_DRAIN_MORE;
}

/* At DISPATCH already: what the lock answers is known. */
enum kmcl_drained kmcl_drain(VMBCHANNEL ch, uint32_t limit)
{
    enum kmcl_drained drained = KMCL_DRAIN_STOPPED;

    (void)seam_lock(ch->s, &ch->lock);
    if (may_read(ch, limit) && !ch->draining && !ch->failed) {
        ch->draining = true;
        drained = read_some(ch, limit);
        ch->draining = false;
        if (ch->stop_waits) /* a pause or a close waits for us */
            kmcl_advance_soon(ch);
    }
    seam_unlock(ch->s, &ch->lock, SEAM_DISPATCH);
    return drained;
}
