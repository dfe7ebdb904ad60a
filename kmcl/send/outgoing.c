/*
 * From a checked send to the ring, or to the queue and then the ring.
 *
 * One queue for packets and completions keeps the order of sending. While it
 * is not empty nothing goes past it.
 */
#include "kmcl/send/outgoing.h"

#include <errno.h>

#include "kmcl/channel/channel.h"

void kmcl_queue_add(struct kmcl_queue *q, struct kmcl_out *out)
{
    out->next = NULL;
    if (q->last)
        q->last->next = out;
    else
        q->first = out;
    q->last = out;
    q->count++;
    if (!out->is_completion)
        return;
    q->answers++;
    q->answer_bytes += kmcl_out_incoming(out)->allocated;
}

void kmcl_queue_remove(struct kmcl_queue *q, struct kmcl_out *out)
{
    struct kmcl_out **at = &q->first, *before = NULL;

    while (*at != out) {
        before = *at;
        at = &(*at)->next;
    }
    *at = out->next;
    if (q->last == out)
        q->last = before;
    q->count--;
    if (!out->is_completion)
        return;
    q->answers--;
    q->answer_bytes -= kmcl_out_incoming(out)->allocated;
}

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
    return ch->tx_on && !ch->queue.first;
}

void kmcl_await_completion(VMBCHANNEL ch, VMBPACKET packet)
{
    packet->state = KMCL_PACKET_AWAITING;
    kmcl_transaction_add(&ch->sent, packet);
    /* No signal comes for a completion behind packets that may not be read. */
    if (ch->reader.waits)
        vmbus_pump_kick_later(ch->pump, PUMP_LOOK_AGAIN);
}

/* The packet is in the ring up to `at`: it awaits its completion, or ends. What
 * it returns is for vmbus_pump_bell(), after the lock is given back. */
static inline struct pump *sent(VMBCHANNEL ch, VMBPACKET p, uint32_t at)
{
    if (kmcl_packet_waits(p))
        kmcl_await_completion(ch, p);
    else
        p->state = KMCL_PACKET_ENDING;
    ch->root->stats.packets_sent++;
    return kmcl_bell(ch, ring_writer_commit(ch->tx, at));
}

static int write_now(VMBPACKET p, const struct kmcl_send *send,
                     struct pump **bell)
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
    uint8_t *body = (uint8_t *)p->body;
    struct ring_pipe_header pipe;

    /* All but a pipe's header is there already. */
    memmove(body, header_of(p, send, &pipe), send->header_size);
    if (send->inline_size)
        memmove(body + send->header_size, send->inline_data, send->inline_size);
    p->out.body = body;
    p->state = KMCL_PACKET_QUEUED;
    kmcl_queue_add(&ch->queue, &p->out);
    ch->root->stats.packets_queued++;
}

/* Into the queue; gives the lock back. 0, or -ENODEV: the channel is in
 * VmbChannelCleanup, and nobody would send or end the packet any more. */
static KMCL_RARE int send_later(VMBPACKET p, const struct kmcl_send *send,
                                uint8_t irql)
{
    VMBCHANNEL ch = p->channel;
    bool open = ch->tx_on;

    if (ch->activity == KMCL_IN_CLEANUP) {
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
static inline void end_unless_awaited(VMBCHANNEL ch, VMBPACKET p, bool waits,
                                      struct pump *bell, uint8_t irql)
{
    seam_unlock(ch->s, &ch->lock, irql);
    vmbus_pump_bell(bell);
    /* From here a packet that waits may have completed: hands off. */
    if (!waits)
        kmcl_packet_end(p, STATUS_SUCCESS, NULL, 0);
}

int kmcl_submit(VMBPACKET packet, const struct kmcl_send *send)
{
    VMBCHANNEL ch = packet->channel;
    struct ring_packet *wire = &packet->out.wire;
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    struct pump *bell = NULL;
    int rc = -EAGAIN;

    *wire = (struct ring_packet){
        .type = send->type,
        .flags = send->waits ? RING_FLAG_COMPLETION_REQUESTED : 0,
        .header_size = send->body_header,
        .size = send->header_size + send->inline_size,
        .transaction = ch->next_transaction++,
    };
    if (may_write(ch))
        rc = write_now(packet, send, &bell);
    if (!rc) {
        end_unless_awaited(ch, packet, send->waits, bell, irql);
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

/* The packet is the caller's until it is sent, so the lock waits. */
int kmcl_submit_in_band(VMBPACKET packet, const void *data, uint32_t size,
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
    if (may_write(ch)) {
        at = ring_writer_start(ch->tx);
        if (!ring_write(ch->tx, &at, wire, data)) {
            struct pump *bell = sent(ch, packet, at);

            end_unless_awaited(ch, packet, waits, bell, irql);
            return 0;
        }
    }
    return send_later(
        packet, &(struct kmcl_send){.inline_data = data, .inline_size = size},
        irql);
}

bool kmcl_withdraw(VMBPACKET packet)
{
    VMBCHANNEL ch = packet->channel;
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    bool taken = true;

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
