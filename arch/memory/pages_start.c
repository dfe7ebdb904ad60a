/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory at the start: from the firmware's map to frames and tables of our own.
 *
 * While the firmware's tables are loaded nothing is touched but the image. A
 * firmware need not map free memory, or may map it read-only; Microsoft's does
 * so with its memory protection on.
 */
#include <errno.h>
#include <stddef.h>

#include "arch/console/log.h"
#include "arch/cpu/cpu.h"
#include "arch/memory/pages_private.h"
#include "arch/memory/paging.h"

#define SEED_STEP   (UINT64_C(1) << 30) /* bytes */
#define SEED_BORDER (UINT64_C(1) << 21)

/* Page zero stays out: a frame number of 0 would look like none. */
static int add_region(const struct boot_memory_region *r)
{
    uint64_t first = r->base / PAGE_SIZE;

    if (first)
        return frames_add_own(&pages_ram, first, r->pages, pages_reach);
    return frames_add_own(&pages_ram, 1, r->pages - 1, pages_reach);
}

/* A region that is too small for its own bitmap is left out silently; one for
 * which the table has no room is worth a line. */
static void add_regions(const struct boot_info *info,
                        enum boot_memory_kind kind)
{
    uint32_t left_out = 0;

    for (uint32_t i = 0; i < info->regions; i++) {
        if (info->region[i].kind == kind &&
            add_region(&info->region[i]) == -ENOSPC)
            left_out++;
    }
    if (left_out)
        log_printf(LOG_WARNING,
                   "arch: %u ranges of memory are not used: there is room for "
                   "%u in all",
                   left_out, FRAMES_REGIONS_MAX);
}

/* The same as at the start; other processors do not run yet. */
void pages_reclaim(const struct boot_info *info)
{
    uint8_t irql = spin_lock(&pages_lock);

    add_regions(info, BOOT_MEMORY_SERVICES);
    spin_unlock(&pages_lock, irql);
}

/* Frames for tables, which begin empty. */
static uint64_t take_zeroed(void)
{
    uint64_t frame = pages_take_one();

    if (frame != FRAMES_NONE)
        page_clear(pages_reach(frame));
    return frame;
}

/* The largest range that became frames, or NULL. */
static struct frame_region *largest(void)
{
    struct frame_region *found = NULL;

    for (uint32_t i = 0; i < pages_ram.regions; i++) {
        if (!found || pages_ram.region[i].count > found->count)
            found = &pages_ram.region[i];
    }
    return found;
}

/*
 * Frames for tables come from the largest range until everything is mapped. One
 * or two GiB of it are mapped for that, its own account first: more than all
 * tables need.
 */
int pages_setup(const struct boot_info *info)
{
    struct frame_region *seed;
    uint64_t start, end;
    int status;

    add_regions(info, BOOT_MEMORY_FREE);
    seed = largest();
    if (!seed)
        return -ENOMEM;
    start = seed->bitmap == &seed->small ? seed->first * PAGE_SIZE
                                         : (uint64_t)(uintptr_t)seed->bitmap;
    end = (start & ~(SEED_STEP - 1)) + 2 * SEED_STEP;
    if (end > (seed->first + seed->count) * PAGE_SIZE)
        end = (seed->first + seed->count) * PAGE_SIZE;
    /* A border within 2 MiB costs a table of single pages. */
    if (end - start > SEED_BORDER)
        end &= ~(SEED_BORDER - 1);
    pages_take_within(seed, end / PAGE_SIZE - 1);
    status = pages_window_setup();
    if (!status)
        status = paging_setup(info, take_zeroed, start, end);
    pages_take_within(NULL, FRAMES_NONE);
    return status;
}
