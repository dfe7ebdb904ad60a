/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transfer pages of a send: a server has written into memory that its guest
 * shares, and names the places. No byte of the data is touched here.
 *
 *   body    | set id, range count | bytes, offset | bytes, offset | ... |
 *
 * The set's id is one that the device's own protocol gave to a GPADL; KMCL does
 * not know which, so the places are checked against the channel's maxima only.
 */
#include "kmcl/base/channel.h"
#include "kmcl/kmcl.h"
#include "kmcl/send/send.h"

_Static_assert(sizeof(struct kmcl_part) == sizeof(struct ring_transfer_range),
               "parts are ranges of the wire");

/* The client at the other end refuses what is above its own maxima, and a
 * driver gives both ends the same. */
static bool parts_fit(VMBPACKET p, const struct kmcl_part *parts,
                      uint32_t count)
{
    const struct kmcl_settings *set = &p->channel->set;
    uint32_t inline_room = (set->max_packet + 7) & ~7u;
    uint64_t sum = 0;

    /* A packet without a range is refused by its receiver. */
    if (!parts || !count || count > set->max_chain)
        return false;
    for (uint32_t i = 0; i < count; i++)
        sum += parts[i].bytes;
    if (sum > set->max_external)
        return false;
    /* A packet made before the maxima were raised has less room. */
    return p->capacity >= inline_room + sizeof(struct ring_transfer_header) +
                              count * sizeof(*parts);
}

/* Writes the packet's own header into its body. Returns its bytes. */
static uint32_t build(VMBPACKET p, uint16_t set_id,
                      const struct kmcl_part *parts, uint32_t count)
{
    struct ring_transfer_header header = {
        .set_id = set_id,
        .range_count = count,
    };
    uint8_t *body = (uint8_t *)p->body;
    uint32_t size = count * (uint32_t)sizeof(*parts);

    memcpy(body, &header, sizeof(header));
    memcpy(body + sizeof(header), parts, size);
    return (uint32_t)sizeof(header) + size;
}

NTSTATUS kmcl_server_send_parts(VMBPACKET PacketObject, UINT16 SetId,
                                const struct kmcl_part *Parts, UINT32 Count,
                                PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    const uint32_t wait = VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION;
    struct kmcl_send send;
    NTSTATUS status =
        kmcl_prepare_send(PacketObject, Buffer, BufferLength, NULL, 0, &send);

    if (status)
        return status;
    /* A guest names no places in its host's memory, and a pipe no places at
     * all. */
    if (!PacketObject->channel->is_server || PacketObject->channel->pipe)
        return STATUS_NOT_SUPPORTED;
    if (!parts_fit(PacketObject, Parts, Count))
        return STATUS_INVALID_PARAMETER_4;
    /* The memory is the guest's until it answers. */
    if (Flags != wait)
        return STATUS_INVALID_PARAMETER_7;
    send.type = RING_PACKET_TRANSFER_PAGES;
    send.header_size = send.body_header =
        build(PacketObject, SetId, Parts, Count);
    send.waits = true;
    return kmcl_status(kmcl_submit(PacketObject, &send));
}
