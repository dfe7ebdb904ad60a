/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writing end of a ring: room, and packets that are built in place.
 * write_packet.c copies whole packets, write_commit.c shows them to the reader.
 * [linux ring_buffer.c], [openvmm ring], [mu_msvm]
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

    ring_check_header(packet);
    /* Zero the padding: no byte of an old packet may leave with this one. */
    pad(w, start, packet->size);
    /* Write the descriptor: type, sizes, flags, then the transaction id. */
    RING_STORE_DATA(ring_unit(a, start),
                    ring_descriptor(packet, packet->header_size, footprint));
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
