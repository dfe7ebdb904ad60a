/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parsers: what a packet that was copied out says, checked against its size.
 *
 * Nothing here looks at shared memory: the copy cannot change any more, so a
 * value may be read as often as it is needed. [openvmm ring], [linux hyperv.h]
 *
 * A GPA-direct header, all of it in packet->header_size:
 *
 *    | reserved | range count |
 *    | byte count | byte offset | frame | frame | ... |    one range
 *    | byte count | byte offset | frame | ... |            the next one
 */
#include <errno.h>
#include <string.h>

#include "vmbus/packet.h"

/* ---- GPA-direct ---------------------------------------------------------- */

/* The two words of a range at `from`, which may be aligned to 8 only. */
static struct ring_gpa_range range_at(const uint8_t *from)
{
    struct ring_gpa_range range;

    memcpy(&range, from, sizeof(range));
    return range;
}

/* Checks the range at `offset` of a header of `size` bytes and adds it to *gpa.
 * Returns the offset after it, or 0 with gpa->reason. */
static uint32_t check_range(const uint8_t *header, uint32_t offset,
                            uint32_t size, struct packet_gpa *gpa)
{
    struct ring_gpa_range range;
    uint32_t frames;

    /* Refuse a range whose own two words are not in the header. */
    gpa->reason = "GPA-direct: range beyond the header";
    if (size - offset < sizeof(range))
        return 0;
    range = range_at(header + offset);
    offset += (uint32_t)sizeof(range);
    /* Refuse what no sender has a reason for. */
    gpa->reason = "GPA-direct: empty range";
    if (range.byte_count == 0)
        return 0;
    gpa->reason = "GPA-direct: range starts beyond its first frame";
    if (range.byte_offset >= 4096)
        return 0;
    frames = packet_gpa_frames(range.byte_offset, range.byte_count);
    /* Refuse a range that touches more frames than the header lists. */
    gpa->reason = "GPA-direct: frames beyond the header";
    if (frames > (size - offset) / 8)
        return 0;
    gpa->reason = NULL;
    gpa->frame_count += frames;
    gpa->byte_count += range.byte_count;
    return offset + frames * 8;
}

int packet_parse_gpa_direct(const struct ring_packet *packet, const void *body,
                            struct packet_gpa *gpa)
{
    struct ring_gpa_header header;
    uint32_t offset = sizeof(header);

    *gpa = (struct packet_gpa){.reason = "GPA-direct: header too short"};
    if (packet->header_size < sizeof(header))
        return -EPROTO;
    memcpy(&header, body, sizeof(header));
    gpa->reason = "GPA-direct: no range";
    if (header.range_count == 0)
        return -EPROTO;
    /* Check every range before any is used. Each turn takes at least 16 bytes
     * of the header or ends the loop, so the sender's count cannot make it
     * long. */
    for (uint32_t i = 0; i < header.range_count; i++) {
        offset = check_range(body, offset, packet->header_size, gpa);
        if (offset == 0)
            return -EPROTO;
    }
    gpa->range_count = gpa->left = header.range_count;
    gpa->next = (const uint8_t *)body + sizeof(header);
    return 0;
}

bool packet_gpa_next(struct packet_gpa *gpa, struct packet_gpa_range *range)
{
    struct ring_gpa_range wire;

    if (gpa->left == 0)
        return false;
    /* packet_parse_gpa_direct has checked all of this. */
    wire = range_at(gpa->next);
    range->byte_count = wire.byte_count;
    range->byte_offset = wire.byte_offset;
    range->pfns = (const uint64_t *)(const void *)(gpa->next + sizeof(wire));
    gpa->next += sizeof(wire);
    gpa->next += 8 * packet_gpa_frames(wire.byte_offset, wire.byte_count);
    gpa->left--;
    return true;
}

/* ---- transfer pages ------------------------------------------------------ */

int packet_parse_transfer_pages(const struct ring_packet *packet,
                                const void *body, uint64_t set_size,
                                struct packet_transfer *transfer)
{
    struct ring_transfer_header header;
    const struct ring_transfer_range *ranges;

    *transfer =
        (struct packet_transfer){.reason = "transfer pages: header too short"};
    if (packet->header_size < sizeof(header))
        return -EPROTO;
    memcpy(&header, body, sizeof(header));
    transfer->reason = "transfer pages: no range";
    if (header.range_count == 0)
        return -EPROTO;
    /* Refuse a count that the header has no room for. */
    transfer->reason = "transfer pages: ranges beyond the header";
    if (header.range_count >
        (packet->header_size - sizeof(header)) / sizeof(*ranges))
        return -EPROTO;
    ranges = (const void *)((const uint8_t *)body + sizeof(header));
    /* Refuse a range that ends beyond the pages that we shared. */
    transfer->reason = "transfer pages: range outside the shared pages";
    for (uint32_t i = 0; i < header.range_count; i++)
        if ((uint64_t)ranges[i].byte_offset + ranges[i].byte_count > set_size)
            return -EPROTO;
    transfer->reason = NULL;
    transfer->set_id = header.set_id;
    transfer->sender_owns_set = header.sender_owns_set != 0;
    transfer->range_count = header.range_count;
    transfer->ranges = ranges;
    return 0;
}

/* ---- pipe framing -------------------------------------------------------- */

/* Checks the header's two numbers: NULL, or what is wrong. */
static const char *pipe_fault(const struct ring_pipe_header *header,
                              uint32_t room, struct packet_pipe *pipe)
{
    uint32_t size = header->size;

    if (header->type == RING_PIPE_PARTIAL) {
        /* The upper half says how much of it was taken before. */
        pipe->consumed = size >> 16;
        size &= 0xffff;
    } else if (header->type != RING_PIPE_DATA) {
        return "pipe: neither data nor partial";
    }
    /* Refuse a size beyond the framing's limit, or beyond the packet. */
    if (size > RING_PIPE_LIMIT)
        return "pipe: more data than a pipe packet carries";
    if (size > room)
        return "pipe: data beyond the packet";
    if (pipe->consumed > size)
        return "pipe: more consumed than there was";
    pipe->size = size - pipe->consumed;
    return NULL;
}

int packet_parse_pipe(const struct ring_packet *packet, const void *body,
                      struct packet_pipe *pipe)
{
    uint32_t size = packet_payload_size(packet);
    const uint8_t *payload = packet_payload(packet, body);
    struct ring_pipe_header header;

    *pipe = (struct packet_pipe){.reason = "pipe: header too short"};
    if (size < sizeof(header))
        return -EPROTO;
    memcpy(&header, payload, sizeof(header));
    pipe->reason = pipe_fault(&header, size - (uint32_t)sizeof(header), pipe);
    if (pipe->reason != NULL)
        return -EPROTO;
    pipe->data = payload + sizeof(header) + pipe->consumed;
    return 0;
}
