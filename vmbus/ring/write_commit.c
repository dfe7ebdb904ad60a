/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writing end of a ring: showing packets to the reader, and waiting for
 * room.
 *
 * The rules for signals are those of the write direction in
 * [linux ring_buffer.c], [openvmm ring] and [mu_msvm].
 */
#include "vmbus/ring/internal.h"

bool ring_writer_commit(struct ring_writer *w, uint32_t at)
{
    struct ring_control *control = w->area.control;
    uint32_t before = w->published;

    if (at == before || w->fault.kind != RING_FAULT_NONE)
        return false;
    w->published = at;
    w->commits++;
    /* Publish the packets. Release: they are visible before the index that
     * shows them. */
    RING_STORE_RELEASE(&control->write_index, at);
    /*
     * The mask dance: the reader may go to rest at this very moment.
     *
     *    writer                        reader
     *    store write index             store mask = 0
     *    ---- fence ----               ---- fence ----
     *    load mask                     load write index
     *    0 and ring was empty: signal  moved: mask again, go on draining
     *
     * Each side stores before its fence and loads after it, so at least one of
     * the two sees the other's store: no wake-up is lost. */
    RING_FENCE();
    /* Do not signal a reader that has masked: it is draining. Acquire: the mask
     * is loaded before the read index. (The other order would lose no wake-up
     * either; it might signal a reader that has just woken up.) */
    if (RING_LOAD_ACQUIRE(&control->interrupt_mask) != 0)
        return false;
    /* Signal only if the reader had taken everything before: one that had not
     * will find the packets by itself. A bad index does no harm here, because
     * it is only compared. */
    if (RING_LOAD(&control->read_index) != before)
        return false;
    w->signals++;
    return true;
}

uint32_t ring_writer_free(struct ring_writer *w)
{
    if (w->fault.kind != RING_FAULT_NONE || ring_look_at_reader(w) != 0)
        return 0;
    return ring_free_from(w, w->published);
}

int ring_writer_block(struct ring_writer *w, uint64_t footprint)
{
    uint32_t *pending = &w->area.control->pending_send_size;
    int status;

    /* Do not announce if there is room already. */
    status = ring_find_room(w, w->published, footprint);
    if (status != -EAGAIN)
        return status == 0 ? 1 : status;
    /* Announce how much is needed. Release: a reader that sees this sees all
     * that was committed. */
    RING_STORE_RELEASE(pending, (uint32_t)footprint);
    /*
     * The reader may make room at this very moment.
     *
     *    writer                       reader
     *    store pending_send_size      store read index
     *    ---- fence ----              ---- fence ----
     *    load read index              load pending_send_size
     *    room: do not wait            room is enough now: signal
     *
     * As with the mask, the same room cannot be missed by both. */
    RING_FENCE();
    status = ring_find_room(w, w->published, footprint);
    /* Forget the stretch that this found: the packet that waits may be written
     * at another position, after a wrap. */
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
