/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the incoming ring: each packet is copied out once and goes to the
 * list, in the order of the ring; completions end their transactions.
 *
 * The order between packets and completions is the ring's while packets can be
 * delivered: a completion then goes to the list as well, behind the packets
 * that came before it. While delivery is blocked (paused, at the quota, or in a
 * PASSIVE callback that waits) completions pass the packets, because what the
 * block waits for may be such a completion.
 *
 * Only the run of the pump reads, and that is never under way twice. The lock
 * is dropped for completion routines; nobody else touches the ring meanwhile.
 */
#include <errno.h>

#include "kmcl/receive/objects.h"

static KMCL_RARE void unknown_transaction(VMBCHANNEL ch)
{
    if (!kmcl_count(&ch->root->stats.unknown_completions, 1))
        seam_log(ch->s, SEAM_LOG_WARNING,
                 "kmcl: %s: completion of an unknown transaction ignored",
                 ch->set.name);
}

static inline void complete_sent(VMBCHANNEL ch, VMBPACKETCOMPLETION pc)
{
    VMBPACKET p = kmcl_transaction_take(&ch->sent, pc->wire.transaction);

    if (p) {
        p->state = KMCL_PACKET_ENDING;
        seam_unlock(ch->s, &ch->lock, SEAM_DISPATCH);
        kmcl_packet_end(p, STATUS_SUCCESS,
                        (uint8_t *)pc->body + pc->wire.header_size,
                        pc->wire.size - pc->wire.header_size);
        (void)seam_lock(ch->s, &ch->lock);
    } else {
        unknown_transaction(ch);
    }
    /* It was the spare; a routine that closes the channel finds none. */
    if (!ch->spare && ch->pump)
        ch->spare = pc;
    else
        kmcl_incoming_put(pc);
}

void kmcl_complete_sent(VMBCHANNEL ch, VMBPACKETCOMPLETION pc)
{
    complete_sent(ch, pc);
}

/* Whether packets on the list can be delivered now, or one is in its callback
 * at PASSIVE, so that a completion has to wait for them. */
static inline bool list_goes_on(VMBCHANNEL ch)
{
    return (ch->in.first || ch->delivery == KMCL_DELIVERY_PASSIVE) &&
           ch->traffic == KMCL_TRAFFIC_BOTH &&
           ch->service != KMCL_SERVICE_FAILED &&
           ch->delivery != KMCL_DELIVERY_QUOTA;
}

/* A completion is in the spare. */
static inline void take_completion(VMBCHANNEL ch, VMBPACKETCOMPLETION pc)
{
    ch->spare = NULL;
    if (!list_goes_on(ch)) {
        complete_sent(ch, pc);
        return;
    }
    pc->state = KMCL_INCOMING_COMPLETION;
    kmcl_incoming_add(&ch->in, pc);
    /* A callback that waits at PASSIVE lets the work item run, and that passes
     * the completion; one that does not wait comes to it in order. */
    if (ch->delivery == KMCL_DELIVERY_PASSIVE)
        kmcl_advance_soon(ch);
}

/* A refused packet is answered if it asked for that, like one that nobody
 * handles: its sender must not wait for ever. True: signal the peer. */
static KMCL_RARE bool refuse(VMBCHANNEL ch, VMBPACKETCOMPLETION pc,
                             const char *reason)
{
    if (!kmcl_count(&ch->root->stats.bad_packets, 1))
        seam_log(ch->s, SEAM_LOG_WARNING,
                 "kmcl: %s: packet of type %u refused: %s", ch->set.name,
                 pc->wire.type, reason);
    ch->spare = NULL;
    return kmcl_answer(pc, NULL, 0);
}

