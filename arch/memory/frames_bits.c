/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bits of one region: see frames_private.h.
 *
 *     |#### bits made: # taken, . free ..|.... free, without bits yet ....|
 *     first                              first + laid_out      first + count
 *
 * Bits are made only as far as somebody has looked: a start of the system that
 * made all bits of a large machine would do little else.
 */
#include "arch/memory/frames_private.h"

#include <stddef.h>

/* Frames whose bits are made at a time: 16 words. */
#define LAY_FRAMES 1024u

uint64_t frames_bitmap_size(uint64_t count)
{
    return count <= 64 ? 0 : (count + 63) / 64 * 8;
}

uint64_t frames_bitmap_pages(uint64_t count)
{
    return (2 * frames_bitmap_size(count) + FRAMES_PAGE_BYTES - 1) /
           FRAMES_PAGE_BYTES;
}

/* A region of up to 64 frames carries its words itself. */
uint64_t *frames_bits(struct frame_region *r)
{
    return r->bitmap ? r->bitmap : &r->small;
}

uint64_t *frames_lent_bits(struct frame_region *r)
{
    return r->bitmap ? r->lent : &r->small_lent;
}

/* Frames that hold the bitmaps are taken from the beginning. */
void frames_lay_out(struct frame_region *r, uint64_t to)
{
    uint64_t *bits = frames_bits(r), *lent = frames_lent_bits(r);
    uint64_t end = (to + LAY_FRAMES - 1) / LAY_FRAMES * LAY_FRAMES;

    if (end > r->count)
        end = r->count;
    if (end <= r->laid_out)
        return;
    for (uint64_t w = r->laid_out / 64; w * 64 < end; w++) {
        bits[w] = UINT64_MAX;
        if (lent)
            lent[w] = 0;
    }
    /* Bits past the end stay clear, so that whole words can be believed. */
    if (end % 64)
        bits[end / 64] = (UINT64_C(1) << (end % 64)) - 1;
    if (r->laid_out < r->own)
        frames_set_bits(bits, r->laid_out,
                        (r->own < end ? r->own : end) - r->laid_out, false);
    r->laid_out = end;
}

/* The first free index at or after `i`. `to` or more: there is none below. */
static uint64_t next_free(const uint64_t *bits, uint64_t i, uint64_t to)
{
    while (i < to) {
        uint64_t word = bits[i / 64] >> (i % 64);

        if (word)
            return i + (uint64_t)__builtin_ctzll(word);
        i = (i / 64 + 1) * 64;
    }
    return to;
}

/* The bits after the end are clear. */
uint64_t frames_run_length(struct frame_region *r, uint64_t i, uint64_t most)
{
    const uint64_t *bits = frames_bits(r);
    uint64_t n = 0;

    while (n < most) {
        unsigned bit = (i + n) % 64;
        uint64_t taken = ~bits[(i + n) / 64] >> bit;

        /* The run ends at the first frame that is taken. */
        if (taken)
            return n + (uint64_t)__builtin_ctzll(taken) < most
                       ? n + (uint64_t)__builtin_ctzll(taken)
                       : most;
        n += 64 - bit;
    }
    return most;
}

uint64_t frames_search(struct frame_region *r, uint64_t from, uint64_t to,
                       uint64_t count, uint64_t align)
{
    const uint64_t *bits = frames_bits(r);
    uint64_t i = from;

    while ((i = next_free(bits, i, to)) < to) {
        uint64_t frame = (r->first + i + align - 1) & ~(align - 1);
        uint64_t run;

        i = frame - r->first;
        /* The rest of the range is too short. */
        if (i >= to || to - i < count)
            return FRAMES_NONE;
        run = frames_run_length(r, i, count);
        if (run == count)
            return i;
        /* The frame after the run is taken: go on after it. */
        i += run ? run : 1;
    }
    return FRAMES_NONE;
}

/* Changes whole words where it can. */
void frames_set_bits(uint64_t *words, uint64_t i, uint64_t count, bool set)
{
    for (uint64_t n = 0; n < count;) {
        unsigned bit = (i + n) % 64;
        uint64_t some = count - n < 64 - bit ? count - n : 64 - bit;
        uint64_t mask = UINT64_MAX >> (64 - some) << bit;

        if (set)
            words[(i + n) / 64] |= mask;
        else
            words[(i + n) / 64] &= ~mask;
        n += some;
    }
}

void frames_mark(struct frames *f, struct frame_region *r, uint64_t i,
                 uint64_t count, bool free)
{
    frames_set_bits(frames_bits(r), i, count, free);
    /* Both counts, of the region and of all of them. */
    r->free = free ? r->free + count : r->free - count;
    f->free = free ? f->free + count : f->free - count;
}
