/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical memory as frames of 4 KiB, and which of them are free. Pure: it
 * counts, and touches nothing but its bitmaps, so the same code runs in hosted
 * tests.
 *
 * It has no lock: callers of one `struct frames` take turns (pages.c locks).
 */
#ifndef ARCH_FRAMES_H
#define ARCH_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#define FRAMES_REGIONS_MAX 96
#define FRAMES_NONE        UINT64_MAX

struct frame_region {
    uint64_t first; /* frame number */
    uint64_t count;
    uint64_t free;
    uint64_t hint;     /* index where the next search begins */
    uint64_t laid_out; /* indices from here on are free, and have no bit yet */
    uint64_t *bitmap;  /* a set bit is a free frame */
    uint64_t small;    /* the bitmap of regions of up to 64 frames */
};

struct frames {
    struct frame_region region[FRAMES_REGIONS_MAX];
    uint32_t regions;
    uint64_t total, free;
};

/** The bytes of bitmap that frames_add() needs for @count frames; 0 for 64 or
 * less. */
uint64_t frames_bitmap_size(uint64_t count);

/**
 * Add the free frames @first to @first + @count - 1.
 *
 * @bitmap  8-byte aligned, frames_bitmap_size() bytes, any content, kept; may
 *          be NULL where that size is 0
 * @return  0; -ENOSPC: there are FRAMES_REGIONS_MAX regions already; -EINVAL:
 *          no frames, overlap with a region that is there, or frame numbers
 *          past 2^52
 */
int frames_add(struct frames *f, uint64_t first, uint64_t count,
               uint64_t *bitmap);

/**
 * The same, with the bitmap in the first of the frames, which are then not
 * handed out.
 *
 * @reach   says where a frame's memory is mapped; the memory is written later,
 *          too, so the answer must stay true
 * @return  as frames_add(); -EINVAL also when nothing is left beside the bitmap
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
 * Take exactly these frames.
 *
 * @return  true; false, and nothing was taken: not all of them are known and
 *          free
 */
bool frames_take_exact(struct frames *f, uint64_t first, uint64_t count);

/**
 * Give frames back.
 *
 * @return  true; false, and nothing was changed: one of them is not known or is
 *          free already, which is a mistake of the caller
 */
bool frames_give(struct frames *f, uint64_t first, uint64_t count);

#endif