/* A packet that is no completion is in the spare. True: signal the peer. */
static inline bool collect(VMBCHANNEL ch, VMBPACKETCOMPLETION pc)
{
    const char *reason = "";
    int rc = 0;

    /* Mostly all of the body is payload. */
    if (pc->wire.type == RING_PACKET_IN_BAND && !ch->pipe)
        kmcl_payload_take(pc);
    else
        rc = kmcl_payload_find(pc, &reason);
    if (rc == -ENOTSUP) {
        kmcl_count(&ch->root->stats.unknown_packets, 1);
        return false;
    }
    if (rc)
        return refuse(ch, pc, reason);
    ch->spare = NULL;
    pc->state = KMCL_INCOMING_READ;
    kmcl_incoming_add(&ch->in, pc);
    return false;
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
    kmcl_count(&ch->root->stats.bad_packets, 1);
    pc->wire.type = 0; /* skipped like one of unknown type */
    return 0;
}

/* Reads one packet at *at into the spare. 0; -EAGAIN: ring empty; -ENOMEM;
 * -EPROTO: ring broken. */
static inline int read_one(VMBCHANNEL ch, uint32_t *at)
{
    uint32_t before = *at;
    int rc;

    if (!ch->spare)
        ch->spare = kmcl_incoming_usual(ch);
    if (!ch->spare)
        return -ENOMEM;
    rc = ring_read(ch->rx, at, &ch->spare->wire, ch->spare->body,
                   ch->spare->capacity);
    return rc == -EMSGSIZE ? read_large(ch, before, at) : rc;
}

/* ---- looking ahead ------------------------------------------------------- */

/* Whether the packet just read was looked at before, while nothing could be
 * taken out of the ring: then its completion has ended already. */
static KMCL_RARE bool seen_before(VMBCHANNEL ch, const struct ring_packet *p)
{
    uint32_t footprint = (uint32_t)ring_footprint(p->size);
    uint32_t ahead = ch->reader.ahead;

    ch->reader.ahead = footprint < ahead ? ahead - footprint : 0;
    return ahead != 0;
}

/* Looks at one packet after those that were looked at. 0, -EAGAIN, -ENOMEM,
 * -EPROTO. */
static int look_at_one(VMBCHANNEL ch)
{
    struct kmcl_reader *r = &ch->reader;
    uint32_t before = r->ahead ? r->at : ring_reader_start(ch->rx);
    uint32_t at = before;
    struct ring_packet packet;
    uint64_t nothing;
    int rc = ring_read(ch->rx, &at, &packet, &nothing, 0);

    if (rc && rc != -EMSGSIZE)
        return rc;
    if (packet.type == RING_PACKET_COMPLETION) {
        /* Read it again as a whole; the second reading counts. */
        at = before;
        rc = read_one(ch, &at);
        if (rc)
            return rc;
        packet = ch->spare->wire;
    }
    r->at = at;
    r->ahead += (uint32_t)ring_footprint(packet.size);
    if (packet.type == RING_PACKET_COMPLETION)
        take_completion(ch, ch->spare);
    return 0;
}

/* Nothing may be taken out of the ring: ends the transactions whose completions
 * are in it and leaves everything there. No signal comes for what the peer adds
 * to a ring that is not empty, so a timer looks again while a send waits. 0:
 * the budget is used up; -EAGAIN: no more is there; -ENOMEM; -EPROTO. */
static KMCL_RARE int look_ahead(VMBCHANNEL ch)
{
    uint32_t budget = KMCL_BUDGET;
    int rc = 0;

    /* Before EvtChannelStarted nothing is received, completions neither [D]. */
    if (!ch->sent.count || ch->service == KMCL_SERVICE_FAILED ||
        ch->peer != KMCL_PEER_THERE || !ch->reader.begun)
        return -EAGAIN;
    while (!rc && budget--)
        rc = look_at_one(ch);
    if (rc == -EAGAIN && ch->sent.count)
        vmbus_pump_kick_later(ch->pump, PUMP_LOOK_AGAIN);
    return rc;
}

/* ---- the run ------------------------------------------------------------- */

