/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding free frames in a row: see frames.h. */
#include "arch/memory/frames_private.h"

#include <stddef.h>

/*
 * From the hint on first: single pages are found at once even when a region is
 * nearly full at its start. Bits are made only when those that exist are not
 * enough.
 */
static uint64_t find(struct frame_region *r, uint64_t to, uint64_t count,
                     uint64_t align)
{
    uint64_t known = to < r->laid_out ? to : r->laid_out;
    uint64_t i = FRAMES_NONE;

    if (r->hint < known)
        i = frames_search(r, r->hint, known, count, align);
    if (i == FRAMES_NONE)
        i = frames_search(r, 0, known, count, align);
    while (i == FRAMES_NONE && known < to) {
        /* What begins earlier also ends in what was searched already. */
        uint64_t from = known > count ? known - count : 0;

        /* Make as many bits as the request could need, then look again there.
         */
        frames_lay_out(r, known + count);
        known = to < r->laid_out ? to : r->laid_out;
        i = frames_search(r, from, known, count, align);
    }
    return i;
}

/* Takes one frame, where the word at the hint still has a free one. This is
 * what is asked for most. FRAMES_NONE: look further. */
static uint64_t take_near(struct frames *f, struct frame_region *r,
                          uint64_t limit)
{
    uint64_t *bits = frames_bits(r);
    uint64_t i = r->hint;
    uint64_t word = i < r->laid_out ? bits[i / 64] >> (i % 64) : 0;

    if (word == 0)
        return FRAMES_NONE;
    i += (uint64_t)__builtin_ctzll(word);
    if (r->first + i > limit)
        return FRAMES_NONE;
    bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
    r->free--;
    f->free--;
    r->hint = i + 1;
    return r->first + i;
}

/* Takes from one region that begins within the limit. The hint moves only past
 * frames that were found where it points. */
static uint64_t take_in(struct frames *f, struct frame_region *r,
                        uint64_t count, uint64_t align, uint64_t limit)
{
    uint64_t to = r->count, i;

    /* Most regions are ruled out by this number. */
    if (r->free < count)
        return FRAMES_NONE;
    if (count == 1 && align == 1 && (i = take_near(f, r, limit)) != FRAMES_NONE)
        return i;
    if (limit - r->first < to - 1)
        to = limit - r->first + 1;
    i = find(r, to, count, align);
    if (i == FRAMES_NONE)
        return FRAMES_NONE;
    frames_mark(f, r, i, count, false);
    if (count == 1 || i == r->hint)
        r->hint = i + count;
    return r->first + i;
}

/* The regions are in ascending order, so the last one is the highest. */
uint64_t frames_take(struct frames *f, uint64_t count, uint64_t align,
                     uint64_t limit)
{
    uint32_t i;

    if (count == 0 || align == 0 || (align & (align - 1)))
        return FRAMES_NONE;
    /* Regions that are full are looked at once, not at each call. */
    while (f->full_from > 0 && f->region[f->full_from - 1].free == 0)
        f->full_from--;
    i = f->full_from;
    while (i > 0 && f->region[i - 1].first > limit)
        i--;
    while (i-- > 0) {
        uint64_t frame = take_in(f, &f->region[i], count, align, limit);

        if (frame != FRAMES_NONE)
            return frame;
    }
    return FRAMES_NONE;
}
