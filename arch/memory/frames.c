/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bitmaps of free frames: see frames.h.
 *
 *     |#### bits made: # taken, . free ..|.... free, without bits yet ....|
 *     first                              first + laid_out      first + count
 *
 * Bits are made only as far as somebody has looked: a start of the system that
 * made all bits of a large machine would do little else.
 */
#include "arch/memory/frames.h"

#include <errno.h>
#include <stddef.h>

#define FRAME_LIMIT (UINT64_C(1) << 52)

/* Frames whose bits are made at a time: 64 words. */
#define LAY_FRAMES 4096u
#define PAGE_BYTES 4096u

/* A region of up to 64 frames carries its one word itself. */
uint64_t frames_bitmap_size(uint64_t count)
{
    return count <= 64 ? 0 : (count + 63) / 64 * 8;
}

/* Is the frame at this index free? Its bit exists. */
static bool get(const struct frame_region *r, uint64_t i)
{
    return (r->bitmap[i / 64] >> (i % 64) & 1) != 0;
}

int frames_add(struct frames *f, uint64_t first, uint64_t count,
               uint64_t *bitmap)
{
    struct frame_region *r;

    /* Numbers past the limit could overflow when they become addresses. */
    if (count == 0 || count > FRAME_LIMIT || first > FRAME_LIMIT - count)
        return -EINVAL;
    for (uint32_t i = 0; i < f->regions; i++) {
        const struct frame_region *o = &f->region[i];

        if (first < o->first + o->count && o->first < first + count)
            return -EINVAL;
    }
    if (f->regions == FRAMES_REGIONS_MAX)
        return -ENOSPC;
    r = &f->region[f->regions++];
    *r = (struct frame_region){.first = first, .count = count, .free = count};
    /* A small region carries its bitmap itself. */
    r->bitmap = frames_bitmap_size(count) ? bitmap : &r->small;
    f->total += count;
    f->free += count;
    return 0;
}

/* The frames of the bitmap are not part of the region, so they are never handed
 * out. */
int frames_add_own(struct frames *f, uint64_t first, uint64_t count,
                   uint64_t *(*reach)(uint64_t frame))
{
    uint64_t own = (frames_bitmap_size(count) + PAGE_BYTES - 1) / PAGE_BYTES;

    if (count <= own)
        return -EINVAL;
    return frames_add(f, first + own, count - own, own ? reach(first) : NULL);
}

/* Makes the bits of the frames below index `to`, and of some more. */
static void lay_out(struct frame_region *r, uint64_t to)
{
    uint64_t end = (to + LAY_FRAMES - 1) / LAY_FRAMES * LAY_FRAMES;

    if (end > r->count)
        end = r->count;
    for (uint64_t w = r->laid_out / 64; w * 64 < end; w++)
        r->bitmap[w] = UINT64_MAX;
    /* Bits past the end stay clear, so that whole words can be believed. */
    if (end % 64)
        r->bitmap[end / 64] = (UINT64_C(1) << (end % 64)) - 1;
    r->laid_out = end;
}

/* The first free index at or after `i`. `to` or more: there is none below. */
static uint64_t next_free(const struct frame_region *r, uint64_t i, uint64_t to)
{
    while (i < to) {
        uint64_t word = r->bitmap[i / 64] >> (i % 64);

        if (word)
            return i + (uint64_t)__builtin_ctzll(word);
        i = (i / 64 + 1) * 64;
    }
    return to;
}

/* How many frames from `i` on are free, at most `most`. `i` is not past the
 * end, and the bits after the end are clear. */
static uint64_t run_length(const struct frame_region *r, uint64_t i,
                           uint64_t most)
{
    uint64_t n = 0;

    while (n < most) {
        unsigned bit = (i + n) % 64;
        uint64_t taken = ~r->bitmap[(i + n) / 64] >> bit;

        /* The run ends at the first frame that is taken. */
        if (taken)
            return n + (uint64_t)__builtin_ctzll(taken) < most
                       ? n + (uint64_t)__builtin_ctzll(taken)
                       : most;
        n += 64 - bit;
    }
    return most;
}

/* Looks in the indices from..to-1 for `count` free ones in a row. Alignment is
 * that of frame numbers, not of indices. */
static uint64_t search(const struct frame_region *r, uint64_t from, uint64_t to,
                       uint64_t count, uint64_t align)
{
    uint64_t i = from;

    while ((i = next_free(r, i, to)) < to) {
        uint64_t frame = (r->first + i + align - 1) & ~(align - 1);
        uint64_t run;

        i = frame - r->first;
        /* The rest of the range is too short. */
        if (i >= to || to - i < count)
            return FRAMES_NONE;
        run = run_length(r, i, count);
        if (run == count)
            return i;
        /* The frame after the run is taken: go on after it. */
        i += run ? run : 1;
    }
    return FRAMES_NONE;
}

