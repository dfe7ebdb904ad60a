/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory in whole pages, for everybody above: allocated, mapped with a guard
 * page behind it, and removed from the tables when it is freed, so that a later
 * use faults.
 */
#ifndef ARCH_PAGES_H
#define ARCH_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/boot_info.h"
#include "arch/memory/paging.h"

/**
 * Load our page tables, and take over the firmware's free memory and what boot
 * services used. Once, at start, on a stack of our own, while the firmware's
 * tables are loaded.
 *
 * @return  0; -ENOMEM: not even the tables fit; -EINVAL: the map is not what
 *          boot/ promises, and a line of the log says where
 */
int pages_setup(const struct boot_info *info);

/**
 * Allocate pages at contiguous addresses. Their frames need not be contiguous.
 *
 * @frames  receives @count frame numbers, unless it is NULL
 * @return  zeroed memory, free it with pages_free(); NULL: no memory, no room
 *          in the window, or @count is 0
 *
 * IRQL: <= DISPATCH.
 */
void *pages_alloc(uint32_t count, uint64_t *frames);

/** The same, but what the memory holds is left from before: for whoever writes
 * all of it. */
void *pages_alloc_raw(uint32_t count);

/**
 * Free what pages_alloc() or pages_alloc_raw() returned.
 *
 * @count  the same as there (asserted as far as it can be seen)
 *
 * IRQL: <= DISPATCH.
 */
void pages_free(void *pages, uint32_t count);

/**
 * Allocate a stack of @count pages with a guard page below it. Not zeroed, and
 * never freed.
 *
 * @return  its top, a multiple of PAGE_SIZE; 0: no memory
 */
uint64_t pages_stack(uint32_t count);

/** Change what may be done with one page that pages_alloc() returned, on all
 * processors. */
void pages_protect(void *page, enum paging_access access);

/** The frame behind a mapped address; FRAMES_NONE where nothing is mapped.
 * IRQL: any. */
uint64_t pages_frame(const void *address);

/**
 * Map frames that belong to somebody else, or to another mapping, one after the
 * other.
 *
 * @frames      @count frame numbers
 * @twice_from  the frames from this index on are mapped once more behind the
 *              last one (a ring that wraps); @count: once only
 * @return      the first address, for pages_unmap(); NULL: no room, no memory
 *              for tables, or @count is 0
 *
 * IRQL: <= DISPATCH.
 */
void *pages_map(const uint64_t *frames, uint32_t count, uint32_t twice_from);

/** Remove a mapping of pages_map(), with the same @count and @twice_from. */
void pages_unmap(void *mapping, uint32_t count, uint32_t twice_from);

/**
 * Map registers of a device, uncached, for ever.
 *
 * @return  the address of @physical, which need not be aligned; NULL: no room
 */
void *pages_map_device(uint64_t physical, uint64_t size);

/** Map a framebuffer, write-combining, for ever. As pages_map_device(). */
void *pages_map_framebuffer(uint64_t physical, uint64_t size);

/**
 * Take one page below 1 MiB at its physical address, for starting processors.
 * Its content is left from before.
 *
 * @return  the address; 0: there is none
 */
uint64_t pages_take_low(enum paging_access access);

/** Give such a page back. */
void pages_give_low(uint64_t physical);

/**
 * Take frames without a mapping, for memory that is lent to the host.
 *
 * @align   the first is a multiple of this power of two
 * @return  the first frame's number; FRAMES_NONE: no memory
 *
 * IRQL: <= DISPATCH.
 */
uint64_t pages_frames_take(uint64_t count, uint64_t align);

/**
 * Take lent frames back. The host may name any frames.
 *
 * @return  true; false, and nothing was changed: not all of them are lent
 *
 * IRQL: <= DISPATCH.
 */
bool pages_frames_give(uint64_t first, uint64_t count);

/**
 * Add memory that appeared after the start. It is mapped and handed out from
 * now on, except for what its own account takes.
 *
 * @return  how many frames were added; 0: it overlaps what is there, or there
 *          is no room for one more region
 */
uint64_t pages_frames_add(uint64_t first, uint64_t count);

/** Grow the memory behind malloc: for heap_set_grow(), whose contract this is.
 */
void *pages_heap_grow(size_t bytes);

/**
 * Hand out memory of the image that nothing uses any more.
 *
 * @from, @to  whole pages of the image's data
 *
 * IRQL: <= DISPATCH. Once for each page.
 */
void pages_take_over(const void *from, const void *to);

struct pages_count {
    uint64_t total; /* pages that the firmware and the image left us */
    uint64_t free;
    uint64_t used;     /* total - free, with tables and stacks */
    uint64_t of_image; /* of total: given by pages_take_over() */
};

/** Count the pages. IRQL: <= DISPATCH. */
void pages_counted(struct pages_count *count);

#endif
