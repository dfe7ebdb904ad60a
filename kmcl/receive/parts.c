/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of a transfer-page packet as they stand in it, for a driver that
 * has the memory mapped (kmcl/kmcl.h). external_in.c makes MDLs of them.
 */
#include "kmcl/kmcl.h"
#include "kmcl/receive/receive.h"
#include "vmbus/packet.h"

_Static_assert(sizeof(struct kmcl_part) == sizeof(struct ring_transfer_range),
               "parts are ranges of the wire");
_Static_assert(offsetof(struct kmcl_part, offset) ==
                   offsetof(struct ring_transfer_range, byte_offset),
               "in the same order");

bool kmcl_packet_parts(VMBPACKETCOMPLETION packet, struct kmcl_parts *parts)
{
    struct packet_transfer transfer;

    SEAM_ASSERT(kmcl_seam(), kmcl_delivered(packet),
                "not a packet that is delivered and not completed");
    SEAM_ASSERT(packet->channel->s, !packet->channel->is_server,
                "a server gets no transfer pages");
    /* The size of the memory is not known here, so any part fits it. The
     * header was checked when the packet was read. */
    if (packet->wire.type != RING_PACKET_TRANSFER_PAGES ||
        packet_parse_transfer_pages(&packet->wire, packet->body, UINT64_MAX,
                                    &transfer))
        return false;
    *parts = (struct kmcl_parts){
        .set_id = transfer.set_id,
        .count = transfer.range_count,
        .parts = (const struct kmcl_part *)(const void *)transfer.ranges,
    };
    return true;
}
