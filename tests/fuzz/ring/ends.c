/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operations of our two ends of the ring, and the checks after each.
 */
#include <errno.h>
#include <string.h>

#include "fuzz_ring.h"

static void check_writer(int status)
{
    CHECK(write_at < area.size && write_at % 8 == 0);
    CHECK((status == -EPROTO) == (writer.fault.kind != RING_FAULT_NONE));
    if (status == -EPROTO)
        CHECK(ring_fault_text(writer.fault.kind) != NULL);
}

static uint8_t source[3 * 4096];

void write_packet(void)
{
    struct ring_packet packet = {.type = (uint16_t)take(1),
                                 .flags = (uint16_t)take(1)};

    packet.size = take(2) % (sizeof(source) + 100);
    if (packet.size > sizeof(source))
        packet.size = UINT32_MAX - packet.size;
    check_writer(ring_write(&writer, &write_at, &packet, source));
}

/* Writes a packet of `count` ranges and `size` bytes if they can be built. */
static int write_gpa_direct(const struct packet_gpa_range *ranges,
                            uint32_t count, uint32_t size)
{
    uint64_t header[12];
    struct packet_gpa_builder b;
    struct ring_packet packet = {.type = RING_PACKET_GPA_DIRECT};
    struct ring_part parts[] = {{header, 0}, {source, size}};

    packet_gpa_begin(&b, header, sizeof(header));
    for (uint32_t i = 0; i < count; i++)
        if (!packet_gpa_add(&b, ranges[i].pfns, ranges[i].byte_offset,
                            ranges[i].byte_count))
            return -EINVAL;
    parts[0].size = packet.header_size = packet_gpa_end(&b);
    packet.size = packet.header_size + size;
    return ring_write_parts(&writer, &write_at, &packet, parts, 2);
}

void write_typed(void)
{
    static const uint64_t pfns[20]; /* an offset of 2 bytes skips 15 */
    struct packet_gpa_range gpa[2] = {{take(2), take(2), pfns},
                                      {take(1), take(1), pfns}};
    struct ring_transfer_range transfer[4] = {{1, 2}};
    uint32_t kind = take(1), size = take(1), count = take(1);
    int status;

    gpa[0].byte_count %= 12288;
    switch (kind % 6) {
    case 0:
        status = packet_write_in_band(&writer, &write_at, 1, count & 1, source,
                                      size);
        break;
    case 1:
        status = packet_write_completion(&writer, &write_at, 2, source, size);
        break;
    case 2:
        status =
            ring_write(&writer, &write_at,
                       &(struct ring_packet){.type = RING_PACKET_CANCEL}, NULL);
        break;
    case 3:
        status = write_gpa_direct(gpa, count % 3, size);
        break;
    case 4:
        status = packet_write_transfer_pages(
            &writer, &write_at, 5, false, 6, transfer,
            count == 255 ? UINT32_MAX : count % 5, source,
            size == 255 ? UINT32_MAX : size);
        break;
    default:
        status = packet_write_pipe(&writer, &write_at, 7, true, source,
                                   size == 255 ? 16385 : size);
    }
    if (status != -EINVAL && status != -EMSGSIZE)
        check_writer(status);
}

void reserve_in_place(void)
{
    struct ring_packet packet = {.type = 6, .size = take(2) % 5000};
    void *body;
    int status = ring_reserve(&writer, write_at, packet.size, &body);

    check_writer(status);
    if (status != 0)
        return;
    if (body != NULL)
        memset(body, 0x55, packet.size);
    else
        ring_fill(&writer, write_at, packet.size / 2, source,
                  packet.size - packet.size / 2);
    ring_seal(&writer, &write_at, &packet);
    CHECK(write_at < area.size && write_at % 8 == 0);
}

/* Reads every byte, so that a sanitizer checks them. */
static void touch(const void *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        (void)((const volatile uint8_t *)from)[i];
}

static void parse(const struct ring_packet *packet, const void *body)
{
    struct packet_gpa gpa;
    struct packet_gpa_range range;
    struct packet_transfer transfer;
    struct packet_pipe pipe;

    if (packet_parse_gpa_direct(packet, body, &gpa) == 0)
        while (packet_gpa_next(&gpa, &range))
            touch(range.pfns,
                  8 * packet_gpa_frames(range.byte_offset, range.byte_count));
    if (packet_parse_transfer_pages(packet, body, sizeof(source), &transfer) ==
        0)
        for (uint32_t i = 0; i < transfer.range_count; i++)
            touch(source + transfer.ranges[i].byte_offset,
                  transfer.ranges[i].byte_count);
    if (packet_parse_pipe(packet, body, &pipe) == 0)
        touch(pipe.data, pipe.size);
}

static void check_packet(uint32_t before, const struct ring_packet *packet)
{
    CHECK(packet->size % 8 == 0 && packet->header_size % 8 == 0);
    CHECK(packet->header_size <= packet->size);
    CHECK(ring_footprint(packet->size) < area.size);
    CHECK(read_at ==
          (before + (uint32_t)ring_footprint(packet->size)) % area.size);
}

void read_packet(void)
{
    uint32_t capacity = take(2) % 4097, before = read_at;
    struct ring_packet packet;
    uint8_t *body = malloc(capacity + 1);
    int status = ring_read(&reader, &read_at, &packet, body, capacity);

    CHECK((status == -EPROTO) == (reader.fault.kind != RING_FAULT_NONE));
    if (status == 0 || status == -EMSGSIZE)
        check_packet(before, &packet);
    else
        CHECK(read_at == before);
    if (status == 0) {
        uint8_t *exact = malloc(packet.size + (packet.size == 0));

        CHECK(packet.size <= capacity);
        memcpy(exact, body, packet.size);
        parse(&packet, exact);
        free(exact);
    }
    free(body);
}

void peek_packet(void)
{
    uint32_t before = read_at;
    struct ring_packet packet;
    const void *body;
    int status = ring_peek(&reader, &read_at, &packet, &body);

    CHECK((status == -EPROTO) == (reader.fault.kind != RING_FAULT_NONE));
    if (status != 0)
        return;
    check_packet(before, &packet);
    touch(body, packet.size);
}
