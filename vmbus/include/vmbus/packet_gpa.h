/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The header of a GPA-direct packet, built from frame numbers. Inline, because
 * each request with data passes all of it. packet.h has the rest of packets.
 *
 *    | 8 bytes | range | frames | range | frames | ... |
 *
 * All functions may be called at any IRQL.
 */
#ifndef VMBUS_PACKET_GPA_H
#define VMBUS_PACKET_GPA_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/ring.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * How many frames such a range touches.
 *
 * @byte_offset  of the first byte in the first frame, under 4096
 * @byte_count   above 0
 * @return       frames
 */
static inline uint32_t packet_gpa_frames(uint32_t byte_offset,
                                         uint32_t byte_count)
{
    return (uint32_t)(((uint64_t)byte_offset + byte_count + 4095) / 4096);
}

/* The header of a GPA-direct packet while it is built. */
struct packet_gpa_builder {
    uint8_t *header;
    uint32_t size; /* bytes of it that are built */
    uint32_t room; /* bytes that it may take */
    uint32_t ranges;
};

/**
 * Begin the header of a GPA-direct packet.
 *
 * @b       the builder; any content before
 * @header  where the header is built, aligned to 8; stays the caller's
 * @room    its bytes; no more than the wire's limit is used
 *
 * Then packet_gpa_add for each range and packet_gpa_end. The packet is sent by
 * ring_write_parts with the type RING_PACKET_GPA_DIRECT: the header, then the
 * payload. [linux hyperv.h]
 */
static inline void packet_gpa_begin(struct packet_gpa_builder *b, void *header,
                                    uint32_t room)
{
    /* The header with its ranges must fit into the length field of the
     * descriptor. */
    *b = (struct packet_gpa_builder){
        .header = (uint8_t *)header,
        .size = sizeof(struct ring_gpa_header),
        .room = room < RING_BODY_LIMIT ? room : RING_BODY_LIMIT,
    };
}

/**
 * Add a range of the sender's memory, without holes.
 *
 * @b  after packet_gpa_begin()
 * @pfns         frame numbers; those that the range touches are copied. The
 *               frames stay the sender's and must not change before the
 *               packet's completion
 * @byte_offset  from the beginning of the first frame to the first byte; at
 *               4096 or more the range begins in a later frame
 * @byte_count   bytes of the range
 * @return       false: the range is empty or there is no room for it; nothing
 *               was added
 */
static inline bool packet_gpa_add(struct packet_gpa_builder *b,
                                  const uint64_t *pfns, uint32_t byte_offset,
                                  uint32_t byte_count)
{
    struct ring_gpa_range range = {
        .byte_count = byte_count,
        .byte_offset = byte_offset % 4096,
    };
    uint64_t frames = packet_gpa_frames(range.byte_offset, byte_count);
    uint64_t bytes = sizeof(range) + 8 * frames;
    uint8_t *to;

    /* Refuse an empty range, which receivers refuse, and one that the header
     * has no room for. */
    if (byte_count == 0 || b->room < b->size || bytes > b->room - b->size)
        return false;
    /* Give the range first, then all frames that it touches, in order. */
    to = b->header + b->size;
    pfns += byte_offset / 4096;
    __builtin_memcpy(to, &range, sizeof(range));
    for (uint64_t i = 0; i < frames; i++)
        __builtin_memcpy(to + sizeof(range) + 8 * i, pfns + i, 8);
    b->size += (uint32_t)bytes;
    b->ranges++;
    return true;
}

/**
 * End the header.
 *
 * @b  after packet_gpa_begin()
 * @return  its bytes, which are the packet's header_size; 0: it has no range
 */
static inline uint32_t packet_gpa_end(struct packet_gpa_builder *b)
{
    struct ring_gpa_header header = {.range_count = b->ranges};

    /* A packet without a range is refused by its receiver. */
    if (b->ranges == 0)
        return 0;
    __builtin_memcpy(b->header, &header, sizeof(header));
    return b->size;
}

#ifdef __cplusplus
}
#endif

#endif
