/*
 * The reading end of a ring: packets, commit, mask.
 *
 * Rules: [linux ring_buffer.c] [openvmm ring] [mu_msvm], signalling rules of
 * the read direction, and what a host may have put there instead.
 */
#include "ring_internal.h"

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

/*
 * Loads and checks the write index. What was announced can only grow until
 * we give it back: an index that makes it shrink went back.
 */
static inline int look_at_writer(struct ring_reader *r)
{
    const struct ring_area *a = &r->area;
    /* Acquire: the packets are loaded after the index that shows them. */
    uint32_t index = RING_LOAD_ACQUIRE(&a->control->write_index);
    uint32_t known = ring_distance(a, r->released, r->limit);

    if (RING_UNLIKELY(index >= a->size))
        return ring_break(&r->fault, RING_FAULT_WRITE_INDEX_RANGE, index,
                          a->size);
    if (RING_UNLIKELY(index % RING_UNIT != 0))
        return ring_break(&r->fault, RING_FAULT_WRITE_INDEX_UNIT, index,
                          RING_UNIT);
    if (RING_UNLIKELY(ring_distance(a, r->released, index) < known))
        return ring_break(&r->fault, RING_FAULT_WRITE_INDEX_BACK, index,
                          r->limit);
    r->limit = index;
    return 0;
}

/*
 * Loads the descriptor at `at` once and checks it against what was written.
 * *footprint becomes the bytes to the next packet.
 */
static inline int look_at_packet(struct ring_reader *r, uint32_t at,
                                 struct ring_packet *packet,
                                 uint32_t *footprint)
{
    const struct ring_area *a = &r->area;
    uint32_t available, offset, length;
    uint64_t first;
    int status;

    if (RING_UNLIKELY(r->fault.kind != RING_FAULT_NONE))
        return -EPROTO;
    if (at == r->limit) {
        status = look_at_writer(r);
        if (RING_UNLIKELY(status != 0))
            return status;
        if (at == r->limit)
            return -EAGAIN;
    }
    available = ring_distance(a, at, r->limit);
    if (RING_UNLIKELY(available < RING_DESCRIPTOR_SIZE + RING_TRAILER_SIZE))
        return ring_break(&r->fault, RING_FAULT_SHORT, available,
                          RING_DESCRIPTOR_SIZE + RING_TRAILER_SIZE);
    first = RING_LOAD_DATA(ring_unit(a, at));
    offset = (uint32_t)(uint16_t)(first >> 16) * RING_UNIT;
    length = (uint32_t)(uint16_t)(first >> 32) * RING_UNIT;
    if (RING_UNLIKELY(offset < RING_DESCRIPTOR_SIZE))
        return ring_break(&r->fault, RING_FAULT_OFFSET, offset,
                          RING_DESCRIPTOR_SIZE);
    if (RING_UNLIKELY(length < offset))
        return ring_break(&r->fault, RING_FAULT_LENGTH, length, offset);
    if (RING_UNLIKELY(length + RING_TRAILER_SIZE > available))
        return ring_break(&r->fault, RING_FAULT_OVERRUN, length, available);
    packet->type = (uint16_t)first;
    packet->flags = (uint16_t)(first >> 48);
    packet->header_size = offset - RING_DESCRIPTOR_SIZE;
    packet->size = length - RING_DESCRIPTOR_SIZE;
    packet->transaction = RING_LOAD_DATA(ring_unit(a, at + 8));
    *footprint = length + RING_TRAILER_SIZE;
    return 0;
}

int ring_read(struct ring_reader *r, uint32_t *at, struct ring_packet *packet,
              void *body, uint32_t capacity)
{
    const struct ring_area *a = &r->area;
    uint32_t footprint, size, start, straight;
    int status = look_at_packet(r, *at, packet, &footprint);

    if (status != 0)
        return status;
    size = packet->size < capacity ? packet->size : capacity;
    start = ring_wrap(a, *at + RING_DESCRIPTOR_SIZE);
    straight = r->contiguous - start;
    if (RING_LIKELY(size <= straight)) {
        RING_COPY_FROM(body, a->data + start, size);
    } else {
        RING_COPY_FROM(body, a->data + start, straight);
        RING_COPY_FROM((uint8_t *)body + straight, a->data, size - straight);
    }
    *at = ring_wrap(a, *at + footprint);
    return size < packet->size ? -EMSGSIZE : 0;
}

int ring_peek(struct ring_reader *r, uint32_t *at, struct ring_packet *packet,
              const void **body)
{
    const struct ring_area *a = &r->area;
    uint32_t footprint, start;
    int status = look_at_packet(r, *at, packet, &footprint);

    if (status != 0)
        return status;
    start = ring_wrap(a, *at + RING_DESCRIPTOR_SIZE);
    if (start + packet->size > r->contiguous)
        return -EXDEV;
    *body = a->data + start;
    *at = ring_wrap(a, *at + footprint);
    return 0;
}

/*
 * Whether moving the read index from `before` to where it is now gave the
 * writer the room it waits for. Strictly more than what is pending, for one
 * unit always stays free; and not before, for then it was told already.
 */
static bool frees_enough(struct ring_reader *r, uint32_t before,
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
    if (!ring_reader_peer_tells_room(r))
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
    /* Release: who sees the mask clear sees the read index of our commit. */
    RING_STORE_RELEASE(&control->interrupt_mask, 0);
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
