/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Joining ranges of frames that touch: see frames.h.
 *
 * A host adds memory in many small ranges, one after the other. A region that
 * grows needs bitmaps with more room. They move to frames of their own, with
 * room for twice as many bits, so that most ranges are joined without a move.
 */
#include "arch/memory/frames_private.h"

#include <stddef.h>
#include <string.h>

/* The frames that hold the bitmaps now become free: the first ones of the
 * region, or those that the bitmaps moved to before. */
static void free_bitmaps(struct frames *f, struct frame_region *r,
                         uint64_t pages)
{
    uint64_t own = r->own;

    if (own) {
        r->own = 0;
        r->hint = 0;
        f->total += own;
        f->full_from = f->regions;
        frames_mark(f, r, 0, own, true);
    } else if (r->moved_to) {
        frames_give(f, r->moved_to, pages);
    }
}

/* Moves the bitmaps to where there is room for `count` frames and as many
 * again. False: there are no frames in a row for them. */
static bool move_bitmaps(struct frames *f, struct frame_region *r,
                         uint64_t count)
{
    uint64_t pages = frames_bitmap_pages(2 * count), at;
    uint64_t pages_before = frames_bitmap_pages(r->room);
    uint64_t *bits, *from, *from_lent, room;

    if (!f->reach ||
        (at = frames_take(f, pages, 1, FRAMES_NONE)) == FRAMES_NONE)
        return false;
    /* The frames in use must have bits before they become free. */
    frames_lay_out(r, r->own);
    bits = f->reach(at);
    room = pages * FRAMES_PAGE_BYTES * 8 / 2;
    from = frames_bits(r);
    from_lent = frames_lent_bits(r);
    for (uint64_t w = 0; w * 64 < r->laid_out; w++) {
        bits[w] = from[w];
        bits[room / 64 + w] = from_lent ? from_lent[w] : 0;
    }
    r->bitmap = bits;
    r->lent = bits + room / 64;
    r->room = room;
    free_bitmaps(f, r, pages_before);
    r->moved_to = at;
    return true;
}

/* The last word may have bits already, and then gets those that follow. */
static void fill_last_word(struct frame_region *r, uint64_t end)
{
    uint64_t from = r->laid_out;
    uint64_t to = (from + 63) / 64 * 64;

    if (to > end)
        to = end;
    frames_set_bits(frames_bits(r), from, to - from, true);
    r->laid_out = to;
}

bool frames_extend(struct frames *f, uint32_t i, uint64_t count)
{
    struct frame_region *r = &f->region[i];

    if (r->count + count > r->room && !move_bitmaps(f, r, r->count + count))
        return false;
    fill_last_word(r, r->count + count);
    r->count += count;
    r->free += count;
    f->total += count;
    f->free += count;
    if (f->full_from <= i)
        f->full_from = i + 1;
    return true;
}

/* Appends `count` bits, whose words begin at bit 0, from index `at` on. Bits
 * from `at` on must be clear. */
static void append_bits(uint64_t *words, uint64_t at, const uint64_t *from,
                        uint64_t count)
{
    unsigned shift = at % 64;

    for (uint64_t n = 0; n < count; n += 64) {
        uint64_t word = from[n / 64], w = (at + n) / 64;

        if (count - n < 64)
            word &= (UINT64_C(1) << (count - n)) - 1;
        words[w] = (shift ? words[w] : 0) | word << shift;
        if (shift && count - n > 64 - shift)
            words[w + 1] = word >> (64 - shift);
    }
}

/* Joins region i + 1 to region i. False: no memory for the bitmaps. */
static bool join(struct frames *f, uint32_t i)
{
    struct frame_region *r = &f->region[i], above;
    uint64_t *bits, *lent;

    if (r->count + r[1].count > r->room &&
        !move_bitmaps(f, r, r->count + r[1].count))
        return false;
    /* A copy: the table moves down. */
    frames_lay_out(r, r->count);
    frames_lay_out(&r[1], r[1].own);
    above = r[1];
    bits = frames_bits(r);
    lent = frames_lent_bits(r);
    append_bits(bits, r->count, frames_bits(&above), above.laid_out);
    append_bits(lent, r->count, frames_lent_bits(&above), above.laid_out);
    frames_table_remove(f, i + 1);
    r->laid_out = r->count + above.laid_out;
    /* What `above` used for its bitmaps, it needs no more. */
    f->total += above.own;
    r->free += above.free;
    frames_mark(f, r, r->count, above.own, true);
    r->count += above.count;
    if (r->laid_out % 64)
        fill_last_word(r, r->count);
    if (above.moved_to)
        frames_give(f, above.moved_to, frames_bitmap_pages(above.room));
    return true;
}

void frames_join_above(struct frames *f, uint32_t i)
{
    while (i + 1 < f->regions) {
        struct frame_region *r = &f->region[i];

        if (r->first + r->count != r[1].first || r[1].count > 2 * r->count ||
            !frames_lent_bits(r) || !frames_lent_bits(&r[1]) || !join(f, i))
            return;
    }
}
