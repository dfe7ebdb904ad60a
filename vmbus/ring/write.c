/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writing end of a ring: room and packets. write_commit.c shows them to the
 * reader. [linux ring_buffer.c], [openvmm ring], [mu_msvm]
 *
 *    0                                                        size
 *    | free | packets that the reader has |  free  |  free      |
 *           ^                             ^        ^
 *           reader                        published  `at`: written, not yet
 *           (read index)        (write index)        committed
 *
 * Positions move to the right and continue at 0 after `size`:
 *
 *    | packets |  free  | packets |
 *              ^        ^
 *              `at`     reader
 *
 * One unit of 8 bytes stays free, because a full ring would look like an empty
 * one: reader == published means empty.
 */
#include "vmbus/ring/internal.h"

int ring_writer_attach(struct ring_writer *w, const struct ring_area *area)
{
    uint32_t limit = RING_PACKET_LIMIT + RING_TRAILER_SIZE;
    int status;

    *w = (struct ring_writer){.area = *area};
    status = ring_area_check(area);
    if (status != 0)
        return status;
    status = ring_indices(area, &w->fault, &w->published, &w->reader);
    if (status != 0)
        return status;
    /* What a packet's bytes may take without being split. */
    w->contiguous = area->twice ? 2 * area->size : area->size;
    /* Leave one unit free: a full ring would look empty. */
    w->largest =
        area->size - RING_UNIT < limit ? area->size - RING_UNIT : limit;
    /* Promise to fill pending_send_size. A host that sees no promise never
     * signals for room. */
    RING_STORE(&area->control->features, RING_FEATURE_PENDING_SEND_SIZE);
    return 0;
}

/* Breaks the ring. Without a straight stretch every packet takes the long way,
 * which alone asks whether the ring is broken. */
static int break_writer(struct ring_writer *w, enum ring_fault_kind kind,
                        uint32_t found, uint32_t limit)
{
    w->straight = 0;
    return ring_break(&w->fault, kind, found, limit);
}

/*
 * Loads and checks the read index.
 *
 * The load needs no acquire: the bytes that become free are only stored to,
 * and no store is made before the load that it depends on.
 */
int ring_look_at_reader(struct ring_writer *w)
{
    const struct ring_area *a = &w->area;
    uint32_t index = RING_LOAD(&a->control->read_index);
    uint32_t used = ring_distance(a, w->reader, w->published);

    /* Refuse an index outside of the data area. */
    if (index >= a->size)
        return break_writer(w, RING_FAULT_READ_INDEX_RANGE, index, a->size);
    /* Refuse an index between two units: packets begin at multiples of 8. */
    if (index % RING_UNIT != 0)
        return break_writer(w, RING_FAULT_READ_INDEX_UNIT, index, RING_UNIT);
    /* Refuse an index that went back or beyond what was written: what the
     * reader has not taken can only become less. */
    if (ring_distance(a, index, w->published) > used)
        return break_writer(w, RING_FAULT_READ_INDEX_PASSED, index,
                            w->published);
    w->reader = index;
    return 0;
}

/*
 * Looks for room for `footprint` bytes at `at`: 0, or a status of ring_write.
 *
 * It also notes the straight stretch: how far packets can be written from `at`
 * on without loading the read index again. The stretch ends one unit before the
 * reader, or one unit before the end of the data area, so that no position in
 * it has to be wrapped; and it is no longer than the largest packet.
 *
 *    | packets |   free, straight           |u|        reader behind `at`
 *              ^at                  straight^
 *
 *    | packets |   free, straight   |u| packets |      reader ahead of `at`
 *              ^at          straight^ ^reader
 *
 * The stretch stays valid while the writer moves forward, because the reader
 * only ever frees space. A position that wraps does so in ring_seal, which
 * forgets the stretch. A batch that is given up moves the writer back: (a)
 * across a wrap: the stretch ends before the new position, so ring_find_room
 * runs again; (b) inside the stretch: it is still valid there.
 */
RING_RARE int ring_find_room(struct ring_writer *w, uint32_t at,
                             uint64_t footprint)
{
    uint32_t end;
    int status;

    if (w->fault.kind != RING_FAULT_NONE)
        return -EPROTO;
    if (footprint > w->largest)
        return -EMSGSIZE;
    status = ring_look_at_reader(w);
    if (status != 0)
        return status;
    end = (at < w->reader ? w->reader : w->area.size) - RING_UNIT;
    w->straight = end - at < w->largest ? end : at + w->largest;
    return ring_free_from(w, at) > footprint ? 0 : -EAGAIN;
}

/* As ring_find_room, without a look at the reader if the packet ends inside of
 * the straight stretch. */
static inline int room(struct ring_writer *w, uint32_t at, uint64_t footprint)
{
    if (RING_LIKELY(at + footprint <= w->straight))
        return 0;
    return ring_find_room(w, at, footprint);
}

