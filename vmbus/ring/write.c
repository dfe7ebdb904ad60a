/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writing end of a ring: room, packets, commit, blocking.
 *
 * Rules: [linux ring_buffer.c] [openvmm ring] [mu_msvm], signalling rules of
 * the write direction.
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
    w->contiguous = area->twice ? 2 * area->size : area->size;
    /* A full ring would look empty: one unit always stays free. */
    w->largest =
        area->size - RING_UNIT < limit ? area->size - RING_UNIT : limit;
    RING_STORE(&area->control->features, RING_FEATURE_PENDING_SEND_SIZE);
    return 0;
}

/* Without a straight stretch every packet goes the long way, which alone
 * asks whether the ring is broken. */
static int break_writer(struct ring_writer *w, enum ring_fault_kind kind,
                        uint32_t found, uint32_t limit)
{
    w->straight = 0;
    return ring_break(&w->fault, kind, found, limit);
}

/*
 * Loads and checks the read index. What the reader has not taken can only
 * shrink: an index that makes it grow went back, or past our write index.
 * The load needs no acquire: the bytes that become free are only stored to,
 * and no store is made before the load that it depends on.
 */
static int look_at_reader(struct ring_writer *w)
{
    const struct ring_area *a = &w->area;
    uint32_t index = RING_LOAD(&a->control->read_index);
    uint32_t used = ring_distance(a, w->reader, w->published);

    if (index >= a->size)
        return break_writer(w, RING_FAULT_READ_INDEX_RANGE, index, a->size);
    if (index % RING_UNIT != 0)
        return break_writer(w, RING_FAULT_READ_INDEX_UNIT, index, RING_UNIT);
    if (ring_distance(a, index, w->published) > used)
        return break_writer(w, RING_FAULT_READ_INDEX_PASSED, index,
                            w->published);
    w->reader = index;
    return 0;
}

/* Bytes from `at` to the reader's index as last seen. The two are equal only
 * when nothing is in the ring and nothing is written ahead of the commit. */
static inline uint32_t free_from(const struct ring_writer *w, uint32_t at)
{
    int32_t distance = (int32_t)(w->reader - at);

    return distance > 0 ? (uint32_t)distance
                        : (uint32_t)distance + w->area.size;
}

/*
 * 0 with room for `footprint` bytes at `at`. Also notes how far packets can
 * be written from there without another look: up to one unit before the
 * reader or, so that no position has to be wrapped, before the end; and not
 * beyond what the first of them may take at most.
 *
 * That stays true while positions move on from `at`, for the reader only
 * makes room. A position that wraps does so in ring_seal, which asks for a
 * new look. One that goes back (a batch given up) lies behind a wrap, then
 * the stretch ends before it; or not, then the stretch is as good for it.
 */
RING_RARE static int find_room(struct ring_writer *w, uint32_t at,
                               uint64_t footprint)
{
    uint32_t end;
    int status;

    if (w->fault.kind != RING_FAULT_NONE)
        return -EPROTO;
    if (footprint > w->largest)
        return -EMSGSIZE;
    status = look_at_reader(w);
    if (status != 0)
        return status;
    end = (at < w->reader ? w->reader : w->area.size) - RING_UNIT;
    w->straight = end - at < w->largest ? end : at + w->largest;
    return free_from(w, at) > footprint ? 0 : -EAGAIN;
}

static inline int room(struct ring_writer *w, uint32_t at, uint64_t footprint)
{
    if (RING_LIKELY(at + footprint <= w->straight))
        return 0;
    return find_room(w, at, footprint);
}

