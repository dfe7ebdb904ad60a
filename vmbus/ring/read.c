/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reading end of a ring: packets, commit, mask.
 *
 * Rules: [linux ring_buffer.c] [openvmm ring] [mu_msvm], signalling rules of
 * the read direction, and what a host may have put there instead.
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

/* Without a straight stretch, and with a limit that no position reaches,
 * every packet goes the long way, which alone asks for the fault. */
static int break_reader(struct ring_reader *r, enum ring_fault_kind kind,
                        uint32_t found, uint32_t limit)
{
    r->straight = 0;
    r->limit = r->area.size;
    return ring_break(&r->fault, kind, found, limit);
}

/*
 * Loads and checks the write index. What was announced can only grow until
 * we give it back: an index that makes it shrink went back.
 */
static int look_at_writer(struct ring_reader *r)
{
    const struct ring_area *a = &r->area;
    /* Acquire: the packets are loaded after the index that shows them. */
    uint32_t index = RING_LOAD_ACQUIRE(&a->control->write_index);
    uint32_t known = ring_distance(a, r->released, r->limit);

    if (index >= a->size)
        return break_reader(r, RING_FAULT_WRITE_INDEX_RANGE, index, a->size);
    if (index % RING_UNIT != 0)
        return break_reader(r, RING_FAULT_WRITE_INDEX_UNIT, index, RING_UNIT);
    if (ring_distance(a, r->released, index) < known)
        return break_reader(r, RING_FAULT_WRITE_INDEX_BACK, index, r->limit);
    r->limit = index;
    return 0;
}

/* Finds what is at `at`, looking at the writer if that was the end; 0, also
 * where a packet may wrap. */
static int find_packet(struct ring_reader *r, uint32_t at)
{
    int status;

    if (r->fault.kind != RING_FAULT_NONE)
        return -EPROTO;
    if (at == r->limit) {
        status = look_at_writer(r);
        if (status != 0)
            return status;
        if (at == r->limit)
            return -EAGAIN;
    }
    r->from = at;
    r->straight = at < r->limit ? r->limit : r->area.size - RING_UNIT;
    return 0;
}

/* The first 8 bytes of a packet, as loaded once, taken apart into bytes:
 * (field << 16) >> 13 is units of 8. */
static inline uint64_t payload_offset(uint64_t first)
{
    return first >> 13 & 0xffffu * RING_UNIT;
}

static inline uint64_t packet_length(uint64_t first)
{
    return first >> 29 & 0xffffu * RING_UNIT;
}

/* Breaks the ring over a descriptor that is out of order, by name. */
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

/*
 * Loads the descriptor at `at` once and checks it against what was written.
 * *next becomes the position of the packet behind it.
 */
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
    first = RING_LOAD_DATA(ring_unit(a, at));
    offset = (uint32_t)payload_offset(first);
    length = (uint32_t)packet_length(first);
    /* A packet that ends within what was written has at least descriptor
     * and trailer there, so the rest of the descriptor can be loaded. */
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

/* The long way: a look at the writer, a wrap, a body that is cut, or a
 * refusal. */
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
    if (size <= straight) {
        RING_COPY_FROM(body, a->data + start, size);
    } else {
        RING_COPY_FROM(body, a->data + start, straight);
        RING_COPY_FROM((uint8_t *)body + straight, a->data, size - straight);
    }
    *at = next;
    return size < packet->size ? -EMSGSIZE : 0;
}

/*
 * The common cases of look_at_writer and find_packet: `at` is where the last
 * announcement ended. 0: more is there now, and it does not wrap; -EAGAIN:
 * that still is the end; -EXDEV: the long way tells.
 */
