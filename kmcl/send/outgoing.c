/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a checked send to the ring, or to the queue and then the ring.
 *
 * One queue for packets and completions keeps the order of sending. While it
 * is not empty nothing goes past it.
 *
 *   send --> channel open, queue empty, room in the ring?
 *              | yes                          | no
 *              v                              v
 *            ring <------ kmcl_flush() ---- queue
 *              |
 *              +-- WAIT_FOR_COMPLETION: among the transactions
 *              +-- otherwise: the routine runs now
 */

#include <errno.h>

#include "kmcl/send/send.h"

/* ---- into the ring ------------------------------------------------------ */

/* What the header of the body is: in the packet for external data, here for
 * a pipe. */
static const void *header_of(VMBPACKET p, const struct kmcl_send *send,
                             struct ring_pipe_header *pipe)
{
    if (!p->channel->pipe)
        return p->body;
    pipe->type = RING_PIPE_DATA;
    pipe->size = send->inline_size;
    return pipe;
}

/* Nothing is written before the channel is open, nor past what is queued. */
static inline bool may_write(VMBCHANNEL ch)
{
    return ch->traffic && !ch->queue.first;
}

/* The packet is in the ring up to `at`: it awaits its completion, or ends.
 * True: the peer is to be signalled, after the lock is given back. */
static inline bool sent(VMBCHANNEL ch, VMBPACKET p, uint32_t at)
{
    if (kmcl_packet_waits(p))
        kmcl_await_completion(ch, p);
    else
        p->state = KMCL_PACKET_ENDING;
    kmcl_count(&ch->root->stats.packets_sent, 1);
    return ring_writer_commit(ch->tx, at);
}

/* Writes header and inline bytes straight into the ring, so they are copied
 * once. */
static int write_now(VMBPACKET p, const struct kmcl_send *send, bool *bell)
{
    VMBCHANNEL ch = p->channel;
    uint32_t at = ring_writer_start(ch->tx);
    struct ring_pipe_header pipe;
    struct ring_part parts[2] = {
        {header_of(p, send, &pipe), send->header_size},
        {send->inline_data, send->inline_size},
    };
    int rc = ring_write_parts(ch->tx, &at, &p->out.wire, parts, 2);

    if (!rc)
        *bell = sent(ch, p, at);
    return rc;
}

/* Builds the wire image in the packet and queues it. */
static void queue_up(VMBPACKET p, const struct kmcl_send *send)
{
    VMBCHANNEL ch = p->channel;
    /* The inline bytes are captured during the call [D]: they may be the
     * caller's stack. */
    uint8_t *body = (uint8_t *)p->body;
    struct ring_pipe_header pipe;

    /* All but a pipe's header is there already. */
    memmove(body, header_of(p, send, &pipe), send->header_size);
    if (send->inline_size)
        memmove(body + send->header_size, send->inline_data, send->inline_size);
    p->out.body = body;
    p->state = KMCL_PACKET_QUEUED;
    kmcl_queue_add(&ch->queue, &p->out);
    kmcl_count(&ch->root->stats.packets_queued, 1);
}

/* Into the queue; gives the lock back. 0, or -ENODEV: the channel is in
 * VmbChannelCleanup, and nobody would send or end the packet any more. */
static KMCL_RARE int send_later(VMBPACKET p, const struct kmcl_send *send,
                                uint8_t irql)
{
    VMBCHANNEL ch = p->channel;
    bool open = ch->traffic != KMCL_TRAFFIC_OFF;

    if (__atomic_load_n(&ch->activity, __ATOMIC_RELAXED) == KMCL_IN_CLEANUP) {
        seam_unlock(ch->s, &ch->lock, irql);
        return -ENODEV;
    }
    queue_up(p, send);
    seam_unlock(ch->s, &ch->lock, irql);
    /* Whatever is wrong with the ring, flushing finds it and says so. */
    if (open)
        kmcl_flush(ch);
    return 0;
}

/* After sent(): gives the lock back, signals the peer. */
static inline void end_unless_awaited(VMBCHANNEL ch, VMBPACKET p, bool bell,
                                      uint8_t irql)
{
    /* Asked under the lock, while the packet is ours. */
    bool waits = kmcl_packet_waits(p);

    kmcl_unlock(ch, bell, irql);
    /* From here a packet that waits may have completed: hands off. */
    if (!waits)
        kmcl_packet_end(p, STATUS_SUCCESS, NULL, 0);
}