/* Changes whole words where it can. */
static void mark(struct frames *f, struct frame_region *r, uint64_t i,
                 uint64_t count, bool free)
{
    for (uint64_t n = 0; n < count;) {
        unsigned bit = (i + n) % 64;
        uint64_t some = count - n < 64 - bit ? count - n : 64 - bit;
        uint64_t mask = UINT64_MAX >> (64 - some) << bit;

        if (free)
            r->bitmap[(i + n) / 64] |= mask;
        else
            r->bitmap[(i + n) / 64] &= ~mask;
        n += some;
    }
    /* Both counts, of the region and of all of them. */
    r->free = free ? r->free + count : r->free - count;
    f->free = free ? f->free + count : f->free - count;
}

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
        i = search(r, r->hint, known, count, align);
    if (i == FRAMES_NONE)
        i = search(r, 0, known, count, align);
    while (i == FRAMES_NONE && known < to) {
        /* What begins earlier also ends in what was searched already. */
        uint64_t from = known > count ? known - count : 0;

        /* Make as many bits as the request could need, then look again there.
         */
        lay_out(r, known + count);
        known = to < r->laid_out ? to : r->laid_out;
        i = search(r, from, known, count, align);
    }
    return i;
}

/* Takes one frame, where the word at the hint still has a free one. This is
 * what is asked for most. FRAMES_NONE: look further. */
static uint64_t take_near(struct frames *f, struct frame_region *r,
                          uint64_t limit)
{
    uint64_t i = r->hint;
    uint64_t word = i < r->laid_out ? r->bitmap[i / 64] >> (i % 64) : 0;

    if (word == 0)
        return FRAMES_NONE;
    i += (uint64_t)__builtin_ctzll(word);
    if (r->first + i > limit)
        return FRAMES_NONE;
    r->bitmap[i / 64] &= ~(UINT64_C(1) << (i % 64));
    r->free--;
    f->free--;
    r->hint = i + 1;
    return r->first + i;
}

/* Takes from one region. The hint moves only past frames that were found
 * where it points. */
static uint64_t take_in(struct frames *f, struct frame_region *r,
                        uint64_t count, uint64_t align, uint64_t limit)
{
    uint64_t to = r->count, i;

    /* Most regions are ruled out by these two numbers. */
    if (limit < r->first || r->free < count)
        return FRAMES_NONE;
    if (count == 1 && align == 1 && (i = take_near(f, r, limit)) != FRAMES_NONE)
        return i;
    if (limit - r->first < to - 1)
        to = limit - r->first + 1;
    i = find(r, to, count, align);
    if (i == FRAMES_NONE)
        return FRAMES_NONE;
    mark(f, r, i, count, false);
    if (count == 1 || i == r->hint)
        r->hint = i + count;
    return r->first + i;
}

/* The regions are in ascending order, so the last one is the highest. */
uint64_t frames_take(struct frames *f, uint64_t count, uint64_t align,
                     uint64_t limit)
{
    if (count == 0 || align == 0 || (align & (align - 1)))
        return FRAMES_NONE;
    for (uint32_t i = f->regions; i-- > 0;) {
        uint64_t frame = take_in(f, &f->region[i], count, align, limit);

        if (frame != FRAMES_NONE)
            return frame;
    }
    return FRAMES_NONE;
}

/* The region that holds all of these frames, or NULL. */
static struct frame_region *region_of(struct frames *f, uint64_t first,
                                      uint64_t count)
{
    for (uint32_t i = 0; i < f->regions; i++) {
        struct frame_region *r = &f->region[i];

        if (first >= r->first && first - r->first < r->count &&
            count <= r->count - (first - r->first))
            return r;
    }
    return NULL;
}

/* Bits that were not made yet stand for free frames. */
bool frames_take_exact(struct frames *f, uint64_t first, uint64_t count)
{
    struct frame_region *r = region_of(f, first, count);

    if (!r || count == 0)
        return false;
    if (first - r->first + count > r->laid_out)
        lay_out(r, first - r->first + count);
    if (run_length(r, first - r->first, count) != count)
        return false;
    mark(f, r, first - r->first, count, false);
    return true;
}

/* A frame without a bit was never handed out. */
bool frames_give(struct frames *f, uint64_t first, uint64_t count)
{
    struct frame_region *r = region_of(f, first, count);

    if (!r || count == 0 || first - r->first + count > r->laid_out)
        return false;
    for (uint64_t n = 0; n < count; n++) {
        if (get(r, first - r->first + n))
            return false;
    }
    mark(f, r, first - r->first, count, true);
    /* The next search begins where memory has become free. */
    if (first - r->first < r->hint)
        r->hint = first - r->first;
    return true;
}
