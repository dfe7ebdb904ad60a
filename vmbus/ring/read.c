/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reading end of a ring: taking packets out. read_commit.c gives their room
 * back and asks for signals.
 *
 *    0                                                        size
 *    | free | read, not yet | packets, known  | free            |
 *           | committed     | to be complete  |
 *           ^               ^                 ^
 *           released        `at`              limit
 *           (read index)                      (write index as last seen)
 *
 * Positions move to the right and continue at 0 after `size`. Whatever the
 * writer may have put there instead of packets is refused by name.
 * [linux ring_buffer.c], [openvmm ring], [mu_msvm]
 */
#include "vmbus/ring/internal.h"

int ring_reader_attach(struct ring_reader *r, const struct ring_area *area)
{
    int status;

    *r = (struct ring_reader){.area = *area};
    status = ring_area_check(area);
    if (status != 0)
        return status;
    r->contiguous = area->twice ? 2 * area->size : area->size;
    return ring_indices(area, &r->fault, &r->limit, &r->released);
}

/* Breaks the ring. Without a straight stretch, and with a limit that no
 * position reaches, every packet takes the long way, which alone asks for the
 * fault. */
static int break_reader(struct ring_reader *r, enum ring_fault_kind kind,
                        uint32_t found, uint32_t limit)
{
    r->straight = 0;
    r->limit = r->area.size;
    return ring_break(&r->fault, kind, found, limit);
}

/* Loads and checks the write index. */
int ring_look_at_writer(struct ring_reader *r)
{
    const struct ring_area *a = &r->area;
    /* Acquire: the packets are loaded after the index that shows them. */
    uint32_t index = RING_LOAD_ACQUIRE(&a->control->write_index);
    uint32_t known = ring_distance(a, r->released, r->limit);

    /* Refuse an index outside of the data area. */
    if (index >= a->size)
        return break_reader(r, RING_FAULT_WRITE_INDEX_RANGE, index, a->size);
    /* Refuse an index between two units: packets begin at multiples of 8. */
    if (index % RING_UNIT != 0)
        return break_reader(r, RING_FAULT_WRITE_INDEX_UNIT, index, RING_UNIT);
    /* Refuse an index that went back: what was announced can only become more
     * until we give it back. */
    if (ring_distance(a, r->released, index) < known)
        return break_reader(r, RING_FAULT_WRITE_INDEX_BACK, index, r->limit);
    r->limit = index;
    return 0;
}

/*
 * Looks for a packet at `at`: 0, also where it may wrap; -EAGAIN: the ring is
 * empty; -EPROTO. It also notes the stretch in which packets are known to be
 * complete and do not wrap:
 *
 *    |      | packets          |                   limit ahead of `at`
 *           ^from      straight^
 *
 *    | ...packets |      | packets...        |u|   packets wrap: the stretch
 * ends limit^       ^from       straight^     one unit before the end
 */
static int find_packet(struct ring_reader *r, uint32_t at)
{
    int status;

    if (r->fault.kind != RING_FAULT_NONE)
        return -EPROTO;
    if (at == r->limit) {
        status = ring_look_at_writer(r);
        if (status != 0)
            return status;
        if (at == r->limit)
            return -EAGAIN;
    }
    r->from = at;
    r->straight = at < r->limit ? r->limit : r->area.size - RING_UNIT;
    return 0;
}

/* The first 8 bytes of a packet, as loaded once: type, offset, length, flags,
 * of 16 bits each. Offset and length count units of 8; a shift by 3 less than
 * the field's place gives bytes. */
static inline uint64_t payload_offset(uint64_t first)
{
    return first >> 13 & 0xffffu * RING_UNIT;
}

static inline uint64_t packet_length(uint64_t first)
{
    return first >> 29 & 0xffffu * RING_UNIT;
}

/* Breaks the ring because of a descriptor, and names what is wrong with it. */
static int refuse_packet(struct ring_reader *r, uint64_t first,
                         uint32_t available)
{
    uint32_t offset = (uint32_t)payload_offset(first);
    uint32_t length = (uint32_t)packet_length(first);

    if (available < RING_DESCRIPTOR_SIZE + RING_TRAILER_SIZE)
        return break_reader(r, RING_FAULT_SHORT, available,
                            RING_DESCRIPTOR_SIZE + RING_TRAILER_SIZE);
    if (offset < RING_DESCRIPTOR_SIZE)
        return break_reader(r, RING_FAULT_OFFSET, offset, RING_DESCRIPTOR_SIZE);
    if (length < offset)
        return break_reader(r, RING_FAULT_LENGTH, length, offset);
    return break_reader(r, RING_FAULT_OVERRUN, length, available);
}

/* Loads the descriptor at `at` once and checks it against what was written.
 * *next becomes the position after the packet. */
static int look_at_packet(struct ring_reader *r, uint32_t at,
                          struct ring_packet *packet, uint32_t *next)
{
    const struct ring_area *a = &r->area;
    uint32_t available, offset, length;
    uint64_t first;
    int status = find_packet(r, at);