/* Reading came to an end that is not the ring's. */
static KMCL_RARE enum kmcl_drained failed(VMBCHANNEL ch, int rc)
{
    if (rc == -ENOMEM) /* a timer tries again */
        vmbus_pump_kick_later(ch->pump, PUMP_LOOK_AGAIN);
    else
        kmcl_give_up(ch, "incoming ring is broken",
                     ring_fault_text(ch->rx->fault.kind));
    return KMCL_DRAIN_FAILED;
}

/* Nothing may be taken out of the ring. */
static KMCL_RARE enum kmcl_drained blocked(VMBCHANNEL ch)
{
    int rc = look_ahead(ch);

    if (rc == -EAGAIN)
        return KMCL_DRAIN_BLOCKED;
    return rc ? failed(ch, rc) : KMCL_DRAIN_MORE;
}

/* A packet is in the spare. True: signal the peer. */
static inline bool take_packet(VMBCHANNEL ch)
{
    VMBPACKETCOMPLETION pc = ch->spare;
    bool again = ch->reader.ahead && seen_before(ch, &pc->wire);

    if (pc->wire.type != RING_PACKET_COMPLETION)
        return collect(ch, pc);
    if (!again)
        take_completion(ch, pc);
    return false;
}

/* The spare is a completion, and nothing waits before it. Its request can end
 * as soon as the lock is given back. What came for it stays in the spare, which
 * no other run uses before that. */
static inline bool ends_request(VMBCHANNEL ch, VMBPACKET *ends)
{
    if (list_goes_on(ch))
        return false;
    *ends = kmcl_transaction_take(&ch->sent, ch->spare->wire.transaction);
    if (*ends)
        (*ends)->state = KMCL_PACKET_ENDING;
    else
        unknown_transaction(ch);
    return true;
}

/* The spare is a packet that can be delivered at once: it need not go to the
 * list and from there. Pipes and external data take the longer way. */
static inline bool is_lone(VMBCHANNEL ch)
{
    VMBPACKETCOMPLETION pc = ch->spare;

    if (pc->wire.type != RING_PACKET_IN_BAND || ch->pipe || ch->in.first ||
        ch->delivery != KMCL_DELIVERY_FREE || ch->require_passive ||
        ch->outstanding >= ch->quota)
        return false;
    kmcl_payload_take(pc);
    return true;
}

/* A packet is in the spare, and the ring goes on at `at`. True: it is the last
 * one, and the run deals with it at its end, as *drained or *ends says. */
static inline bool is_last(VMBCHANNEL ch, uint32_t at, VMBPACKET *ends,
                           enum kmcl_drained *drained)
{
    if (ch->reader.ahead || !ring_reader_at_end(ch->rx, at))
        return false;
    if (ch->spare->wire.type == RING_PACKET_COMPLETION)
        return ends_request(ch, ends);
    if (!is_lone(ch))
        return false;
    *drained = KMCL_DRAIN_LONE;
    return true;
}

enum kmcl_drained kmcl_drain(VMBCHANNEL ch, bool *bell, VMBPACKET *ends)
{
    enum kmcl_drained drained = KMCL_DRAIN_EMPTY;
    uint32_t at = ring_reader_start(ch->rx);
    uint32_t budget = KMCL_BUDGET;
    int rc = 0;

    while (!rc && budget && kmcl_may_read(ch)) {
        rc = read_one(ch, &at);
        if (rc)
            break;
        budget--;
        rc = -EAGAIN;
        if (is_last(ch, at, ends, &drained))
            break;
        *bell |= take_packet(ch);
        /* Mostly that was the last one. This costs less than to read again. */
        if (!ring_reader_at_end(ch->rx, at))
            rc = 0;
    }
    *bell |= ring_reader_commit(ch->rx, at);
    if (rc == -EAGAIN)
        return drained;
    if (rc)
        return failed(ch, rc);
    return budget ? blocked(ch) : KMCL_DRAIN_MORE;
}
