/*
 * Physical memory as frames of 4 KiB: which are free. Pure: it counts, and
 * touches nothing but its bitmaps, so the same code runs in hosted tests.
 *
 * Not locked: callers of one `struct frames` take turns (pages.c locks).
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

/* Bytes of bitmap that frames_add wants for `count` frames; 0 for few. */
uint64_t frames_bitmap_size(uint64_t count);

/*
 * Adds the free frames first..first+count-1. `bitmap` (8-byte aligned, of
 * frames_bitmap_size bytes, kept; any content) may be NULL where that is 0.
 * 0; -ENOSPC: too many regions; -EINVAL: no frames, overlap with a region
 * that is there, or frame numbers past 2^52.
 */
int frames_add(struct frames *f, uint64_t first, uint64_t count,
               uint64_t *bitmap);

/*
 * The same with the bitmap in the first of the frames, which are then not
 * handed out. `reach` tells where a frame's memory is; it is written later,
 * too, so the answer stays true. -EINVAL as well: not more than the bitmap.
 */
int frames_add_own(struct frames *f, uint64_t first, uint64_t count,
                   uint64_t *(*reach)(uint64_t frame));

/*
 * Takes `count` frames in a row whose first is a multiple of `align` (a power
 * of two) and whose last is not past `limit` (FRAMES_NONE: anywhere). The
 * first frame's number, or FRAMES_NONE. Memory above 4 GiB is preferred
 * where there is no limit: what lies below stays for who needs it.
 */
uint64_t frames_take(struct frames *f, uint64_t count, uint64_t align,
                     uint64_t limit);

/* Takes exactly these frames: true; false, and nothing taken, unless all of
 * them are known and free. */
bool frames_take_exact(struct frames *f, uint64_t first, uint64_t count);

/* Gives frames back. True; false, and nothing changed: one of them is not
 * known or is free already (the caller's bug). */
bool frames_give(struct frames *f, uint64_t first, uint64_t count);

#endif
