/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Received data messages, read (frames.h):
 *
 *   | header | per-packet info | room | the frame, or a part of it |
 *
 * The message's own length is not used: hosts write that of the whole
 * suballocation. [openvmm netvsp]
 */
#include <string.h>

#include "drivers/network/wire/frames.h"

/* True: `size` bytes at `offset` of a body of `room` bytes. */
static bool inside(uint32_t offset, uint32_t size, uint32_t room)
{
    const uint32_t fixed =
        sizeof(struct rndis_packet) - sizeof(struct rndis_header);

    return offset >= fixed && offset <= room && size <= room - offset;
}

const char *rndis_read_layout(const struct rndis_packet *packet, uint32_t size,
                              struct rndis_layout *layout)
{
    const uint32_t body = sizeof(struct rndis_header);
    uint32_t room;

    if (size < sizeof(*packet) || packet->header.type != RNDIS_PACKET)
        return "a message that is no packet";
    room = size - body;
    /* Find the frame inside of the range; offsets count from the body. */
    if (!packet->data_size ||
        !inside(packet->data_offset, packet->data_size, room))
        return "a frame outside of its message";
    /*
     * No suballocation is so large; the range could be, where the host says
     * so.
     */
    if (packet->data_size > COALESCE_MOST)
        return "a frame that is longer than any";
    layout->data = body + packet->data_offset;
    layout->data_size = packet->data_size;
    layout->info = layout->info_size = 0;
    /* A frame of which nothing is said. */
    if (!packet->info_size)
        return NULL;
    if (!inside(packet->info_offset, packet->info_size, room))
        return "per-packet info outside of its message";
    if (packet->info_size > RNDIS_INFO_MOST)
        return "more per-packet info than there are kinds of it";
    layout->info = body + packet->info_offset;
    layout->info_size = packet->info_size;
    return NULL;
}

/* Sums that the host has found right. Of others nothing is said, so that the
 * stack checks them itself. */
static uint32_t good(uint32_t sums)
{
    uint32_t good = 0;

    if (sums & RNDIS_SUM_IP_GOOD)
        good |= NETWORK_IP_GOOD;
    if (sums & RNDIS_SUM_TCP_GOOD)
        good |= NETWORK_TCP_GOOD;
    if (sums & RNDIS_SUM_UDP_GOOD)
        good |= NETWORK_UDP_GOOD;
    return good;
}

/* One entry with a value of 4 bytes; kinds that are not known are passed over.
 */
static const char *take(uint32_t type, uint32_t value, struct rndis_beside *b)
{
    struct rndis_part part;

    switch (type) {
    case RNDIS_INFO_CHECKSUM:
        b->good = good(value);
        return NULL;
    case RNDIS_INFO_VLAN:
        b->vlan = (uint16_t)(value >> RNDIS_VLAN_ID_AT & 0xFFF);
        b->priority = value & 7;
        return NULL;
    case RNDIS_INFO_PART:
        /* Only the first version of this internal form is known. */
        memcpy(&part, &value, sizeof(part));
        if (part.version != 1)
            return "a part of a frame in an unknown form";
        b->part =
            part.flags & (RNDIS_PART_ANY | RNDIS_PART_FIRST | RNDIS_PART_LAST);
        b->part_id = part.id;
        return NULL;
    default:
        return NULL;
    }
}

/* An entry of size 0 would make a loop without end of it. */
const char *rndis_read_info(const uint8_t *info, uint32_t size,
                            struct rndis_beside *beside)
{
    const char *wrong;

    *beside = (struct rndis_beside){0};
    while (size) {
        struct rndis_info entry;
        uint32_t value;

        if (size < sizeof(entry))
            return "per-packet info that ends before its entry";
        memcpy(&entry, info, sizeof(entry));
        /* Make sure that the walk goes on and ends inside. */
        if (entry.size < sizeof(entry) || entry.size > size)
            return "per-packet info of a wrong size";
        if (entry.offset <= entry.size &&
            entry.size - entry.offset >= sizeof(value)) {
            memcpy(&value, info + entry.offset, sizeof(value));
            wrong = take(entry.type, value, beside);
            if (wrong)
                return wrong;
        }
        info += entry.size;
        size -= entry.size;
    }
    return NULL;
}