int kmcl_submit(VMBPACKET packet, const struct kmcl_send *send)
{
    VMBCHANNEL ch = packet->channel;
    struct ring_packet *wire = &packet->out.wire;
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    bool bell = false;
    int rc = -EAGAIN;

    *wire = (struct ring_packet){
        .type = send->type,
        .flags = send->waits ? RING_FLAG_COMPLETION_REQUESTED : 0,
        .header_size = send->body_header,
        .size = send->header_size + send->inline_size,
        /* Each packet gets an id of its own, also one that asks for no
         * completion. */
        .transaction = ch->next_transaction++,
    };
    if (may_write(ch))
        rc = write_now(packet, send, &bell);
    if (!rc) {
        end_unless_awaited(ch, packet, bell, irql);
    } else if (send->no_queue) {
        if (rc == -EPROTO) { /* nothing flushes it, so it is said here */
            kmcl_give_up(ch, "outgoing ring is broken",
                         ring_fault_text(ch->tx->fault.kind));
            rc = -ENODEV;
        }
        seam_unlock(ch->s, &ch->lock, irql);
    } else {
        rc = send_later(packet, send, irql);
    }
    return rc;
}

/* The same as send_later(), from a packet that is described already. */
static KMCL_RARE NTSTATUS described_later(VMBPACKET p, const void *data,
                                          uint8_t irql)
{
    const struct kmcl_send send = {
        .header_size = p->out.wire.header_size,
        .inline_data = data,
        .inline_size = p->out.wire.size - p->out.wire.header_size,
    };

    return send_later(p, &send, irql) ? STATUS_DEVICE_REMOVED : STATUS_SUCCESS;
}

/* Build the packet before taking the lock. No other thread may touch it yet: it
 * belongs to the caller until it is sent. From there on it says itself what is
 * asked for, so that little has to be kept across the calls. */
NTSTATUS kmcl_submit_in_band(VMBPACKET packet, const void *data, uint32_t size,
                             bool waits)
{
    VMBCHANNEL ch = packet->channel;
    struct ring_packet *wire = &packet->out.wire;
    uint8_t irql;
    uint32_t at;

    wire->type = RING_PACKET_IN_BAND;
    wire->flags = waits ? RING_FLAG_COMPLETION_REQUESTED : 0;
    wire->header_size = 0;
    wire->size = size;
    irql = seam_lock(ch->s, &ch->lock);
    wire->transaction = ch->next_transaction++;
    if (!may_write(ch))
        return described_later(packet, data, irql);
    at = ring_writer_start(ch->tx);
    if (ring_write(ch->tx, &at, wire, data))
        return described_later(packet, data, irql);
    end_unless_awaited(ch, packet, sent(ch, packet, at), irql);
    return STATUS_SUCCESS;
}

NTSTATUS kmcl_submit_external(VMBPACKET packet, uint32_t header,
                              const void *data, uint32_t size)
{
    VMBCHANNEL ch = packet->channel;
    struct ring_packet *wire = &packet->out.wire;
    uint8_t irql;
    uint32_t at;

    wire->type = RING_PACKET_GPA_DIRECT;
    wire->flags = RING_FLAG_COMPLETION_REQUESTED;
    wire->header_size = header;
    wire->size = header + size;
    irql = seam_lock(ch->s, &ch->lock);
    wire->transaction = ch->next_transaction++;
    if (!may_write(ch))
        return described_later(packet, data, irql);
    at = ring_writer_start(ch->tx);
    if (ring_write_headed(ch->tx, &at, wire, packet->body, data))
        return described_later(packet, data, irql);
    kmcl_unlock(ch, sent(ch, packet, at), irql);
    return STATUS_SUCCESS;
}

bool kmcl_withdraw(VMBPACKET packet)
{
    VMBCHANNEL ch = packet->channel;
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    bool taken = true;

    /* Where it is now decides who else knows it. */
    if (packet->state == KMCL_PACKET_QUEUED)
        kmcl_queue_remove(&ch->queue, &packet->out);
    else if (packet->state == KMCL_PACKET_AWAITING)
        (void)kmcl_transaction_take(&ch->sent, packet->out.wire.transaction);
    else
        taken = false;
    if (taken)
        packet->state = KMCL_PACKET_IDLE;
    seam_unlock(ch->s, &ch->lock, irql);
    return taken;
}
