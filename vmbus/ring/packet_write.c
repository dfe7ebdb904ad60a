/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Builders: each packet type's own header in front of the payload.
 *
 * [linux hyperv.h] [openvmm ring]
 */
#include <errno.h>

#include "vmbus/packet.h"
#include "vmbus/seam.h"

static uint16_t flags_of(bool completion)
{
    return completion ? RING_FLAG_COMPLETION_REQUESTED : 0;
}

int packet_write_in_band(struct ring_writer *w, uint32_t *at,
                         uint64_t transaction, bool completion,
                         const void *payload, uint32_t size)
{
    struct ring_packet packet = {
        .type = RING_PACKET_IN_BAND,
        .flags = flags_of(completion),
        .size = size,
        .transaction = transaction,
    };

    return ring_write(w, at, &packet, payload);
}

int packet_write_completion(struct ring_writer *w, uint32_t *at,
                            uint64_t transaction, const void *payload,
                            uint32_t size)
{
    struct ring_packet packet = {
        .type = RING_PACKET_COMPLETION,
        .size = size,
        .transaction = transaction,
    };

    return ring_write(w, at, &packet, payload);
}

int packet_write_cancel(struct ring_writer *w, uint32_t *at,
                        uint64_t transaction)
{
    struct ring_packet packet = {
        .type = RING_PACKET_CANCEL,
        .transaction = transaction,
    };

    return ring_write(w, at, &packet, NULL);
}

uint32_t packet_gpa_header_size(const struct packet_gpa_range *ranges,
                                uint32_t count)
{
    uint64_t size = sizeof(struct ring_gpa_header);

    for (uint32_t i = 0; i < count; i++) {
        if (ranges[i].byte_count == 0 || ranges[i].byte_offset >= 4096)
            return 0;
        size += sizeof(struct ring_gpa_range);
        size += UINT64_C(8) *
                packet_gpa_frames(ranges[i].byte_offset, ranges[i].byte_count);
        if (size > RING_BODY_LIMIT)
            return 0;
    }
    return count == 0 ? 0 : (uint32_t)size;
}

/* Copies the ranges behind each other into the room reserved at `at`. */
static void fill_ranges(struct ring_writer *w, uint32_t at,
                        const struct packet_gpa_range *ranges, uint32_t count)
{
    struct ring_gpa_header header = {.range_count = count};
    uint32_t offset = sizeof(header);

    ring_fill(w, at, 0, &header, sizeof(header));
    for (uint32_t i = 0; i < count; i++) {
        struct ring_gpa_range range = {
            .byte_count = ranges[i].byte_count,
            .byte_offset = ranges[i].byte_offset,
        };
        uint32_t bytes =
            8 * packet_gpa_frames(range.byte_offset, range.byte_count);

        ring_fill(w, at, offset, &range, sizeof(range));
        offset += sizeof(range);
        ring_fill(w, at, offset, ranges[i].pfns, bytes);
        offset += bytes;
    }
}

int packet_write_gpa_direct(struct ring_writer *w, uint32_t *at,
                            uint64_t transaction, bool completion,
                            const struct packet_gpa_range *ranges,
                            uint32_t count, const void *payload, uint32_t size)
{
    uint32_t header_size = packet_gpa_header_size(ranges, count);
    struct ring_packet packet = {
        .type = RING_PACKET_GPA_DIRECT,
        .flags = flags_of(completion),
        .header_size = header_size,
        .size = header_size + size,
        .transaction = transaction,
    };
    int status;

    if (header_size == 0)
        return -EINVAL;
    if (size > RING_BODY_LIMIT)
        return -EMSGSIZE;
    status = ring_reserve(w, *at, packet.size, NULL);
    if (status != 0)
        return status;
    fill_ranges(w, *at, ranges, count);
    ring_fill(w, *at, header_size, payload, size);
    ring_seal(w, at, &packet);
    return 0;
}

int packet_write_transfer_pages(struct ring_writer *w, uint32_t *at,
                                uint64_t transaction, bool completion,
                                uint16_t set_id,
                                const struct ring_transfer_range *ranges,
                                uint32_t count, const void *payload,
                                uint32_t size)
{
    struct ring_transfer_header header = {
        .set_id = set_id,
        .range_count = count,
    };
    uint32_t header_size, ranges_size;

    if (count == 0 || count > RING_BODY_LIMIT / sizeof(*ranges) - 1)
        return -EINVAL;
    if (size > RING_BODY_LIMIT)
        return -EMSGSIZE;
    ranges_size = count * (uint32_t)sizeof(*ranges);
    header_size = (uint32_t)sizeof(header) + ranges_size;
    return ring_write_parts(
        w, at,
        &(struct ring_packet){
            .type = RING_PACKET_TRANSFER_PAGES,
            .flags = flags_of(completion),
            .header_size = header_size,
            .size = header_size + size,
            .transaction = transaction,
        },
        (const struct ring_part[]){
            {&header, sizeof(header)}, {ranges, ranges_size}, {payload, size}},
        3);
}

int packet_write_pipe(struct ring_writer *w, uint32_t *at, uint64_t transaction,
                      bool completion, const void *data, uint32_t size)
{
    struct ring_pipe_header header = {.type = RING_PIPE_DATA, .size = size};
    struct ring_packet packet = {
        .type = RING_PACKET_IN_BAND,
        .flags = flags_of(completion),
        .size = (uint32_t)sizeof(header) + size,
        .transaction = transaction,
    };
    struct ring_part parts[] = {{&header, sizeof(header)}, {data, size}};

    if (size > RING_PIPE_LIMIT)
        return -EMSGSIZE;
    return ring_write_parts(w, at, &packet, parts, 2);
}
