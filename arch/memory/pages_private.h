/*
 * Inside the memory of whole pages: what the files pages*.c share. All but
 * the lock itself is under the lock.
 */
#ifndef ARCH_PAGES_PRIVATE_H
#define ARCH_PAGES_PRIVATE_H

#include <stddef.h>

#include "arch/memory/frames.h"
#include "arch/cpu/irql.h"
#include "arch/memory/pages.h"

extern struct spinlock pages_lock; /* frames, window, page tables, heap */
extern struct frames pages_ram;    /* physical frames */

/* ---- pages.c ----------------------------------------------------------- */

/* Zeroes pages that are mapped; outside of the lock. */
void pages_clear(void *pages, uint32_t count);

/* ---- pages_window.c ---------------------------------------------------- */

/* All page numbers of the window. 0 or frames_add()'s status. */
int pages_window_setup(void);

/* Room for `count` pages and the guard behind; 0: none. */
uint64_t pages_window_take(uint64_t count);
void pages_window_give(uint64_t address, uint64_t count);

/* Unmaps and flushes; the frames go back where they are ours to give. */
void pages_take_down(uint64_t address, uint64_t count, bool give);

/* With `base` maps the frames base, base+1, ...; else any: in a row if there
 * are such, as that is quicker. Returns how many pages are mapped; where that
 * is fewer, the other frames went back. */
uint64_t pages_map_some(uint64_t address, uint64_t base, uint64_t count);

/* ---- pages_frames.c ---------------------------------------------------- */

/* One frame, or FRAMES_NONE. */
uint64_t pages_take_one(void);

/* The ranges of one kind become frames to hand out. */
void pages_add_regions(const struct boot_info *info,
                       enum boot_memory_kind kind);

#endif
