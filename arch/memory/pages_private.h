/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the memory of whole pages: what the files pages*.c share. Everything
 * but the lock itself is used under the lock. */
#ifndef ARCH_PAGES_PRIVATE_H
#define ARCH_PAGES_PRIVATE_H

#include <stddef.h>

#include "arch/memory/frames.h"
#include "arch/cpu/irql.h"
#include "arch/memory/pages.h"

extern struct spinlock pages_lock; /* frames, window, page tables, heap */
extern struct frames pages_ram;    /* physical frames */

/* ---- pages.c ----------------------------------------------------------- */

/** Zero @count pages that are mapped. Outside of the lock, because it takes
 * long. */
void pages_clear(void *pages, uint32_t count);

/* ---- pages_window.c ---------------------------------------------------- */

/**
 * Make all addresses of the window free.
 *
 * @return  0, or what frames_add() returned
 */
int pages_window_setup(void);

/**
 * Take addresses for @count pages and the guard page after them.
 *
 * @return  the first address; 0: no room
 */
uint64_t pages_window_take(uint64_t count);

/** Give addresses back. Asserted: they were taken with the same @count. */
void pages_window_give(uint64_t address, uint64_t count);

/**
 * Unmap pages and flush all processors.
 *
 * @give  true: their frames go back; false: they belong to somebody else
 */
void pages_take_down(uint64_t address, uint64_t count, bool give);

/**
 * Map @count frames at @address: in a row if there are such, because that is
 * quicker, else any.
 *
 * @return  how many pages are mapped; where that is fewer than @count, the
 *          frames of the others went back
 */
uint64_t pages_map_some(uint64_t address, uint64_t count);

/**
 * Map frames for @count pieces of @pages[i] pages at @at[i]: all in a row if
 * there is such a row.
 *
 * @total   pages of all pieces
 * @return  false: there were not enough, and all went back
 */
bool pages_map_pieces(const uint8_t *pages, uint32_t count, uint64_t total,
                      const uint64_t *at);

/* ---- pages_frames.c ---------------------------------------------------- */

/** Take one frame, not zeroed; FRAMES_NONE: there is none. */
uint64_t pages_take_one(void);

/** Let pages_take_one() take no frame past @last, because the start has not
 * mapped those yet; FRAMES_NONE: everything that pages_ram has is mapped. */
void pages_take_up_to(uint64_t last);

/** Where a frame's memory is mapped: RAM is mapped at its physical address. */
uint64_t *pages_reach(uint64_t frame);

#endif