/* Our caller's own bugs. Checked on the rare ways only, to keep the common one
 * short: a wrong caller takes a rare way soon enough. */
static void check_header(const struct ring_packet *packet)
{
    SEAM_ASSERT(NULL, packet->header_size % RING_UNIT == 0,
                "a packet type's header is a multiple of 8");
    SEAM_ASSERT(NULL, packet->header_size <= packet->size,
                "packet->size counts the header too");
}

/* The first 8 bytes of a packet, little-endian: type, offset / 8, length / 8,
 * flags. The sizes are multiples of 8: bytes << 13 is units << 16. */
static inline uint64_t descriptor(const struct ring_packet *packet,
                                  uint32_t header_size, uint64_t footprint)
{
    uint64_t offset = RING_DESCRIPTOR_SIZE + header_size;
    uint64_t length = footprint - RING_TRAILER_SIZE;

    return packet->type + (((length << 16) + offset) << 13) +
           ((uint64_t)packet->flags << 48);
}

int ring_reserve(struct ring_writer *w, uint32_t at, uint32_t size, void **body)
{
    uint64_t footprint = ring_footprint(size);
    uint32_t start;
    int status = room(w, at, footprint);

    if (status != 0)
        return status;
    start = ring_wrap(&w->area, at + RING_DESCRIPTOR_SIZE);
    /* A body that wraps has no single address. */
    if (body != NULL)
        *body = start + size <= w->contiguous ? w->area.data + start : NULL;
    return 0;
}

void ring_fill(struct ring_writer *w, uint32_t at, uint32_t offset,
               const void *from, uint32_t size)
{
    const struct ring_area *a = &w->area;
    uint32_t start = ring_wrap(a, at + RING_DESCRIPTOR_SIZE);
    uint32_t straight;

    start = ring_wrap(a, start + offset);
    straight = w->contiguous - start;
    /*
     * A body that reaches the end of the data area continues at its start:
     *
     *    | ...second part |      free      | descriptor | first part... |
     *    0                                              ^start       size
     */
    if (size <= straight) {
        RING_COPY_TO(a->data + start, from, size);
        return;
    }
    RING_COPY_TO(a->data + start, from, straight);
    RING_COPY_TO(a->data, (const uint8_t *)from + straight, size - straight);
}

/* Zeroes what lies between the body's last byte and the trailer. */
static void pad(struct ring_writer *w, uint32_t at, uint32_t size)
{
    static const uint8_t zeros[RING_UNIT];

    ring_fill(w, at, size, zeros, -size % RING_UNIT);
}

void ring_seal(struct ring_writer *w, uint32_t *at,
               const struct ring_packet *packet)
{
    const struct ring_area *a = &w->area;
    uint32_t start = *at;
    uint32_t footprint = (uint32_t)ring_footprint(packet->size);

    check_header(packet);
    /* Zero the padding: no byte of an old packet may leave with this one. */
    pad(w, start, packet->size);
    /* Write the descriptor: type, sizes, flags, then the transaction id. */
    RING_STORE_DATA(ring_unit(a, start),
                    descriptor(packet, packet->header_size, footprint));
    RING_STORE_DATA(ring_unit(a, start + 8), packet->transaction);
    /* Write the trailer: checked builds of other readers compare the packet's
     * position with it. */
    RING_STORE_DATA(ring_unit(a, start + footprint - RING_TRAILER_SIZE),
                    (uint64_t)start << 32);
    *at = ring_wrap(a, start + footprint);
    /* The stretch says nothing of positions after a wrap. */
    if (*at < start)
        w->straight = 0;
}

int ring_write_parts(struct ring_writer *w, uint32_t *at,
                     const struct ring_packet *packet,
                     const struct ring_part *parts, uint32_t count)
{
    uint32_t offset = 0;
    int status = room(w, *at, ring_footprint(packet->size));

    if (status != 0)
        return status;
    for (uint32_t i = 0; i < count; i++) {
        SEAM_ASSERT(NULL, parts[i].size <= packet->size - offset,
                    "the parts are longer than the packet says");
        ring_fill(w, *at, offset, parts[i].data, parts[i].size);
        offset += parts[i].size;
    }
    SEAM_ASSERT(NULL, offset == packet->size,
                "the parts are shorter than the packet says");
    ring_seal(w, at, packet);
    return 0;
}

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
    RING_STORE_DATA(unit, descriptor(packet, header_size, footprint));
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
RING_RARE static int write_headed(struct ring_writer *w, uint32_t *at,
                                  const struct ring_packet *packet,
                                  const void *body)
{
    check_header(packet);
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
        return write_headed(w, at, packet, body);
    /* The common way: the packet ends in the straight stretch, and there is
     * nothing but its payload. */
    to = frame(w, at, packet, 0);
    if (packet->size != RING_BLOCK)
        return fill_uneven(to, body, packet->size);
    RING_BLOCK_TO(to, body);
    return 0;
}
