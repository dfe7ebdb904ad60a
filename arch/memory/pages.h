/*
 * Memory in whole pages, for everybody above: allocated, mapped with a guard
 * page behind, and gone from the tables when it goes back, so that a use
 * afterwards faults.
 */
#ifndef ARCH_PAGES_H
#define ARCH_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/boot_info.h"
#include "arch/memory/paging.h"

/*
 * Takes over the firmware's free memory and loads our page tables. Once, at
 * start. 0; -ENOMEM: not even the tables fit.
 */
int pages_setup(const struct boot_info *info);

/* Takes over what boot services used. Once, on a stack of our own. */
void pages_reclaim(const struct boot_info *info);

/*
 * `count` zeroed pages at contiguous addresses; their frames need not be
 * contiguous and go to `frames` unless that is NULL. NULL: no memory, no room
 * in the window, or count 0. <= DISPATCH.
 */
void *pages_alloc(uint32_t count, uint64_t *frames);

/*
 * The same with contiguous frames, the first a multiple of `align` frames (a
 * power of two), all below the physical address `limit` (0: anywhere).
 */
void *pages_alloc_contiguous(uint32_t count, uint64_t align, uint64_t limit);

/* Gives back what one of the two returned: the same count. <= DISPATCH. */
void pages_free(void *pages, uint32_t count);

/* A stack of `count` pages with a guard page below; its top. Not zeroed. */
uint64_t pages_stack(uint32_t count);

/* Changes what may be done with one page that pages_alloc returned. */
void pages_protect(void *page, enum paging_access access);

/* The frame of any mapped address, FRAMES_NONE where nothing is mapped. */
uint64_t pages_frame(const void *address);

/*
 * Maps frames that belong to somebody else (or to another mapping) one after
 * the other; those from index `twice_from` on once more behind the last.
 * twice_from == count: once. NULL: no room, or no memory for tables.
 */
void *pages_map(const uint64_t *frames, uint32_t count, uint32_t twice_from);
void pages_unmap(void *mapping, uint32_t count, uint32_t twice_from);

/* Registers of a device, uncached; the framebuffer, write-combining. Kept
 * for ever. NULL: no room. */
void *pages_map_device(uint64_t physical, uint64_t size);
void *pages_map_framebuffer(uint64_t physical, uint64_t size);

/* One page below 1 MiB, at its physical address, for starting processors;
 * 0: there is none. Its content is left from before. */
uint64_t pages_take_low(enum paging_access access);
void pages_give_low(uint64_t physical);

/* Frames without a mapping, for memory that is lent to the host. False, and
 * nothing changed: not all of them are lent; the host may name any. */
uint64_t pages_frames_take(uint64_t count, uint64_t align);
bool pages_frames_give(uint64_t first, uint64_t count);

/* Memory that appeared after the start: mapped and handed out from now on, but
 * for what its own account takes. How many frames that leaves; 0: overlap with
 * what is there, or no room. */
uint64_t pages_frames_add(uint64_t first, uint64_t count);

/*
 * The memory behind malloc, for heap_set_grow.
 */
void *pages_heap_grow(size_t bytes);

struct pages_count {
    uint64_t total; /* pages that the firmware left us */
    uint64_t free;
    uint64_t used; /* total - free, with tables and stacks */
};
void pages_counted(struct pages_count *count);

#endif
