/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending a frame (network.h): it is checked, its headers are prepared for the
 * host, and its bytes are copied to where the host reads them.
 *
 * Several small frames share a section: each is an RNDIS message, and all but
 * the last are padded to the host's alignment, which their length includes.
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

/* Copies `size` bytes from `from` on; all parts together have them. */
static void copy(uint8_t *out, const struct network_segment *parts,
                 uint32_t from, uint32_t size)
{
    for (; size; parts++) {
        uint32_t take;

        /* Pass over the pieces that lie before. */
        if (from >= parts->size) {
            from -= parts->size;
            continue;
        }
        take = parts->size - from;
        take = take < size ? take : size;
        memcpy(out, (const uint8_t *)parts->bytes + from, take);
        out += take;
        size -= take;
        from = 0;
    }
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
    copy(f->head, parts, 0, f->head_size);
    if (!frame_prepare(f, o->fill, o->mss))
        return false;
    /* The tag travels beside the frame; the switch puts it in. */
    if (vlan) {
        f->infos |= FRAME_HAS_VLAN;
        f->vlan = (uint32_t)vlan << RNDIS_VLAN_ID_AT | o->priority;
    }
    return true;
}

/* ---- where it goes ------------------------------------------------------- */

/* Bytes that the message before has to grow by. */
static uint32_t padding(const struct network_driver *d,
                        const struct send_slot *slot)
{
    return -slot->size & (d->limits.alignment - 1);
}

/* Whether a message of `size` bytes may follow in the open slot, which is never
 * one that can take no other: put() has sent that. */
static bool fits(const struct network_driver *d, const struct send_slot *slot,
                 uint32_t size)
{
    uint32_t room = d->sending.section_size;

    /*
     * Both limits are the host's: the section's size, and the bytes of one
     * packet.
     */
    if (room > d->limits.max_transfer)
        room = d->limits.max_transfer;
    return (uint64_t)slot->size + padding(d, slot) + size <= room;
}

/* The message before becomes longer by its padding. The length is known here,
 * so it is not read from where the host could have changed it. */
static void pad(struct network_driver *d, struct send_slot *slot)
{
    uint32_t more = padding(d, slot);
    uint32_t length = slot->size + more - slot->last;

    /* Nothing of an older frame may go out as padding. */
    memset(slot->bytes + slot->size, 0, more);
    slot->size += more;
    memcpy(slot->bytes + slot->last + offsetof(struct rndis_header, length),
           &length, sizeof(length));
}

/* Writes the message to the end of the slot. */
static void fill(struct send_slot *slot, const struct frame_out *f,
                 const struct network_segment *parts, const uint8_t *header,
                 uint32_t header_size)
{
    uint8_t *at = slot->bytes + slot->size;

    /*
     * Remember where this message begins, in case that another follows and
     * this one is to be padded.
     */
    slot->last = slot->size;
    memcpy(at, header, header_size);
    /* The head as it was prepared, then the rest straight from the caller. */
    memcpy(at + header_size, f->head, f->head_size);
    copy(at + header_size + f->head_size, parts, f->head_size,
         f->size - f->head_size);
    slot->size += header_size + f->size;
    slot->frames++;
}

/* What put() decides: slots to send, in this order. */
struct to_send {
    struct send_slot *before, *now;
};

/* A new slot with its packet becomes the open one. */
static NTSTATUS open_slot(struct network_driver *d, uint32_t size)
{
    struct send_state *s = &d->sending;
    struct send_slot *slot = network_slot_take(d, size);

    if (!slot) {
        /* The completion that frees a slot then calls `room`. */
        s->wants_room = true;
        network_count(&d->statistics.sends_without_room, 1);
        return STATUS_DEVICE_BUSY;
    }
    /* Take the packet now, so that sending the slot cannot fail for memory. */
    slot->packet = VmbPacketAllocate(d->channel);
    if (!slot->packet) {
        network_slot_give(d, slot);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    s->open = slot;
    return STATUS_SUCCESS;
}

/* Puts the frame into the open slot, or into a new one. Under the lock. */
static NTSTATUS put(struct network_driver *d, const struct frame_out *f,
                    const struct network_segment *parts, bool more,
                    struct to_send *send)
{
    struct send_state *s = &d->sending;
    uint8_t header[RNDIS_SEND_HEADER];
    uint32_t header_size = frame_write_header(f, header);
    uint32_t size = header_size + f->size;
    NTSTATUS status;
    bool is_full;

    if (s->open && fits(d, s->open, size)) {
        pad(d, s->open);
    } else {
        /*
         * What is in the open slot goes first, so that frames keep their
         * order.
         */
        send->before = network_slot_due(d, true);
        status = open_slot(d, size);
        if (!NT_SUCCESS(status))
            return status;
    }
    fill(s->open, f, parts, header, header_size);
    /* What cannot take another frame has nothing to wait for. */
    is_full = s->open->mdl || s->open->frames >= d->limits.max_packets;
    if (!more || is_full)
        send->now = network_slot_due(d, is_full);
    return STATUS_SUCCESS;
}

static void send_both(struct network_driver *d, const struct to_send *send)
{
    if (send->before)
        network_slot_send(d, send->before);
    if (send->now)
        network_slot_send(d, send->now);
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
    struct to_send send = {0};

    if (!NT_SUCCESS(status))
        return status;
    /* Everything that takes time is done before the lock is taken. */
    if (!prepare(d, &f, parts, o))
        return STATUS_INVALID_PARAMETER;
    network_enter(d);
    vmbare_lock_take(&d->sending.lock);
    /* Once the channel has begun to close, no slot may be filled. */
    status = network_phase(d) == PHASE_READY ? put(d, &f, parts, o->more, &send)
                                             : STATUS_DEVICE_REMOVED;
    vmbare_lock_give(&d->sending.lock);
    /*
     * Send without the lock: the completion may come inside the call, and
     * takes it. A slot that was closed goes also when there was no room for
     * this frame.
     */
    send_both(d, &send);
    network_leave(d);
    if (!NT_SUCCESS(status))
        return status;
    network_count(&d->statistics.frames_sent, 1);
    network_count(&d->statistics.bytes_sent, size);
    return STATUS_SUCCESS;
}

void network_flush(struct network *n)
{
    struct network_driver *d = n->driver;
    struct to_send send = {0};

    network_enter(d);
    vmbare_lock_take(&d->sending.lock);
    if (network_phase(d) == PHASE_READY)
        send.now = network_slot_due(d, true);
    vmbare_lock_give(&d->sending.lock);
    send_both(d, &send);
    network_leave(d);
}
