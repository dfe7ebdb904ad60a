/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the application does with a packet it was given: complete it, defer it
 * to PASSIVE, or fail it.
 */
#include <errno.h>

#include "kmcl/send/send.h"
#include "kmcl/receive/objects.h"

#define RULE_HANDLE \
    "not a packet that is delivered and not completed: complete it once"
#define RULE_INSIDE \
    "only directly inside EvtChannelProcessPacket, for its own packet"

/* Straight into the ring, if nothing waits before it; *bell: signal the
 * peer. */
static inline int answer_now(VMBCHANNEL ch, const struct ring_packet *wire,
                             const void *data, bool *bell)
{
    uint32_t at;
    int rc;

    if (!ch->traffic || ch->queue.first)
        return -EAGAIN;
    /* A completion has the transaction id of the packet that it answers, and no
     * header of its own. */
    at = ring_writer_start(ch->tx);
    rc = ring_write(ch->tx, &at, wire, data);
    if (rc)
        return rc;
    kmcl_count(&ch->root->stats.packets_sent, 1);
    *bell = ring_writer_commit(ch->tx, at);
    return 0;
}

/* The response is built where the packet was; it may come from there. */
static KMCL_RARE void answer_later(VMBCHANNEL ch, VMBPACKETCOMPLETION pc,
                                   const struct ring_packet *wire,
                                   const void *data)
{
    if (wire->size)
        memmove(pc->body, data, wire->size);
    /* From now on the object belongs to the queue. */
    pc->state = KMCL_INCOMING_ANSWERING;
    pc->out = (struct kmcl_out){
        .wire = *wire,
        .body = pc->body,
        .release = kmcl_answer_left,
    };
    kmcl_queue_add(&ch->queue, &pc->out);
    kmcl_count(&ch->root->stats.packets_queued, 1);
    if (ch->queue.answers > ch->quota &&
        ch->queue.answer_bytes > kmcl_incoming_memory(ch, KMCL_ANSWERS_LIMIT))
        kmcl_give_up(ch, "peer reads none of our answers",
                     "too many wait for room");
    kmcl_kick(ch); /* flushing announces what is needed */
}

static inline bool answer(VMBCHANNEL ch, VMBPACKETCOMPLETION pc,
                          const void *data, uint32_t size)
{
    bool bell = false;
    struct ring_packet wire = {
        .type = RING_PACKET_COMPLETION,
        .size = size,
        .transaction = pc->wire.transaction,
    };

    /* The other side may reuse what it lent as soon as it has the answer, so
     * let go of it first. */
    if (pc->mdl)
        kmcl_external_release(pc);
    if (!(pc->wire.flags & RING_FLAG_COMPLETION_REQUESTED) ||
        !answer_now(ch, &wire, data, &bell)) {
        kmcl_incoming_put(pc);
        return bell;
    }
    /* There is no room, or other things wait for room: keep the order. */
    answer_later(ch, pc, &wire, data);
    return false;
}

bool kmcl_answer(VMBPACKETCOMPLETION pc, const void *data, uint32_t size)
{
    return answer(pc->channel, pc, data, size);
}

/* The application gives the packet back. What its callback asked for before
 * does not count any more. */
static void give_back(VMBCHANNEL ch, VMBPACKETCOMPLETION pc)
{
    if (ch->current == pc)
        ch->current = NULL;
    ch->outstanding--;
}

VOID VmbChannelPacketComplete(VMBPACKETCOMPLETION PacketCompletionContext,
                              PVOID PacketCompletionBuffer, UINT32 BufSize)
{
    VMBPACKETCOMPLETION pc = PacketCompletionContext;
    VMBCHANNEL ch;
    uint8_t irql;
    bool bell;

    SEAM_ASSERT(kmcl_seam(), kmcl_delivered(pc), RULE_HANDLE);
    ch = pc->channel;
    /* The object has room for a response of the maximum size. */
    SEAM_ASSERT(ch->s, BufSize <= ch->set.max_packet,
                "the response is above the channel's maximum packet size");
    SEAM_ASSERT(ch->s, PacketCompletionBuffer || !BufSize,
                "a response of some size needs a buffer");
    irql = seam_lock(ch->s, &ch->lock);
    /* The packet counts as outstanding until here. */
    give_back(ch, pc);
    bell = answer(ch, pc, PacketCompletionBuffer, BufSize);
    /* Only a completion lifts the block of the quota [D]. */
    if (ch->delivery == KMCL_DELIVERY_QUOTA && ch->outstanding < ch->quota) {
        ch->delivery = KMCL_DELIVERY_FREE;
        kmcl_kick(ch);
    }
    /* A pause waits for the last one; MDLs are unmapped at PASSIVE. Under the
     * lock: afterwards another processor may close the channel. */
    if ((ch->traffic != KMCL_TRAFFIC_BOTH && !ch->outstanding) || ch->dead_mdls)
        kmcl_advance_soon(ch);
    kmcl_unlock(ch, bell, irql);
}

/* Records what the running callback asks for. */
static void ask(VMBPACKETCOMPLETION pc, enum kmcl_verdict verdict)
{
    VMBCHANNEL ch = pc->channel;
    uint8_t irql = seam_lock(ch->s, &ch->lock);

    /* judge() looks at it when the callback has returned. */
    ch->verdict = verdict;
    seam_unlock(ch->s, &ch->lock, irql);
}

VOID VmbChannelPacketDeferToPassive(VMBPACKETCOMPLETION PacketCompletionContext)
{
    VMBPACKETCOMPLETION pc = PacketCompletionContext;

    SEAM_ASSERT(kmcl_seam(), kmcl_delivered(pc), RULE_HANDLE);
    /* Afterwards the packet could have been completed by somebody else. */
    SEAM_ASSERT(pc->channel->s, pc->channel->current == pc, RULE_INSIDE);
    ask(pc, KMCL_DEFER);
}

/* Also for a packet that was kept beyond its callback. */
VOID VmbChannelPacketFail(VMBPACKETCOMPLETION PacketCompletionContext)
{
    VMBPACKETCOMPLETION pc = PacketCompletionContext;
    VMBCHANNEL ch;
    uint8_t irql;

    SEAM_ASSERT(kmcl_seam(), kmcl_delivered(pc), RULE_HANDLE);
    ch = pc->channel;
    irql = seam_lock(ch->s, &ch->lock);
    seam_log(ch->s, SEAM_LOG_ERROR,
             "kmcl: %s: packet failed by its receiver: nothing more is "
             "delivered until the channel is disabled and enabled",
             ch->set.name);
    /* The packet is not answered: its sender learns of the failure when the
     * channel closes. */
    give_back(ch, pc);
    ch->service = KMCL_SERVICE_FAILED;
    /* Its data and its object go back like those of a completed packet. */
    kmcl_external_release(pc);
    kmcl_incoming_put(pc);
    kmcl_advance_soon(ch);
    seam_unlock(ch->s, &ch->lock, irql);
}
