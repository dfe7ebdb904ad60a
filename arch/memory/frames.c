/* SPDX-License-Identifier: BSD-2-Clause */
/* Regions of frames, and how they are added: see frames.h. */
#include "arch/memory/frames.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "arch/memory/frames_private.h"

/* Is it a range of frames, and free of regions? *at receives its index. */
static bool fits(struct frames *f, uint64_t first, uint64_t count, uint32_t *at)
{
    const struct frame_region *r;

    if (!f->region) {
        f->region = f->early;
        f->room = FRAMES_EARLY;
    }
    /* Numbers past the limit could overflow when they become addresses. */
    if (count == 0 || count > FRAMES_LIMIT || first > FRAMES_LIMIT - count)
        return false;
    *at = frames_table_up_to(f, first);
    r = &f->region[*at];
    if (*at < f->regions && r->first < first + count)
        return false;
    return *at == 0 || r[-1].first + r[-1].count <= first;
}

/* Moves a full table to frames of its own, with room for twice as many. Where
 * there are none it stays. */
static void make_room(struct frames *f)
{
    const uint32_t unit = FRAMES_PAGE_BYTES;
    uint64_t size = sizeof(*f->region) * f->room;
    uint64_t pages = (2 * size + unit - 1) / unit;
    struct frame_region *old = f->region;
    uint64_t at;

    if (f->regions < f->room)
        return;
    at = frames_take(f, pages, 1, FRAMES_NONE);
    if (at == FRAMES_NONE)
        return;
    f->region = memcpy(f->reach(at), old, size);
    f->room = (uint32_t)(pages * unit / sizeof(*f->region));
    if (old != f->early)
        frames_give(f, f->table_at, (size + unit - 1) / unit);
    f->table_at = at;
}

int frames_add(struct frames *f, uint64_t first, uint64_t count,
               uint64_t *bitmap)
{
    struct frame_region *r;
    uint32_t at;

    if (!fits(f, first, count, &at))
        return -EINVAL;
    r = frames_table_insert(f, at);
    if (!r)
        return -ENOSPC;
    *r = (struct frame_region){
        .first = first,
        .count = count,
        .free = count,
        .room = (count + 63) / 64 * 64,
        .bitmap = frames_bitmap_size(count) ? bitmap : NULL,
    };
    f->total += count;
    f->free += count;
    return 0;
}

/* A region whose bitmaps lie in its first frames. They are not written here:
 * at the start they are not mapped yet. */
static int add_region(struct frames *f, uint32_t at, uint64_t first,
                      uint64_t count)
{
    uint64_t own = frames_bitmap_pages(count);
    struct frame_region *r;

    make_room(f);
    r = frames_table_insert(f, at);
    if (!r)
        return -ENOSPC;
    *r = (struct frame_region){
        .first = first,
        .count = count,
        .free = count - own,
        .hint = own,
        .own = own,
        .room = own ? own * FRAMES_PAGE_BYTES * 8 / 2 : 64,
    };
    if (own) {
        r->bitmap = f->reach(first);
        r->lent = r->bitmap + r->room / 64;
    }
    f->total += count - own;
    f->free += count - own;
    return 0;
}

/* The table grows when the range is in it, too: then there is memory for that,
 * even where all memory before was in use. */
int frames_add_own(struct frames *f, uint64_t first, uint64_t count,
                   uint64_t *(*reach)(uint64_t frame))
{
    int status = 0;
    uint32_t at;

    f->reach = reach;
    if (!fits(f, first, count, &at))
        return -EINVAL;
    if (at > 0 && f->region[at - 1].first + f->region[at - 1].count == first &&
        frames_lent_bits(&f->region[at - 1]) && frames_extend(f, at - 1, count))
        at--;
    else
        status = add_region(f, at, first, count);
    if (!status)
        frames_join_above(f, at);
    make_room(f);
    return status;
}
