/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the bytes of a frame go (data.h): into the slot that is being filled,
 * or into a new one.
 *
 * Several small frames share a section: each is an RNDIS message, and all but
 * the last are padded to the host's alignment, which their length includes.
 */
#include "drivers/network/data/data.h"

#include <string.h>

void network_copy(uint8_t *out, const struct network_segment *parts,
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

/* Bytes that the message before has to grow by. */
static uint32_t padding(const struct network_driver *d,
                        const struct send_slot *slot)
{
    return -slot->size & (d->limits.alignment - 1);
}

/* Whether a message of `size` bytes may follow in the open slot, which is never
 * one that can take no other: network_fill() has sent that. */
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
    network_copy(at + header_size + f->head_size, parts, f->head_size,
                 f->size - f->head_size);
    slot->size += header_size + f->size;
    slot->frames++;
}

/* A new slot with its packet becomes the one that is filled. */
static NTSTATUS open_slot(struct network_queue *q, uint32_t size)
{
    struct network_driver *d = q->driver;
    struct send_slot *slot = network_slot_take(q, size);

    if (!slot) {
        /* The completion that frees a slot then calls `room`. */
        d->sending.wants_room = true;
        network_count(&d->statistics.sends_without_room, 1);
        return STATUS_DEVICE_BUSY;
    }
    /* Take the packet now, so that sending the slot cannot fail for memory. */
    slot->packet = VmbPacketAllocate(q->channel);
    if (!slot->packet) {
        network_slot_give(d, slot);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    q->filling = slot;
    return STATUS_SUCCESS;
}

NTSTATUS network_fill(struct network_queue *q, const struct frame_out *f,
                      const struct network_segment *parts, bool more,
                      struct to_send *send)
{
    struct network_driver *d = q->driver;
    uint8_t header[RNDIS_SEND_HEADER];
    uint32_t header_size = frame_write_header(f, header);
    uint32_t size = header_size + f->size;
    NTSTATUS status;
    bool is_full;

    if (q->filling && fits(d, q->filling, size)) {
        pad(d, q->filling);
    } else {
        /*
         * What is in the open slot goes first, so that frames keep their
         * order.
         */
        send->before = network_slot_due(q, true);
        status = open_slot(q, size);
        if (!NT_SUCCESS(status))
            return status;
    }
    fill(q->filling, f, parts, header, header_size);
    /* What cannot take another frame has nothing to wait for. */
    is_full = q->filling->mdl || q->filling->frames >= d->limits.max_packets;
    if (!more || is_full)
        send->now = network_slot_due(q, is_full);
    return STATUS_SUCCESS;
}
