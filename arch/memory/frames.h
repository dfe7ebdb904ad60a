/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical memory as frames of 4 KiB, and which of them are free. Pure: it
 * counts, and touches nothing but its bitmaps and its table, so the same code
 * runs in hosted tests.
 *
 * There is no limit on the number of ranges: the table of regions moves into
 * frames of its own when it is full, and ranges that touch are joined.
 *
 * It has no lock: callers of one `struct frames` take turns (pages.c locks).
 */
#ifndef ARCH_FRAMES_H
#define ARCH_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

/* Regions that fit before the table needs frames of its own. */
#define FRAMES_EARLY 16
#define FRAMES_NONE  UINT64_MAX

struct frame_region {
    uint64_t first; /* frame number */
    uint64_t count;
    uint64_t free;
    uint64_t hint;     /* index where the next search begins */
    uint64_t laid_out; /* indices from here on are free, and have no bit yet */
    uint64_t own;      /* the first frames hold the bitmaps, and are not free */
    uint64_t room;     /* the bitmaps have bits for that many frames */
    uint64_t *bitmap;  /* a set bit is a free frame; NULL: it is `small` */
    uint64_t *lent;    /* a set bit is a lent frame; NULL: `small_lent` */
    uint64_t moved_to; /* frame that the bitmaps moved to; 0: they did not */
    uint64_t small, small_lent; /* of regions of up to 64 frames */
};

/* All zero: no frames. */
struct frames {
    struct frame_region early[FRAMES_EARLY];
    struct frame_region *region; /* ascending; NULL: `early` */
    uint32_t regions, room;
    uint32_t full_from; /* regions from this index on have no free frame */
    uint64_t table_at;  /* frame of the table; 0: it is `early` */
    uint64_t total, free;
    uint64_t *(*reach)(uint64_t frame);
};

/** The bytes of bitmap that frames_add() needs for @count frames; 0 for 64 or
 * less. */
uint64_t frames_bitmap_size(uint64_t count);

/**
 * Add the free frames @first to @first + @count - 1. They cannot be lent.
 *
 * @bitmap  8-byte aligned, frames_bitmap_size() bytes, any content, kept; may
 *          be NULL where that size is 0
 * @return  0; -ENOSPC: the table of regions is full; -EINVAL: no frames,
 *          overlap with a region that is there, or frame numbers past 2^52
 */
int frames_add(struct frames *f, uint64_t first, uint64_t count,
               uint64_t *bitmap);

/**
 * Add frames that bring their bitmaps with them, in the first of them. Frames
 * that follow on those of a region are joined to it. Regions that touch are
 * joined where the upper one has at most twice the lower one's frames, so that
 * joining n ranges in any order costs n log n.
 *
 * @reach   says where a frame's memory is mapped; the memory is written later,
 *          too, so the answer must stay true. The same for all calls.
 * @return  0; -ENOSPC: the table of regions is full, and there are no free
 *          frames in a row for a larger one; -EINVAL: as frames_add()
 */
int frames_add_own(struct frames *f, uint64_t first, uint64_t count,
                   uint64_t *(*reach)(uint64_t frame));

/**
 * Take frames in a row. Memory above 4 GiB is preferred where there is no
 * limit: what lies below is kept for those who need it.
 *
 * @count   how many, 1 or more
 * @align   the first frame's number is a multiple of this power of two
 * @limit   the last frame's number is not past this; FRAMES_NONE: anywhere
 * @return  the first frame's number; FRAMES_NONE: there are none
 */
uint64_t frames_take(struct frames *f, uint64_t count, uint64_t align,
                     uint64_t limit);

/**
 * Give frames back.
 *
 * @return  true; false, and nothing was changed: one of them is not known or is
 *          free already, which is a mistake of the caller
 */
bool frames_give(struct frames *f, uint64_t first, uint64_t count);

/**
 * Take frames in a row to lend them to the host, which returns them by number
 * and is not believed: each lent frame is noted.
 *
 * @count, @align, @return  as frames_take()
 */
uint64_t frames_lend(struct frames *f, uint64_t count, uint64_t align);

/**
 * Free lent frames, which may come back in other pieces than they were lent in.
 *
 * @return  true; false, and nothing was changed: one of them is not lent
 */
bool frames_return(struct frames *f, uint64_t first, uint64_t count);

#endif
