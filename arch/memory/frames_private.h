/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the account of frames: what the files frames*.c share. */
#ifndef ARCH_FRAMES_PRIVATE_H
#define ARCH_FRAMES_PRIVATE_H

#include "arch/memory/frames.h"

#define FRAMES_PAGE_BYTES 4096u
#define FRAMES_LIMIT      (UINT64_C(1) << 52)

/* ---- frames_table.c ---------------------------------------------------- */

/** How many regions begin at frame @frame or below it: the first ones of the
 * table. */
uint32_t frames_table_up_to(const struct frames *f, uint64_t frame);

/**
 * Make room for a region at index @at; those from there on move up.
 *
 * @return  the new region, which the caller fills in; NULL: the table is full
 */
struct frame_region *frames_table_insert(struct frames *f, uint32_t at);

/** Take region @i out; those above it move down. Its frames stay counted. */
void frames_table_remove(struct frames *f, uint32_t i);

/* ---- frames_bits.c ----------------------------------------------------- */

/** The pages that bitmaps for @count frames take: both, one after the other; 0
 * for 64 frames or less. */
uint64_t frames_bitmap_pages(uint64_t count);

/** The bits of free frames. */
uint64_t *frames_bits(struct frame_region *r);

/** The bits of lent frames; NULL: frames of this region cannot be lent. */
uint64_t *frames_lent_bits(struct frame_region *r);

/** Make the bits of the frames below index @to, and of some more. */
void frames_lay_out(struct frame_region *r, uint64_t to);

/** How many frames from index @i on are free, at most @most. @i is not past the
 * end. */
uint64_t frames_run_length(struct frame_region *r, uint64_t i, uint64_t most);

/**
 * Look in the indices @from to @to - 1 for free frames in a row, among those
 * that have bits.
 *
 * @align   of frame numbers, not of indices
 * @return  the first index; FRAMES_NONE: there are none
 */
uint64_t frames_search(struct frame_region *r, uint64_t from, uint64_t to,
                       uint64_t count, uint64_t align);

/** Set or clear @count bits of @words from index @i on. */
void frames_set_bits(uint64_t *words, uint64_t i, uint64_t count, bool set);

/** Mark frames that have bits as free or taken, and count them. */
void frames_mark(struct frames *f, struct frame_region *r, uint64_t i,
                 uint64_t count, bool free);

/* ---- frames_join.c ----------------------------------------------------- */

/**
 * Add frames that begin where region @i ends to that region.
 *
 * @return  false, and nothing was changed: there is no memory for its bitmaps
 */
bool frames_extend(struct frames *f, uint32_t i, uint64_t count);

/** Join region @i with those above it that touch it, as frames_add_own()
 * says. */
void frames_join_above(struct frames *f, uint32_t i);

#endif