/* Asked off the common way only: the caller's bug shows there soon enough. */
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
                                  uint64_t footprint)
{
    uint64_t offset = RING_DESCRIPTOR_SIZE + packet->header_size;
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
    pad(w, start, packet->size);
    RING_STORE_DATA(ring_unit(a, start), descriptor(packet, footprint));
    RING_STORE_DATA(ring_unit(a, start + 8), packet->transaction);
    RING_STORE_DATA(ring_unit(a, start + footprint - RING_TRAILER_SIZE),
                    (uint64_t)start << 32);
    *at = ring_wrap(a, start + footprint);
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

/* The long way: a look at the reader, a wrap, or a refusal. */
RING_RARE static int write_long(struct ring_writer *w, uint32_t *at,
                                const struct ring_packet *packet,
                                const void *body)
{
    int status = find_room(w, *at, ring_footprint(packet->size));

    if (status != 0)
        return status;
    ring_fill(w, *at, 0, body, packet->size);
    ring_seal(w, at, packet);
    return 0;
}

/* Puts what surrounds a body into a straight stretch of room at *at and moves
 * *at on; where the body goes. */
static inline uint64_t *frame(struct ring_writer *w, uint32_t *at,
                              const struct ring_packet *packet)
{
    uint64_t footprint = ring_footprint(packet->size);
    uint64_t start = *at;
    uint64_t *unit = (uint64_t *)(void *)(w->area.data + start);

    *at = (uint32_t)(start + footprint);
    RING_STORE_DATA(unit, descriptor(packet, footprint));
    RING_STORE_DATA(unit + 1, packet->transaction);
    RING_STORE_DATA(unit + footprint / RING_UNIT - 1, start << 32);
    return unit + 2;
}

/* A packet with padding, or just not in whole blocks, in a straight stretch. */
RING_RARE static int write_uneven(struct ring_writer *w, uint32_t *at,
                                  const struct ring_packet *packet,
                                  const void *body)
{
    uint64_t *to = frame(w, at, packet);

    check_header(packet);
    /* The last unit is zeroed, then copied over but for the padding. */
    RING_STORE_DATA(to + (packet->size - 1) / RING_UNIT, 0);
    RING_COPY_TO(to, body, packet->size);
    return 0;
}

int ring_write(struct ring_writer *w, uint32_t *at,
               const struct ring_packet *packet, const void *body)
{
    if (RING_UNLIKELY(*at + ring_footprint(packet->size) > w->straight))
        return write_long(w, at, packet, body);
    if (packet->size % RING_BLOCK != 0)
        return write_uneven(w, at, packet, body);
    RING_BLOCKS_TO(frame(w, at, packet), body, packet->size);
    return 0;
}

bool ring_writer_commit(struct ring_writer *w, uint32_t at)
{
    struct ring_control *control = w->area.control;
    uint32_t before = w->published;

    if (at == before || w->fault.kind != RING_FAULT_NONE)
        return false;
    w->published = at;
    w->commits++;
    /* Release: the packets are visible before the index that shows them. */
    RING_STORE_RELEASE(&control->write_index, at);
    /* The reader clears its mask (or stores its index), fences, and looks at
     * our index; we store our index, fence, and look at its mask. So one of
     * the two sees the other's store, and no wake-up is lost. */
    RING_FENCE();
    /* Acquire: the mask is looked at first. (The other order would lose no
     * wake-up either; it might signal a reader that has just woken up.) */
    if (RING_LOAD_ACQUIRE(&control->interrupt_mask) != 0)
        return false;
    /* A reader that had not taken everything will find this by itself. A bad
     * index here is no matter: it is only compared. */
    if (RING_LOAD(&control->read_index) != before)
        return false;
    w->signals++;
    return true;
}

uint32_t ring_writer_free(struct ring_writer *w)
{
    if (w->fault.kind != RING_FAULT_NONE || look_at_reader(w) != 0)
        return 0;
    return free_from(w, w->published);
}

int ring_writer_block(struct ring_writer *w, uint64_t footprint)
{
    uint32_t *pending = &w->area.control->pending_send_size;
    int status;

    status = find_room(w, w->published, footprint);
    if (status != -EAGAIN)
        return status == 0 ? 1 : status;
    /* Release: who sees the announcement sees all that was committed. */
    RING_STORE_RELEASE(pending, (uint32_t)footprint);
    /* The reader stores its index, fences, and looks at the announcement; we
     * announce, fence, and look at its index: no room is missed by both. */
    RING_FENCE();
    status = find_room(w, w->published, footprint);
    /* The stretch that this found says nothing of a position behind a wrap. */
    w->straight = 0;
    if (status == -EAGAIN)
        return 0;
    RING_STORE(pending, 0);
    return status == 0 ? 1 : status;
}

void ring_writer_unblock(struct ring_writer *w)
{
    if (w->fault.kind == RING_FAULT_NONE)
        RING_STORE(&w->area.control->pending_send_size, 0);
}
