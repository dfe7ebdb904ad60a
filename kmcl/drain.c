/*
 * Emptying the incoming ring: each packet is copied out once, completions end
 * their transactions here, all others are collected for delivery.
 *
 * Completion routines run at DISPATCH and without the lock. `draining` makes
 * the reader ours; whoever finds it set leaves the ring to the one draining.
 */
#include <errno.h>

#include "channel.h"

/* Takes `draining`; false: somebody has it, or nothing may be read. */
static bool begin(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    bool ours = ch->queue_on && !ch->draining && !ch->broken && !ch->failed;

    if (ours)
        ch->draining = true;
    seam_unlock(ch->s, &ch->lock, irql);
    return ours;
}

static void end(VMBCHANNEL ch, uint32_t at)
{
    uint8_t irql;
    bool stopped;

    if (ring_reader_commit(ch->rx, at))
        ch->link.ops->signal(ch);
    irql = seam_lock(ch->s, &ch->lock);
    ch->draining = false;
    stopped = ch->stop_waits;
    seam_unlock(ch->s, &ch->lock, irql);
    if (stopped) /* a pause or a close waits for us */
        kmcl_advance_soon(ch);
}

/* An object to read into, or NULL: no memory now, a later event tries again.*/
static VMBPACKETCOMPLETION spare(VMBCHANNEL ch, uint32_t capacity)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);

    if (ch->spare && ch->spare->capacity < capacity) {
        kmcl_incoming_put(ch->spare);
        ch->spare = NULL;
    }
    if (!ch->spare)
        ch->spare = kmcl_incoming_get(ch, capacity);
    seam_unlock(ch->s, &ch->lock, irql);
    return ch->spare;
}

static void complete(VMBCHANNEL ch, VMBPACKETCOMPLETION pc)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    VMBPACKET p = kmcl_transaction_take(&ch->sent, pc->wire.transaction);

    if (p)
        p->state = KMCL_PACKET_ENDING;
    else
        ch->root->stats.unknown_completions++;
    seam_unlock(ch->s, &ch->lock, irql);
    if (p)
        kmcl_packet_end(p, STATUS_SUCCESS, pc->payload, pc->payload_size);
    else if (ch->root->stats.unknown_completions == 1)
        seam_log(ch->s, SEAM_LOG_WARNING,
                 "kmcl: %s: completion of an unknown transaction ignored",
                 ch->set.name);
}

/* A refused packet is answered if it asked for that, like one that nobody
 * handles: its sender must not wait for ever. */
static void refuse(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, const char *reason)
{
    uint8_t irql;

    if (!ch->root->stats.bad_packets++)
        seam_log(ch->s, SEAM_LOG_WARNING,
                 "kmcl: %s: packet of type %u refused: %s", ch->set.name,
                 pc->wire.type, reason);
    irql = seam_lock(ch->s, &ch->lock);
    ch->spare = NULL;
    kmcl_answer(pc, NULL, 0);
    seam_unlock(ch->s, &ch->lock, irql);
}

static void collect(VMBCHANNEL ch, VMBPACKETCOMPLETION pc)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);

    ch->spare = NULL;
    pc->state = KMCL_INCOMING_READ;
    kmcl_incoming_add(&ch->in, pc);
    seam_unlock(ch->s, &ch->lock, irql);
}

/* One packet is in the spare. */
static void sort(VMBCHANNEL ch, VMBPACKETCOMPLETION pc)
{
    const char *reason = "";

    switch (kmcl_payload_find(pc, &reason)) {
    case 0:
        if (pc->wire.type == RING_PACKET_COMPLETION)
            complete(ch, pc);
        else
            collect(ch, pc);
        break;
    case -ENOTSUP:
        ch->root->stats.unknown_packets++;
        break;
    default:
        refuse(ch, pc, reason);
        break;
    }
}

/* Reads one packet at *at. 0; -EAGAIN: ring empty; -ENOMEM; -EPROTO. */
static int read_one(VMBCHANNEL ch, uint32_t *at)
{
    VMBPACKETCOMPLETION pc = ch->spare ? ch->spare : spare(ch, 0);
    uint32_t before = *at;
    int rc;

    if (!pc)
        return -ENOMEM;
    rc = ring_read(ch->rx, at, &pc->wire, pc->body, pc->capacity);
    if (rc == -EMSGSIZE) {
        /* Larger than usual: again, with room for it. The second reading is
         * checked like the first; it may differ, and then counts. */
        pc = spare(ch, pc->wire.size);
        *at = before;
        if (!pc)
            return -ENOMEM;
        rc = ring_read(ch->rx, at, &pc->wire, pc->body, pc->capacity);
        if (rc == -EMSGSIZE) {
            ch->root->stats.bad_packets++;
            return 0;
        }
    }
    if (!rc)
        sort(ch, pc);
    return rc;
}

/* 0: went on as far as it may; else what read_one() said. */
static int read_some(VMBCHANNEL ch, uint32_t *at, uint32_t limit)
{
    for (uint32_t budget = KMCL_BUDGET; budget; budget--) {
        int rc;

        if (ch->in.count >= limit || !ch->queue_on)
            return -EBUSY;
        rc = read_one(ch, at);
        if (rc)
            return rc;
    }
    return 0;
}

bool kmcl_drain(VMBCHANNEL ch, uint32_t limit)
{
    uint8_t irql;
    uint32_t at;
    int rc;

    if (!begin(ch))
        return false;
    irql = seam_irql_raise(ch->s, SEAM_DISPATCH);
    at = ring_reader_start(ch->rx);
    rc = read_some(ch, &at, limit);
    if (rc == -ENOMEM) /* its timer tries again */
        ch->link.ops->await_room(ch);
    if (rc == -EPROTO) {
        uint8_t held = seam_lock(ch->s, &ch->lock);

        kmcl_ring_broken(ch, "incoming", ch->rx->fault.kind);
        seam_unlock(ch->s, &ch->lock, held);
    }
    end(ch, at);
    seam_irql_lower(ch->s, irql);
    return !rc;
}
