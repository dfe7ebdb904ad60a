/* Bitmaps of free frames: see frames.h. */
#include "frames.h"

#include <errno.h>
#include <stddef.h>

#define FRAME_LIMIT (UINT64_C(1) << 52)

uint64_t frames_bitmap_size(uint64_t count)
{
    return count <= 64 ? 0 : (count + 63) / 64 * 8;
}

static bool get(const struct frame_region *r, uint64_t i)
{
    return (r->bitmap[i / 64] >> (i % 64) & 1) != 0;
}

static void set(struct frame_region *r, uint64_t i, bool free)
{
    uint64_t bit = UINT64_C(1) << (i % 64);

    if (free)
        r->bitmap[i / 64] |= bit;
    else
        r->bitmap[i / 64] &= ~bit;
}

int frames_add(struct frames *f, uint64_t first, uint64_t count,
               uint64_t *bitmap)
{
    struct frame_region *r;

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
    r->bitmap = frames_bitmap_size(count) ? bitmap : &r->small;
    for (uint64_t w = 0; w < (count + 63) / 64; w++)
        r->bitmap[w] = UINT64_MAX;
    /* Bits past the end stay clear, so that whole words can be believed. */
    if (count % 64)
        r->bitmap[count / 64] = (UINT64_C(1) << (count % 64)) - 1;
    f->total += count;
    f->free += count;
    return 0;
}

/* The first free index at or after `i`, or the count. */
static uint64_t next_free(const struct frame_region *r, uint64_t i)
{
    while (i < r->count) {
        uint64_t word = r->bitmap[i / 64] >> (i % 64);

        if (word)
            return i + (uint64_t)__builtin_ctzll(word);
        i = (i / 64 + 1) * 64;
    }
    return r->count;
}

/* How many frames from `i` on are free, at most `most`. */
static uint64_t run_length(const struct frame_region *r, uint64_t i,
                           uint64_t most)
{
    uint64_t n = 0;

    while (n < most) {
        if ((i + n) % 64 == 0 && most - n >= 64 &&
            r->bitmap[(i + n) / 64] == UINT64_MAX)
            n += 64;
        else if (get(r, i + n))
            n++;
        else
            break;
    }
    return n;
}

/* Looks in indices from..to-1 for `count` free ones in a row. */
static uint64_t search(const struct frame_region *r, uint64_t from, uint64_t to,
                       uint64_t count, uint64_t align)
{
    uint64_t i = from;

    while ((i = next_free(r, i)) < to) {
        uint64_t frame = (r->first + i + align - 1) & ~(align - 1);
        uint64_t run;

        i = frame - r->first;
        if (i >= to || to - i < count)
            return FRAMES_NONE;
        run = run_length(r, i, count);
        if (run == count)
            return i;
        i += run ? run : 1;
    }
    return FRAMES_NONE;
}

static void mark(struct frames *f, struct frame_region *r, uint64_t i,
                 uint64_t count, bool free)
{
    for (uint64_t n = 0; n < count; n++)
        set(r, i + n, free);
    r->free = free ? r->free + count : r->free - count;
    f->free = free ? f->free + count : f->free - count;
}

/* From the hint on first: single pages are found at once even when a region
 * is nearly full at its start. */
static uint64_t take_in(struct frames *f, struct frame_region *r,
                        uint64_t count, uint64_t align, uint64_t limit)
{
    uint64_t to = r->count, i;

    if (limit < r->first || r->free < count)
        return FRAMES_NONE;
    if (limit - r->first < to - 1)
        to = limit - r->first + 1;
    i = r->hint < to ? search(r, r->hint, to, count, align) : FRAMES_NONE;
    if (i == FRAMES_NONE)
        i = search(r, 0, to, count, align);
    if (i == FRAMES_NONE)
        return FRAMES_NONE;
    mark(f, r, i, count, false);
    if (count == 1)
        r->hint = i + 1;
    return r->first + i;
}

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

bool frames_take_exact(struct frames *f, uint64_t first, uint64_t count)
{
    struct frame_region *r = region_of(f, first, count);

    if (!r || count == 0 || run_length(r, first - r->first, count) != count)
        return false;
    mark(f, r, first - r->first, count, false);
    return true;
}

bool frames_give(struct frames *f, uint64_t first, uint64_t count)
{
    struct frame_region *r = region_of(f, first, count);

    if (!r || count == 0)
        return false;
    for (uint64_t n = 0; n < count; n++) {
        if (get(r, first - r->first + n))
            return false;
    }
    mark(f, r, first - r->first, count, true);
    if (first - r->first < r->hint)
        r->hint = first - r->first;
    return true;
}
