/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writing end of a ring: whole packets, copied from one place or from
 * several. Most end in the straight stretch, where no position has to be
 * wrapped; the others take the long way by write.c. [linux ring_buffer.c]
 */
#include "vmbus/ring/internal.h"

/* The long way: the read index must be loaded, the packet wraps, or it is
 * refused. */
RING_RARE static int write_long(struct ring_writer *w, uint32_t *at,
                                const struct ring_packet *packet,
                                const void *body)
{
    int status = ring_find_room(w, *at, ring_footprint(packet->size));

    if (status != 0)
        return status;
    ring_fill(w, *at, 0, body, packet->size);
    ring_seal(w, at, packet);
    return 0;
}

/*
 * Puts descriptor and trailer around a body in the straight stretch at *at, and
 * moves *at to the position after the packet. Returns where the body goes, of
 * which the first `header_size` bytes are the type's header.
 *
 *    | descriptor: 16 bytes | body, padded to 8 | trailer: 8 bytes |
 *    ^start                 ^result                                ^*at
 */
static inline uint64_t *frame(struct ring_writer *w, uint32_t *at,
                              const struct ring_packet *packet,
                              uint32_t header_size)
{
    uint64_t footprint = ring_footprint(packet->size);
    uint64_t start = *at;
    uint64_t *unit = (uint64_t *)(void *)(w->area.data + start);

    *at = (uint32_t)(start + footprint);
    RING_STORE_DATA(unit, ring_descriptor(packet, header_size, footprint));
    RING_STORE_DATA(unit + 1, packet->transaction);
    RING_STORE_DATA(unit + footprint / RING_UNIT - 1, start << 32);
    return unit + 2;
}

/* A body of less than a unit. */
RING_RARE static int fill_short(void *to, const void *body, uint32_t size)
{
    RING_COPY_TO(to, body, size);
    return 0;
}

/*
 * A body that is not just a block, with its padding. The last unit is zeroed if
 * it is not full, because no byte of an old packet may leave with this one.
 * Then the last 8 bytes of the body are copied over it at once, in part with
 * bytes of the unit before:
 *
 *    | unit     | unit     | xxx00000 |
 *                  | 8 bytes |
 *
 * This comes first, so that nothing is kept for it while the rest is copied.
 */
RING_RARE static int fill_uneven(uint8_t *to, const uint8_t *body,
                                 uint32_t size)
{
    if (size % RING_UNIT != 0) {
        RING_STORE_DATA((uint64_t *)(void *)to + size / RING_UNIT, 0);
        if (RING_UNLIKELY(size < RING_UNIT))
            return fill_short(to, body, size);
        RING_UNITS_TO(to + size - RING_UNIT, body + size - RING_UNIT,
                      RING_UNIT);
    }
    RING_UNITS_TO(to, body, size);
    return 0;
}

/* A type with a header of its own. */
RING_RARE static int write_with_header(struct ring_writer *w, uint32_t *at,
                                       const struct ring_packet *packet,
                                       const void *body)
{
    ring_check_header(packet);
    return fill_uneven((void *)frame(w, at, packet, packet->header_size), body,
                       packet->size);
}

int ring_write(struct ring_writer *w, uint32_t *at,
               const struct ring_packet *packet, const void *body)
{
    void *to;

    if (RING_UNLIKELY(*at + ring_footprint(packet->size) > w->straight))
        return write_long(w, at, packet, body);
    if (packet->header_size != 0)
        return write_with_header(w, at, packet, body);
    /* The common way: the packet ends in the straight stretch, and there is
     * nothing but its payload. */
    to = frame(w, at, packet, 0);
    if (packet->size != RING_BLOCK)
        return fill_uneven(to, body, packet->size);
    RING_BLOCK_TO(to, body);
    return 0;
}

/* ---- a body in parts ----------------------------------------------------- */

/* Our caller's own bug, too: a header and its payload have lengths of their
 * own. */
static inline void check_parts(const struct ring_packet *packet,
                               const struct ring_part *parts, uint32_t count)
{
    uint64_t bytes = 0;

    ring_check_header(packet);
    for (uint32_t i = 0; i < count; i++)
        bytes += parts[i].size;
    SEAM_ASSERT(NULL, bytes == packet->size,
                "the parts are as long as the packet says");
}

/* As write_long(). */
RING_RARE static int parts_long(struct ring_writer *w, uint32_t *at,
                                const struct ring_packet *packet,
                                const struct ring_part *parts, uint32_t count)
{
    int status = ring_find_room(w, *at, ring_footprint(packet->size));
    uint32_t offset = 0;

    if (status != 0)
        return status;
    for (uint32_t i = 0; i < count; i++) {
        ring_fill(w, *at, offset, parts[i].data, parts[i].size);
        offset += parts[i].size;
    }
    ring_seal(w, at, packet);
    return 0;
}

int ring_write_parts(struct ring_writer *w, uint32_t *at,
                     const struct ring_packet *packet,
                     const struct ring_part *parts, uint32_t count)
{
    uint64_t *unit;
    uint8_t *to;

    check_parts(packet, parts, count);
    if (RING_UNLIKELY(*at + ring_footprint(packet->size) > w->straight))
        return parts_long(w, at, packet, parts, count);
    unit = frame(w, at, packet, packet->header_size);
    to = (uint8_t *)unit;
    /* As in fill_uneven(): no byte of an old packet may leave with this one. */
    if (packet->size % RING_UNIT != 0)
        RING_STORE_DATA(unit + packet->size / RING_UNIT, 0);
    /* Mostly each part is whole units, and so the next one begins at a unit. */
    for (uint32_t i = 0; i < count; i++) {
        if (((uintptr_t)to | parts[i].size) % RING_UNIT == 0)
            RING_UNITS_TO(to, parts[i].data, parts[i].size);
        else
            RING_COPY_TO(to, parts[i].data, parts[i].size);
        to += parts[i].size;
    }
    return 0;
}

int ring_write_headed(struct ring_writer *w, uint32_t *at,
                      const struct ring_packet *packet, const void *header,
                      const void *payload)
{
    uint32_t size = packet->size - packet->header_size;
    uint8_t *to;

    ring_check_header(packet);
    if (RING_UNLIKELY(*at + ring_footprint(packet->size) > w->straight)) {
        const struct ring_part parts[] = {{header, packet->header_size},
                                          {payload, size}};

        return parts_long(w, at, packet, parts, 2);
    }
    to = (uint8_t *)frame(w, at, packet, packet->header_size);
    RING_UNITS_TO(to, header, packet->header_size);
    to += packet->header_size;
    if (size != RING_BLOCK)
        return fill_uneven(to, payload, size);
    RING_BLOCK_TO(to, payload);
    return 0;
}
