/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that come back, from our own code and from the host: see frames.h. */
#include "arch/memory/frames_private.h"

#include <stddef.h>

/* A part of a range of frames that lies in one region. */
struct piece {
    struct frame_region *region;
    uint32_t at; /* of the region in the table */
    uint64_t index, count;
};

/* The part that begins at `first`. False: no region has that frame, or nobody
 * has looked at it, so it was never taken. */
static bool find_piece(struct frames *f, uint64_t first, uint64_t count,
                       struct piece *p)
{
    uint32_t up_to = frames_table_up_to(f, first);

    if (up_to == 0)
        return false;
    p->at = up_to - 1;
    p->region = &f->region[p->at];
    p->index = first - p->region->first;
    if (p->index >= p->region->laid_out || p->index < p->region->own)
        return false;
    p->count = p->region->laid_out - p->index;
    if (p->count > count)
        p->count = count;
    return true;
}

/* Is each bit of the piece as `set` says? */
static bool all_bits(const uint64_t *words, const struct piece *p, bool set)
{
    for (uint64_t i = p->index; i < p->index + p->count; i++) {
        if ((words[i / 64] >> (i % 64) & 1) != set)
            return false;
    }
    return true;
}

/* Frees the pieces of a range that may lie in several regions. With `lent` it
 * is the host that gives them, and each must be lent to it. */
static void free_all(struct frames *f, uint64_t first, uint64_t count,
                     bool lent)
{
    struct piece p;

    for (; count && find_piece(f, first, count, &p);
         first += p.count, count -= p.count) {
        if (lent)
            frames_set_bits(frames_lent_bits(p.region), p.index, p.count,
                            false);
        frames_mark(f, p.region, p.index, p.count, true);
        /* The next search begins where memory has become free. */
        if (p.index < p.region->hint)
            p.region->hint = p.index;
        if (f->full_from <= p.at)
            f->full_from = p.at + 1;
    }
}

/* Looks at every piece before the first one is changed. */
static bool may_come_back(struct frames *f, uint64_t first, uint64_t count,
                          bool lent)
{
    struct piece p;

    if (count == 0)
        return false;
    for (; count; first += p.count, count -= p.count) {
        const uint64_t *bits;

        if (!find_piece(f, first, count, &p))
            return false;
        bits = lent ? frames_lent_bits(p.region) : frames_bits(p.region);
        if (!bits || !all_bits(bits, &p, lent))
            return false;
    }
    return true;
}

bool frames_give(struct frames *f, uint64_t first, uint64_t count)
{
    if (!may_come_back(f, first, count, false))
        return false;
    free_all(f, first, count, false);
    return true;
}

/* Frames of a region that cannot note it are not lent. */
uint64_t frames_lend(struct frames *f, uint64_t count, uint64_t align)
{
    uint64_t first = frames_take(f, count, align, FRAMES_NONE);
    struct piece p;

    if (first == FRAMES_NONE || !find_piece(f, first, count, &p))
        return FRAMES_NONE;
    if (!frames_lent_bits(p.region)) {
        free_all(f, first, count, false);
        return FRAMES_NONE;
    }
    frames_set_bits(frames_lent_bits(p.region), p.index, count, true);
    return first;
}

bool frames_return(struct frames *f, uint64_t first, uint64_t count)
{
    if (!may_come_back(f, first, count, true))
        return false;
    free_all(f, first, count, true);
    return true;
}
