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

/**
 * Free what pages_alloc() returned, or a piece of pages_alloc_pieces().
 *
 * @count  the same as there (asserted as far as it can be seen)
 *
 * IRQL: <= DISPATCH.
 */
void pages_free(void *pages, uint32_t count);

/**
 * Allocate several pieces in one go, each with a guard page before and behind
 * it. What they hold is left from before. That costs little more than one of
 * them, so it is how a processor gets all of its own.
 *
 * @pages   how many pages each piece has, 1 or more
 * @count   how many pieces, 1 or more
 * @at      receives their addresses; each can go back by pages_free()
 * @return  false: no memory or no room in the window, and nothing was taken
 *
 * IRQL: <= DISPATCH.
 */
bool pages_alloc_pieces(const uint8_t *pages, uint32_t count, uint64_t *at);

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
 * Take pages in a row below 1 MiB at their physical address, for starting
 * processors. They can be written; their content is left from before.
 *
 * @count   how many, 1 or more
 * @return  the address; 0: there are none
 */
uint64_t pages_take_low(uint32_t count);

/** Give such pages back, as they were taken: who has changed their rights
 * meanwhile has changed them back, and flushed the TLBs. */
void pages_give_low(uint64_t physical, uint32_t count);

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
