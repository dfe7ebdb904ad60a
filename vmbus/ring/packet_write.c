/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Builders: each packet type's own header in front of the payload.
 * [linux hyperv.h], [openvmm ring]
 *
 *    in-band, completion   | payload |
 *    GPA-direct            packet_gpa.h
 *    transfer pages        | set id, count | range | ... | payload |
 *    pipe framing          | type, size | data |             in-band
 */
#include <errno.h>

#include "vmbus/packet.h"
#include "vmbus/seam.h"

/* The only flag that a host knows; it refuses packets with others. */
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

/* ---- transfer pages ------------------------------------------------------ */

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

    /* The ranges must fit into the length field of the descriptor. */
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

/* ---- pipe framing -------------------------------------------------------- */

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

    /* Receivers refuse more data in one packet. */
    if (size > RING_PIPE_LIMIT)
        return -EMSGSIZE;
    return ring_write_parts(w, at, &packet, parts, 2);
}
