/*
 * Restoring one packet: through the driver, which brings the packet object,
 * or without it when there is nothing of the driver's.
 */
#include "kmcl/save/save.h"

/* The saved packet in a LibBuf, if it makes sense for this channel. */
static NTSTATUS read_packet(VMBCHANNEL ch, const void *lib, uint32_t size,
                            struct kmcl_saved_packet *saved)
{
    const struct kmcl_restore *r = ch->restore;

    if (size < sizeof(*saved))
        return STATUS_DATA_ERROR;
    memcpy(saved, lib, sizeof(*saved));
    if (saved->magic != KMCL_CHUNK_MAGIC ||
        saved->type != RING_PACKET_IN_BAND || saved->header_size ||
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
    if (saved.size > p->capacity)
        return STATUS_INVALID_PARAMETER_3;

    irql = seam_lock(ch->s, &ch->lock);
    p->out.wire = (struct ring_packet){
        .type = saved.type,
        .flags = saved.waits ? RING_FLAG_COMPLETION_REQUESTED : 0,
        .size = saved.size,
        .transaction = saved.transaction,
    };
    p->out.is_completion = false;
    if (saved.queued) {
        memcpy(p->body, (uint8_t *)Buffer + sizeof(saved), saved.size);
        p->out.body = p->body;
        p->state = KMCL_PACKET_QUEUED;
        kmcl_queue_add(&ch->queue, &p->out);
    } else {
        p->state = KMCL_PACKET_AWAITING;
        kmcl_transaction_add(&ch->sent, p);
    }
    r->taken = true;
    r->last_transaction = saved.transaction;
    seam_unlock(ch->s, &ch->lock, irql);
    return STATUS_SUCCESS;
}

/* A packet that needs no driver: it frees itself when it ends. */
static NTSTATUS restore_alone(VMBCHANNEL ch, void *lib, uint32_t lib_size)
{
    VMBPACKET p = VmbPacketAllocate(ch);
    NTSTATUS status;

    if (!p)
        return STATUS_INSUFFICIENT_RESOURCES;
    status = VmbPacketRestore(p, lib, lib_size);
    if (!NT_SUCCESS(status))
        VmbPacketFree(p);
    return status;
}

NTSTATUS kmcl_restore_item(VMBCHANNEL ch, void *payload, uint32_t size)
{
    struct kmcl_restore *r = ch->restore;
    struct kmcl_saved_item item;
    uint8_t *lib = (uint8_t *)payload + sizeof(item);
    NTSTATUS status;

    if (size < sizeof(item))
        return STATUS_DATA_ERROR;
    memcpy(&item, payload, sizeof(item));
    size -= (uint32_t)sizeof(item);
    if (item.lib_size > size || item.driver_size > size - item.lib_size ||
        item.lib_size % 8 || (item.driver_size && !item.has_driver) ||
        size != item.lib_size + kmcl_padded(item.driver_size))
        return STATUS_DATA_ERROR;
    if (!ch->set.restore_packet && item.has_driver)
        return STATUS_NOT_SUPPORTED;

    r->lib = lib;
    r->lib_size = item.lib_size;
    r->taken = false;
    status = ch->set.restore_packet
                 ? ch->set.restore_packet(
                       ch, lib, item.lib_size,
                       item.has_driver ? lib + item.lib_size : NULL,
                       item.has_driver ? item.driver_size : 0)
                 : restore_alone(ch, lib, item.lib_size);
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

NTSTATUS kmcl_restore_completion(VMBCHANNEL ch, void *payload, uint32_t size)
{
    struct kmcl_saved_completion saved;
    VMBPACKETCOMPLETION pc;
    uint8_t irql;

    if (size < sizeof(saved))
        return STATUS_DATA_ERROR;
    memcpy(&saved, payload, sizeof(saved));
    if (saved.size > ch->set.max_packet ||
        size != sizeof(saved) + kmcl_padded(saved.size))
        return STATUS_DATA_ERROR;
    irql = seam_lock(ch->s, &ch->lock);
    pc = kmcl_incoming_get(ch, saved.size);
    if (pc) {
        memcpy(pc->body, (uint8_t *)payload + sizeof(saved), saved.size);
        pc->state = KMCL_INCOMING_ANSWERING;
        pc->out = (struct kmcl_out){
            .wire = {.type = RING_PACKET_COMPLETION,
                     .size = saved.size,
                     .transaction = saved.transaction},
            .body = pc->body,
            .is_completion = true,
        };
        kmcl_queue_add(&ch->queue, &pc->out);
    }
    seam_unlock(ch->s, &ch->lock, irql);
    return pc ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}
