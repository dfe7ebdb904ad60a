/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames of several segments (RSC), put together from the fragments that the
 * host has left them in (frames.h). All fragments of a frame are ranges of
 * one packet, in order: the first has the headers and what stands beside the
 * frame, the others have data only.
 */
#include "drivers/network/wire/frames.h"

/* The first fragment, or a frame that is alone in its message. */
static void begin(struct coalesce *c, const struct rndis_beside *beside)
{
    c->size = 0;
    c->count = 0;
    c->id = beside->part_id;
    c->beside = *beside;
    c->going = true;
}

/* Whether the fragment goes on with what was begun. */
static bool goes_on(const struct coalesce *c, uint32_t size,
                    const struct rndis_beside *beside)
{
    return c->going && beside->part_id == c->id && c->count < RNDIS_PARTS_MAX &&
           size <= COALESCE_MOST - c->size;
}

/*
 * A message without part flags is a whole frame. A first fragment while another
 * frame is going on drops that one, whose last has not come.
 */
enum coalesce_step coalesce_next(struct coalesce *c, uint32_t size,
                                 const struct rndis_beside *beside,
                                 uint32_t *at)
{
    bool alone = !beside->part;
    bool cut_off = c->going && (alone || beside->part & RNDIS_PART_FIRST);

    if (cut_off) {
        c->going = false;
        return COALESCE_WRONG;
    }
    if (alone || beside->part & RNDIS_PART_FIRST)
        begin(c, beside);
    if (!goes_on(c, size, beside)) {
        c->going = false;
        return COALESCE_WRONG;
    }
    *at = c->size;
    if (!c->count)
        c->first_size = size;
    c->size += size;
    c->count++;
    if (!alone && !(beside->part & RNDIS_PART_LAST))
        return COALESCE_MORE;
    c->going = false;
    return COALESCE_DONE;
}
