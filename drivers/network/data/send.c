/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending a frame (network.h): it is checked, its headers are prepared for the
 * host, a channel is chosen for it, and its bytes are copied to where the host
 * reads them.
 */
#include "drivers/network/data/data.h"

#include <string.h>

#define VLAN_MOST 4094u

/* ---- what is to be sent -------------------------------------------------- */

static uint64_t size_of(const struct network_segment *parts, uint32_t count)
{
    uint64_t size = 0;

    for (uint32_t i = 0; i < count; i++)
        size += parts[i].size;
    return size;
}

/* The longest frame: by the MTU, or what the host cuts; and with its header no
 * longer than the host takes. */
static uint32_t most(const struct network_driver *d, uint32_t mss)
{
    uint32_t all = d->limits.max_transfer - RNDIS_SEND_HEADER;
    uint32_t most = mss ? d->offload.large_max : d->mtu + NETWORK_HEADER_SIZE;

    return most < all ? most : all;
}

/* The offloads that a frame needs. */
static uint32_t needs(const struct network_send_options *o)
{
    if (o->mss)
        return NETWORK_LARGE_SEND;
    return o->fill ? NETWORK_TX_CHECKSUM : 0;
}

/* What the caller may not ask for, before a slot is taken. */
static NTSTATUS check(const struct network_driver *d,
                      const struct network_send_options *o, uint64_t size)
{
    if (network_phase(d) != PHASE_READY)
        return STATUS_DEVICE_REMOVED;
    /*
     * All sizes are compared in 64 bits: the sum of the pieces is the
     * caller's.
     */
    if (size < NETWORK_HEADER_SIZE || size > most(d, o->mss) ||
        o->vlan > VLAN_MOST || o->priority > 7 || o->mss > d->mtu)
        return STATUS_INVALID_PARAMETER;
    /* An offload that is not on would leave a frame with a wrong sum. */
    if (needs(o) & ~d->offload.offloads)
        return STATUS_NOT_SUPPORTED;
    return STATUS_SUCCESS;
}

/* The frame's head with what the host is to do; false: not such a frame. */
static bool prepare(const struct network_driver *d, struct frame_out *f,
                    const struct network_segment *parts,
                    const struct network_send_options *o)
{
    uint16_t vlan = o->vlan ? o->vlan : d->settings.vlan;

    /*
     * Work on a copy: the caller's bytes stay as they are, and what is in a
     * section the host may change.
     */
    f->head_size = f->size < FRAME_HEAD ? f->size : FRAME_HEAD;
    network_copy(f->head, parts, 0, f->head_size);
    if (!frame_prepare(f, o->fill, o->mss))
        return false;
    /* The tag travels beside the frame; the switch puts it in. */
    if (vlan) {
        f->infos |= FRAME_HAS_VLAN;
        f->vlan = (uint32_t)vlan << RNDIS_VLAN_ID_AT | o->priority;
    }
    return true;
}

static void send_both(struct network_driver *d, const struct to_send *send)
{
    if (send->before)
        network_slot_send(d, send->before);
    if (send->now)
        network_slot_send(d, send->now);
}

/* ---- on which channel ---------------------------------------------------- */

/* All frames of a flow go on one channel, so they keep their order; which one
 * the host says. */
static struct network_queue *choose(struct network_driver *d,
                                    const struct frame_out *f)
{
    uint32_t flow, index;

    if (!__atomic_load_n(&d->promised, __ATOMIC_ACQUIRE))
        return &d->queues[0];
    /* Only now is the hash worth its time. */
    flow = frame_flow(f->head, f->head_size);
    index = __atomic_load_n(&d->send_table[flow % NVSP_SEND_ENTRIES],
                            __ATOMIC_RELAXED);
    /* One that has gone, or is not open yet. */
    if (!network_queue_is_open(&d->queues[index]))
        index = 0;
    return &d->queues[index];
}

/* Puts the frame into a slot, and sends what has nothing to wait for. */
static NTSTATUS send_on(struct network_queue *q, const struct frame_out *f,
                        const struct network_segment *parts, bool more)
{
    struct network_driver *d = q->driver;
    struct to_send send = {0};
    NTSTATUS status;

    network_enter(q);
    vmbare_lock_take(&d->sending.lock);
    /* Once the channel has begun to close, no slot may be filled. */
    status = network_may_fill(q) ? network_fill(q, f, parts, more, &send)
                                 : STATUS_DEVICE_REMOVED;
    vmbare_lock_give(&d->sending.lock);
    /*
     * Send without the lock: the completion may come inside the call, and
     * takes it. A slot that was closed goes also when there was no room for
     * this frame.
     */
    send_both(d, &send);
    network_leave(q);
    return status;
}

NTSTATUS network_send(struct network *n, const struct network_segment *parts,
                      uint32_t count,
                      const struct network_send_options *options)
{
    static const struct network_send_options none;
    const struct network_send_options *o = options ? options : &none;
    struct network_driver *d = n->driver;
    uint64_t size = size_of(parts, count);
    NTSTATUS status = check(d, o, size);
    struct frame_out f = {.size = (uint32_t)size};
    struct network_queue *q;

    if (!NT_SUCCESS(status))
        return status;
    /* Everything that takes time is done before the lock is taken. */
    if (!prepare(d, &f, parts, o))
        return STATUS_INVALID_PARAMETER;
    q = choose(d, &f);
    status = send_on(q, &f, parts, o->more);
    /* A sub-channel that went in this moment: the primary takes it. */
    if (status == STATUS_DEVICE_REMOVED && q->index) {
        q = &d->queues[0];
        status = send_on(q, &f, parts, o->more);
    }
    if (!NT_SUCCESS(status))
        return status;
    network_count(&d->statistics.frames_sent, 1);
    if (q->index)
        network_count(&d->statistics.sent_beside, 1);
    network_count(&d->statistics.bytes_sent, size);
    return STATUS_SUCCESS;
}

static void flush(struct network_queue *q)
{
    struct network_driver *d = q->driver;
    struct to_send send = {0};

    network_enter(q);
    vmbare_lock_take(&d->sending.lock);
    if (network_may_fill(q))
        send.now = network_slot_due(q, true);
    vmbare_lock_give(&d->sending.lock);
    send_both(d, &send);
    network_leave(q);
}

void network_flush(struct network *n)
{
    for (uint32_t i = 0; i < n->driver->queue_count; i++)
        flush(&n->driver->queues[i]);
}
