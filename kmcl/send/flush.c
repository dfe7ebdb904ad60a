/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emptying the outgoing queue: into the ring, or at the end of a connection.
 *
 * A full ring is announced to the reader (pending send size), which signals
 * when there is so much room; the pump also looks again by itself after a
 * while, because QEMU can lose that signal.
 */
#include <errno.h>

#include "kmcl/send/send.h"

/* The ring is full: announces what is needed. True: try again, there is room
 * by now. An index that goes bad in between is found when the ring is written
 * next. */
static bool wait_for_room(VMBCHANNEL ch, const struct kmcl_out *out)
{
    if (ring_writer_block(ch->tx, ring_footprint(out->wire.size)) > 0)
        return true;
    ch->awaiting_room = true;
    vmbus_pump_kick_later(ch->pump, PUMP_LOOK_AGAIN);
    return false;
}

/* What left the queue: awaited, ended, or (a completion) back to its list. */
static void left_queue(VMBCHANNEL ch, struct kmcl_out *out,
                       struct kmcl_queue *ended)
{
    VMBPACKET p;

    kmcl_queue_remove(&ch->queue, out);
    if (out->release) {
        out->release(out);
        return;
    }
    p = kmcl_out_packet(out);
    if (kmcl_packet_waits(p)) {
        kmcl_await_completion(ch, p);
    } else {
        p->state = KMCL_PACKET_ENDING;
        kmcl_queue_add(ended, out);
    }
}

/* Never fits: only where a guest gave rings smaller than our maxima. */
static void drop_oversized(VMBCHANNEL ch, struct kmcl_out *out,
                           struct kmcl_queue *oversized)
{
    kmcl_count(&ch->root->stats.bad_packets, 1);
    kmcl_queue_remove(&ch->queue, out);
    if (out->release) {
        out->release(out);
        return;
    }
    kmcl_out_packet(out)->state = KMCL_PACKET_ENDING;
    kmcl_queue_add(oversized, out);
}

/* True: signal the peer after the lock is given back. */
static bool write_queue(VMBCHANNEL ch, struct kmcl_queue *ended,
                        struct kmcl_queue *oversized)
{
    uint32_t at = ring_writer_start(ch->tx);
    struct kmcl_out *out;
    bool bell = false;

    /* Write one after the other, and give them to the reader together. */
    while ((out = ch->queue.first)) {
        int rc = ring_write(ch->tx, &at, &out->wire, out->body);

        if (!rc) {
            kmcl_count(&ch->root->stats.packets_sent, 1);
            left_queue(ch, out, ended);
            /* It cannot fit this ring, ever. */
        } else if (rc == -EMSGSIZE) {
            drop_oversized(ch, out, oversized);
        } else if (rc == -EAGAIN) {
            bell |= ring_writer_commit(ch->tx, at);
            at = ring_writer_start(ch->tx);
            if (!wait_for_room(ch, out))
                return bell;
        } else {
            kmcl_give_up(ch, "outgoing ring is broken",
                         ring_fault_text(ch->tx->fault.kind));
            return bell;
        }
    }
    return ring_writer_commit(ch->tx, at) || bell;
}

/* Runs the completion routines. Without the lock: they may send again. */
static void end_all(struct kmcl_queue *ended, NTSTATUS status)
{
    while (ended->first) {
        struct kmcl_out *out = ended->first;

        /* Off the list first: its routine may send the packet again. */
        kmcl_queue_remove(ended, out);
        kmcl_packet_end(kmcl_out_packet(out), status, NULL, 0);
    }
}

void kmcl_flush(VMBCHANNEL ch)
{
    struct kmcl_queue ended = {0}, oversized = {0};
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    bool bell = false;

    /* What was asked for is there, or the ring is looked at for another reason:
     * withdraw the request for a signal. */
    if (ch->traffic) {
        if (ch->awaiting_room)
            ring_writer_unblock(ch->tx);
        ch->awaiting_room = false;
        bell = write_queue(ch, &ended, &oversized);
        kmcl_wake_reader(ch); /* it may have waited for answers to leave */
    }
    kmcl_unlock(ch, bell, irql);
    end_all(&oversized, STATUS_BUFFER_OVERFLOW);
    end_all(&ended, STATUS_SUCCESS);
}

void kmcl_remove_requests(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);

    if (ch->service == KMCL_SERVING)
        ch->service = KMCL_SERVICE_ENDING;
    seam_unlock(ch->s, &ch->lock, irql);
}

/* Takes out what is in the ring and awaits a completion. */
static void take_sent(VMBCHANNEL ch, struct kmcl_queue *removed)
{
    uint64_t from = 0;
    VMBPACKET p;

    while ((p = kmcl_transaction_take_oldest(&ch->sent, !ch->link.host_keeps,
                                             &from))) {
        p->state = KMCL_PACKET_ENDING;
        kmcl_queue_add(removed, &p->out);
    }
}

/* Takes out what is queued; answers have no routine. */
static void take_queued(VMBCHANNEL ch, struct kmcl_queue *removed)
{
    struct kmcl_out *out;

    while ((out = ch->queue.first)) {
        kmcl_queue_remove(&ch->queue, out);
        if (out->release) {
            out->release(out);
        } else {
            kmcl_out_packet(out)->state = KMCL_PACKET_ENDING;
            kmcl_queue_add(removed, out);
        }
    }
}

void kmcl_remove_sent(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    struct kmcl_queue removed = {0};

    take_sent(ch, &removed);
    seam_unlock(ch->s, &ch->lock, irql);
    end_all(&removed, STATUS_DEVICE_REMOVED);
}

/* Takes everything out first: a routine may send again, and what it sends
 * waits for the next connection. */
bool kmcl_remove_all(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    struct kmcl_queue removed = {0};
    bool all;

    /* In the order of sending: what is in the ring is older. */
    take_sent(ch, &removed);
    take_queued(ch, &removed);
    all = !ch->sent.count;
    ch->awaiting_room = false;
    seam_unlock(ch->s, &ch->lock, irql);
    end_all(&removed, STATUS_DEVICE_REMOVED);
    return all;
}