static inline int more_announced(struct ring_reader *r, uint32_t at)
{
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

RING_RARE static int copy_uneven(void *body, const uint64_t *from,
                                 uint32_t size)
{
    RING_COPY_FROM(body, from, size);
    return 0;
}

/*
 * The common way: the packet lies in the straight stretch. All checks are
 * made on one load of the descriptor; the long way starts over with its own.
 * The numbers are 64 bits wide: a length or an offset inside the descriptor
 * becomes a size beyond any capacity, or a header beyond the size. (The order
 * of checks and stores is what keeps all of it in few registers.)
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
    first = RING_LOAD_DATA(unit);
    packet->type = (uint16_t)first;
    packet->flags = (uint16_t)(first >> 48);
    end = start + packet_length(first) + RING_TRAILER_SIZE;
    size = packet_length(first) - RING_DESCRIPTOR_SIZE;
    if (RING_UNLIKELY(start < r->from) || RING_UNLIKELY(end > r->straight) ||
        RING_UNLIKELY(size > capacity))
        return read_long(r, at, packet, body, capacity);
    packet->size = (uint32_t)size;
    header_size = payload_offset(first) - RING_DESCRIPTOR_SIZE;
    packet->header_size = (uint32_t)header_size;
    if (RING_UNLIKELY(header_size > size))
        return read_long(r, at, packet, body, capacity);
    packet->transaction = RING_LOAD_DATA(unit + 1);
    *at = (uint32_t)end;
    if (size % RING_BLOCK != 0)
        return copy_uneven(body, unit + 2, (uint32_t)size);
    RING_BLOCKS_FROM(body, unit + 2, (uint32_t)size);
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

/*
 * Whether moving the read index from `before` to where it is now gave the
 * writer the room it waits for. Strictly more than what is pending, for one
 * unit always stays free; and not before, for then it was told already.
 */
RING_RARE static bool frees_enough(struct ring_reader *r, uint32_t before,
                                   uint32_t pending)
{
    const struct ring_area *a = &r->area;
    uint32_t free_before, free_now;

    if (look_at_writer(r) != 0)
        return false;
    free_before = a->size - ring_distance(a, before, r->limit);
    free_now = a->size - ring_distance(a, r->released, r->limit);
    return free_before <= pending && free_now > pending;
}

bool ring_reader_commit(struct ring_reader *r, uint32_t at)
{
    struct ring_control *control = r->area.control;
    uint32_t before = r->released;
    uint32_t pending;

    if (at == before || r->fault.kind != RING_FAULT_NONE)
        return false;
    r->released = at;
    r->commits++;
    /* Release: every byte has been read before it may be overwritten. */
    RING_STORE_RELEASE(&control->read_index, at);
    if ((RING_LOAD(&control->features) & RING_FEATURE_PENDING_SEND_SIZE) == 0)
        return false;
    /* The other half of ring_writer_block: our index is visible before we
     * look whether the writer is blocked. */
    RING_FENCE();
    /* Acquire: the write index is at least what the announcement meant. */
    pending = RING_LOAD_ACQUIRE(&control->pending_send_size);
    pending &= RING_PENDING_MASK;
    if (RING_LIKELY(pending == 0) || !frees_enough(r, before, pending))
        return false;
    r->signals++;
    return true;
}

uint32_t ring_reader_used(struct ring_reader *r)
{
    if (r->fault.kind != RING_FAULT_NONE || look_at_writer(r) != 0)
        return 0;
    return ring_distance(&r->area, r->released, r->limit);
}

void ring_reader_mask(struct ring_reader *r)
{
    if (r->fault.kind != RING_FAULT_NONE)
        return;
    /* No fence: a writer that does not see the mask yet sends a signal that
     * finds us reading anyway. Nothing is decided by this store. */
    RING_STORE(&r->area.control->interrupt_mask, 1);
}

bool ring_reader_unmask(struct ring_reader *r)
{
    struct ring_control *control = r->area.control;

    if (r->fault.kind != RING_FAULT_NONE)
        return false;
    /* In no order with the read index: both are visible behind the fence. */
    RING_STORE(&control->interrupt_mask, 0);
    /* The other half of ring_writer_commit: the mask (and the read index) are
     * visible before we look for the last time. */
    RING_FENCE();
    if (RING_LOAD(&control->write_index) == r->released)
        return false;
    ring_reader_mask(r);
    return true;
}

bool ring_reader_peer_tells_room(const struct ring_reader *r)
{
    uint32_t features = RING_LOAD(&r->area.control->features);

    return (features & RING_FEATURE_PENDING_SEND_SIZE) != 0;
}
