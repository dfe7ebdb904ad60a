/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Restoring one packet: through the driver, which brings the packet object,
 * or without it when there is nothing of the driver's.
 *
 *   chunk --> EvtRestorePacket(LibBuf, SaveBuf)
 *               driver: VmbPacketAllocate, its routine and pointer
 *               driver: VmbPacketRestore(packet, LibBuf) --> queue or
 *                                                            transactions
 */
#include "kmcl/save/save.h"
#include "kmcl/receive/receive.h"
#include "kmcl/send/send.h"

/* A server sends in-band packets, and transfer pages, which await their answer.
 * What a queued one says of its parts is for the guest to check. */
static bool kind_fits(VMBCHANNEL ch, const struct kmcl_saved_packet *saved)
{
    if (saved->type == RING_PACKET_IN_BAND)
        return !saved->header_size;
    return saved->type == RING_PACKET_TRANSFER_PAGES && !ch->pipe &&
           saved->waits && saved->header_size % 8 == 0 &&
           (!saved->queued || saved->header_size <= saved->size);
}

/* The saved packet in a LibBuf, if it makes sense for this channel. */
static NTSTATUS read_packet(VMBCHANNEL ch, const void *lib, uint32_t size,
                            struct kmcl_saved_packet *saved)
{
    const struct kmcl_restore *r = ch->restore;

    /* Check each field, and all sizes against each other: the checksum says
     * that the bytes are those that were saved, not who saved them. */
    if (size < sizeof(*saved))
        return STATUS_DATA_ERROR;
    memcpy(saved, lib, sizeof(*saved));
    if (saved->magic != KMCL_CHUNK_MAGIC || !kind_fits(ch, saved) ||
        saved->size > RING_BODY_LIMIT || (!saved->queued && saved->size) ||
        (!saved->queued && !saved->waits) ||
        size != sizeof(*saved) + kmcl_padded(saved->size))
        return STATUS_DATA_ERROR;
    /* In the order of sending, and all before the next one. */
    if (saved->transaction <= r->last_transaction ||
        saved->transaction >= r->next_transaction)
        return STATUS_DATA_ERROR;
    return STATUS_SUCCESS;
}

NTSTATUS VmbPacketRestore(VMBPACKET PacketObject, PVOID Buffer,
                          ULONG BufferSize)
{
    VMBPACKET p = PacketObject;
    struct kmcl_saved_packet saved;
    struct kmcl_restore *r;
    VMBCHANNEL ch;
    NTSTATUS status;
    uint8_t irql;

    /* Only inside EvtRestorePacket, once, with the very bytes that it was
     * given. */
    if (!kmcl_packet_ready(p) || !p->routine)
        return STATUS_INVALID_PARAMETER_1;
    ch = p->channel;
    r = ch->restore;
    if (!r || !r->lib || r->taken)
        return STATUS_INVALID_DEVICE_STATE;
    if (Buffer != r->lib)
        return STATUS_INVALID_PARAMETER_2;
    if (BufferSize != r->lib_size)
        return STATUS_INVALID_PARAMETER_3;
    status = read_packet(ch, Buffer, BufferSize, &saved);
    if (!NT_SUCCESS(status))
        return status;
    /* The packet was made with the maxima of this channel; the saved one may
     * have been larger. */
    if (saved.size > p->capacity)
        return STATUS_INVALID_PARAMETER_3;

    /* The packet keeps the number that the guest knows it by. */
    irql = seam_lock(ch->s, &ch->lock);
    p->out.wire = (struct ring_packet){
        .type = saved.type,
        .flags = saved.waits ? RING_FLAG_COMPLETION_REQUESTED : 0,
        .header_size = saved.queued ? saved.header_size : 0,
        .size = saved.size,
        .transaction = saved.transaction,
    };
    p->out.release = NULL;
    /* Put it where it was: into the queue, or among those in the ring. */
    if (saved.queued) {
        memcpy(p->body, (uint8_t *)Buffer + sizeof(saved), saved.size);
        p->out.body = p->body;
        p->state = KMCL_PACKET_QUEUED;
        kmcl_queue_add(&ch->queue, &p->out);
    } else {
        p->state = KMCL_PACKET_AWAITING;
        kmcl_transaction_add(&ch->sent, p);
    }
    /* EvtRestorePacket must have called this, or the packet is lost. */
    r->taken = true;
    r->last_transaction = saved.transaction;
    seam_unlock(ch->s, &ch->lock, irql);
    return STATUS_SUCCESS;
}

