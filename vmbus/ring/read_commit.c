/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reading end of a ring: giving room back, and asking for signals.
 *
 * The rules for signals are those of the read direction in
 * [linux ring_buffer.c], [openvmm ring] and [mu_msvm].
 */
#include "vmbus/ring/internal.h"

/*
 * True if moving the read index from `before` to where it is now gave the
 * writer the room that it waits for: strictly more than `pending`, because one
 * unit always stays free; and not so much before, because then it was signalled
 * already.
 *
 *    | free before        | packets, read now | packets |
 *    |<-- <= pending ---->|                   |
 *    |<-------------- > pending ------------->|     (the ring wraps)
 */
RING_RARE static bool frees_enough(struct ring_reader *r, uint32_t before,
                                   uint32_t pending)
{
    const struct ring_area *a = &r->area;
    uint32_t free_before, free_now;

    /* Use the write index of now: an older one would show too much room. */
    if (ring_look_at_writer(r) != 0)
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
    /* Give the room back. Release: every byte has been read before it may be
     * overwritten. */
    RING_STORE_RELEASE(&control->read_index, at);
    /* Do not signal a writer that never announces that it waits. */
    if ((RING_LOAD(&control->features) & RING_FEATURE_PENDING_SEND_SIZE) == 0)
        return false;
    /* Fence as in ring_writer_block, whose other half this is: our index must
     * be visible before we look whether the writer is blocked. */
    RING_FENCE();
    /* Load what the writer waits for. Acquire: the write index that is loaded
     * after it is at least the one that the announcement was made at. */
    pending = RING_LOAD_ACQUIRE(&control->pending_send_size);
    pending &= RING_PENDING_MASK;
    /* Signal only when this commit made the difference. */
    if (RING_LIKELY(pending == 0) || !frees_enough(r, before, pending))
        return false;
    r->signals++;
    return true;
}

bool ring_reader_at_end(const struct ring_reader *r, uint32_t at)
{
    /* The limit of a broken ring is none that a position reaches. */
    return at == r->limit && RING_LOAD(&r->area.control->write_index) == at;
}

uint32_t ring_reader_used(struct ring_reader *r)
{
    if (r->fault.kind != RING_FAULT_NONE || ring_look_at_writer(r) != 0)
        return 0;
    return ring_distance(&r->area, r->released, r->limit);
}

void ring_reader_mask(struct ring_reader *r)
{
    if (r->fault.kind != RING_FAULT_NONE)
        return;
    /* Store without a fence: a writer that does not see the mask yet sends a
     * signal that finds us reading anyway. Nothing is decided by this store. */
    RING_STORE(&r->area.control->interrupt_mask, 1);
}

bool ring_reader_unmask(struct ring_reader *r)
{
    struct ring_control *control = r->area.control;

    if (r->fault.kind != RING_FAULT_NONE)
        return false;
    /* Ask for signals. In no order with the read index, because both are
     * visible after the fence. */
    RING_STORE(&control->interrupt_mask, 0);
    /* Fence as in ring_writer_commit, whose other half this is and which shows
     * the mask dance: the mask and the read index must be visible before we
     * look for the last time. */
    RING_FENCE();
    /* Rest only if nothing has come in between; else the writer may have seen
     * the mask and sent no signal. */
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