    if (status != 0)
        return status;
    available = ring_distance(a, at, r->limit);
    /* Load the first 8 bytes once: the writer may change them at any time. */
    first = RING_LOAD_DATA(ring_unit(a, at));
    offset = (uint32_t)payload_offset(first);
    length = (uint32_t)packet_length(first);
    /* Refuse a packet whose payload starts inside of the descriptor, that ends
     * before its payload starts, or that ends beyond what was written. What
     * remains has a whole descriptor and a trailer. */
    if (offset < RING_DESCRIPTOR_SIZE || length < offset ||
        length + RING_TRAILER_SIZE > available)
        return refuse_packet(r, first, available);
    packet->type = (uint16_t)first;
    packet->flags = (uint16_t)(first >> 48);
    packet->header_size = offset - RING_DESCRIPTOR_SIZE;
    packet->size = length - RING_DESCRIPTOR_SIZE;
    packet->transaction = RING_LOAD_DATA(ring_unit(a, at + 8));
    *next = ring_wrap(a, at + length + RING_TRAILER_SIZE);
    return 0;
}

/* The long way: the write index must be loaded, the packet wraps, its body does
 * not fit the buffer, or it is refused. */
RING_RARE static int read_long(struct ring_reader *r, uint32_t *at,
                               struct ring_packet *packet, void *body,
                               size_t capacity)
{
    const struct ring_area *a = &r->area;
    uint32_t size, start, straight, next;
    int status = look_at_packet(r, *at, packet, &next);

    if (status != 0)
        return status;
    size = packet->size < capacity ? packet->size : (uint32_t)capacity;
    start = ring_wrap(a, *at + RING_DESCRIPTOR_SIZE);
    straight = r->contiguous - start;
    /*
     * A body that reaches the end of the data area continues at its start:
     *
     *    | ...second part |     | descriptor | first part... |
     *    0                                   ^start       size
     */
    if (size <= straight) {
        RING_COPY_FROM(body, a->data + start, size);
    } else {
        RING_COPY_FROM(body, a->data + start, straight);
        RING_COPY_FROM((uint8_t *)body + straight, a->data, size - straight);
    }
    /* A body that was cut is read all the same: the caller may drop it. */
    *at = next;
    return size < packet->size ? -EMSGSIZE : 0;
}

/*
 * The common cases of ring_look_at_writer and find_packet: `at` is where the
 * packets ended that were known. 0: there are more now, and they do not wrap;
 * -EAGAIN: there are no more; -EXDEV: the long way must find out.
 */
static inline int more_announced(struct ring_reader *r, uint32_t at)
{
    /* Acquire: the packets are loaded after the index that shows them. */
    uint32_t index = RING_LOAD_ACQUIRE(&r->area.control->write_index);

    if (index == at)
        return -EAGAIN;
    if (index < at || index >= r->area.size || index % RING_UNIT != 0 ||
        r->released > at)
        return -EXDEV;
    r->limit = index;
    r->straight = index;
    r->from = at;
    return 0;
}

/* A body that is not just a block; on the wire all are multiples of 8. */
RING_RARE static int copy_uneven(void *body, const uint64_t *from,
                                 uint32_t size)
{
    RING_UNITS_FROM(body, from, size);
    return 0;
}

/*
 * The common way: the packet lies in the straight stretch. All checks are made
 * on one load of the descriptor; the long way starts over with its own. The
 * numbers are 64 bits wide, so a length or an offset inside of the descriptor
 * becomes a size beyond any capacity, or a header beyond the size. (The order
 * of checks and stores keeps all of it in few registers.)
 */
int ring_read(struct ring_reader *r, uint32_t *at, struct ring_packet *packet,
              void *body, size_t capacity)
{
    uint64_t start = *at;
    const uint64_t *unit = (const uint64_t *)(void *)(r->area.data + start);
    uint64_t first, end, size, header_size;

    if (start == r->limit) {
        int status = more_announced(r, (uint32_t)start);

        if (status == -EAGAIN)
            return status;
        if (status != 0)
            return read_long(r, at, packet, body, capacity);
    }
    /* Load type, sizes and flags once. */
    first = RING_LOAD_DATA(unit);
    packet->type = (uint16_t)first;
    packet->flags = (uint16_t)(first >> 48);
    end = start + packet_length(first) + RING_TRAILER_SIZE;
    size = packet_length(first) - RING_DESCRIPTOR_SIZE;
    /* Send what is not known to be complete, wraps, or does not fit, the long
     * way. */
    if (RING_UNLIKELY(start < r->from) || RING_UNLIKELY(end > r->straight) ||
        RING_UNLIKELY(size > capacity))
        return read_long(r, at, packet, body, capacity);
    packet->size = (uint32_t)size;
    header_size = payload_offset(first) - RING_DESCRIPTOR_SIZE;
    packet->header_size = (uint32_t)header_size;
    /* Let the long way refuse a header that is longer than the packet. */
    if (RING_UNLIKELY(header_size > size))
        return read_long(r, at, packet, body, capacity);
    packet->transaction = RING_LOAD_DATA(unit + 1);
    *at = (uint32_t)end;
    if (size != RING_BLOCK)
        return copy_uneven(body, unit + 2, (uint32_t)size);
    RING_BLOCK_FROM(body, unit + 2);
    return 0;
}

int ring_peek(struct ring_reader *r, uint32_t *at, struct ring_packet *packet,
              const void **body)
{
    const struct ring_area *a = &r->area;
    uint32_t start, next;
    int status = look_at_packet(r, *at, packet, &next);

    if (status != 0)
        return status;
    start = ring_wrap(a, *at + RING_DESCRIPTOR_SIZE);
    if (start + packet->size > r->contiguous)
        return -EXDEV;
    *body = a->data + start;
    *at = next;
    return 0;
}