/* Without EvtRestorePacket KMCL brings the packet itself: one that frees
 * itself when it ends. */
static NTSTATUS restore_alone(VMBCHANNEL ch, void *lib, uint32_t lib_size)
{
    VMBPACKET p = VmbPacketAllocate(ch);
    NTSTATUS status;

    if (!p)
        return STATUS_INSUFFICIENT_RESOURCES;
    /* It frees itself at its end, as its default routine does. */
    status = VmbPacketRestore(p, lib, lib_size);
    if (!NT_SUCCESS(status))
        VmbPacketFree(p);
    return status;
}

/* The payload of a packet's chunk: sizes, the bytes for VmbPacketRestore, the
 * bytes of the driver. */
NTSTATUS kmcl_restore_item(VMBCHANNEL ch, void *payload, uint32_t size)
{
    struct kmcl_restore *r = ch->restore;
    struct kmcl_saved_item item;
    uint8_t *lib = (uint8_t *)payload + sizeof(item);
    NTSTATUS status;

    if (size < sizeof(item))
        return STATUS_DATA_ERROR;
    /* The payload may be aligned in any way. */
    memcpy(&item, payload, sizeof(item));
    size -= (uint32_t)sizeof(item);
    /* Each size is checked before it is used for the next comparison. */
    if (item.lib_size > size || item.driver_size > size - item.lib_size ||
        item.lib_size % 8 || (item.driver_size && !item.has_driver) ||
        size != item.lib_size + kmcl_padded(item.driver_size))
        return STATUS_DATA_ERROR;
    if (!ch->set.restore_packet && item.has_driver)
        return STATUS_NOT_SUPPORTED;

    /* VmbPacketRestore accepts these bytes and no others from here on, until
     * the callback has returned. */
    r->lib = lib;
    r->lib_size = item.lib_size;
    r->taken = false;
    status = ch->set.restore_packet
                 ? ch->set.restore_packet(
                       ch, lib, item.lib_size,
                       item.has_driver ? lib + item.lib_size : NULL,
                       item.has_driver ? item.driver_size : 0)
                 : restore_alone(ch, lib, item.lib_size);
    /* The bytes are gone when this returns. */
    r->lib = NULL;
    if (NT_SUCCESS(status) && !r->taken) {
        seam_log(ch->s, SEAM_LOG_ERROR,
                 "kmcl: %s: EvtRestorePacket succeeded without "
                 "VmbPacketRestore: the packet would be lost",
                 ch->set.name);
        return STATUS_INVALID_DEVICE_STATE;
    }
    return status;
}

/* An answer that had waited for room goes back into the queue. Its packet is
 * complete for the driver, so no callback is called. */
NTSTATUS kmcl_restore_completion(VMBCHANNEL ch, void *payload, uint32_t size)
{
    struct kmcl_saved_completion saved;
    VMBPACKETCOMPLETION pc;
    uint8_t irql;

    if (size < sizeof(saved))
        return STATUS_DATA_ERROR;
    memcpy(&saved, payload, sizeof(saved));
    /* The sizes must agree to the byte, with the padding of the format. */
    if (saved.size > ch->set.max_packet ||
        size != sizeof(saved) + kmcl_padded(saved.size))
        return STATUS_DATA_ERROR;
    irql = seam_lock(ch->s, &ch->lock);
    /* Answers are built in the object of an incoming packet. */
    pc = kmcl_incoming_get(ch, saved.size);
    if (pc) {
        memcpy(pc->body, (uint8_t *)payload + sizeof(saved), saved.size);
        /* It goes back to the free list when it has been sent. */
        pc->state = KMCL_INCOMING_ANSWERING;
        pc->out = (struct kmcl_out){
            .wire = {.type = RING_PACKET_COMPLETION,
                     .size = saved.size,
                     .transaction = saved.transaction},
            .body = pc->body,
            .release = kmcl_answer_left,
        };
        kmcl_queue_add(&ch->queue, &pc->out);
    }
    seam_unlock(ch->s, &ch->lock, irql);
    return pc ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}
