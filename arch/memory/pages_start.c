/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory at the start: from the firmware's map to frames and tables of our own.
 *
 * While the firmware's tables are loaded nothing is touched but the image and
 * the list of regions. A firmware need not map free memory, or may map it
 * read-only; Microsoft's does so with its memory protection on.
 *
 * The largest free region is the seed: tables come from it until more memory is
 * mapped. The other regions are mapped one after the other, and each gives its
 * frames for the tables of the next. So a map that is cut into thousands of
 * pieces needs no large one.
 */
#include <errno.h>
#include <stddef.h>

#include "arch/console/log.h"
#include "arch/cpu/cpu.h"
#include "arch/memory/pages_private.h"
#include "arch/memory/paging.h"
#include "arch/memory/regions.h"

#define SEED_STEP   (UINT64_C(1) << 30) /* bytes */
#define SEED_BORDER (UINT64_C(1) << 21)

/* A run of so many pages gives more frames than its own tables need. */
#define LARGE_PAGES 64

static uint64_t end_of(const struct boot_memory_region *r)
{
    return r->base + r->pages * PAGE_SIZE;
}

static bool is_ours_to_use(const struct boot_memory_region *r)
{
    return r->kind == BOOT_MEMORY_FREE || r->kind == BOOT_MEMORY_SERVICES;
}

/* What boot/ promises is checked before anything is mapped, because a mistake
 * there would show as a fault far away. */
static bool is_sound(const struct boot_info *info)
{
    uint32_t at;
    const char *wrong = regions_wrong(info, &at);

    if (wrong)
        log_printf(LOG_ERROR,
                   "arch: range %u of the memory map (%lu pages at 0x%lx) %s: "
                   "cannot start with this map",
                   at, (unsigned long)info->region[at].pages,
                   (unsigned long)info->region[at].base, wrong);
    return !wrong;
}

/* Page zero stays out: a frame number of 0 would look like none. False: there
 * is no room for one more region. */
static bool add_range(uint64_t from, uint64_t to)
{
    if (from == 0)
        from = PAGE_SIZE;
    return from >= to ||
           frames_add_own(&pages_ram, from / PAGE_SIZE, (to - from) / PAGE_SIZE,
                          pages_reach) == 0;
}

/* Adds the usable memory of a run that is mapped now, but the seed, which is
 * there already. Returns how many pages could not be added. */
static uint64_t add_run(const struct boot_info *info, uint32_t i, uint32_t end,
                        const struct boot_memory_region *seed)
{
    uint64_t lost = 0;

    while (i < end) {
        uint64_t from = info->region[i].base;
        uint32_t first = i;

        for (; i < end && is_ours_to_use(&info->region[i]) &&
               &info->region[i] != seed;
             i++)
            ;
        if (i == first)
            i++;
        else if (!add_range(from, end_of(&info->region[i - 1])))
            lost += (end_of(&info->region[i - 1]) - from) / PAGE_SIZE;
    }
    return lost;
}

/* Maps a run and adds its memory. Returns how many pages are lost. */
static uint64_t take_run(const struct boot_info *info, uint32_t i, uint32_t end,
                         const struct boot_memory_region *seed)
{
    uint64_t lost = 0;

    if (!paging_map_regions(info, i, end))
        return add_run(info, i, end, seed);
    for (; i < end; i++)
        lost += info->region[i].pages;
    return lost;
}

/* Runs that bring more than they cost come first, and the firmware's tables,
 * which others wait for. */
static bool comes_first(const struct boot_info *info, uint32_t i, uint32_t end)
{
    return !is_ours_to_use(&info->region[i]) ||
           end_of(&info->region[end - 1]) - info->region[i].base >=
               LARGE_PAGES * PAGE_SIZE;
}

/* The seed's own run first: then all frames that there are, are mapped. */
static int take_all(const struct boot_info *info,
                    const struct boot_memory_region *seed)
{
    uint32_t seed_at = (uint32_t)(seed - info->region), end;
    uint64_t lost = 0;

    for (uint32_t i = 0; i < info->regions; i = end) {
        end = paging_run_end(info, i);
        if (seed_at < i || seed_at >= end)
            continue;
        if (paging_map_regions(info, i, end))
            return -ENOMEM;
        pages_take_up_to(FRAMES_NONE);
        lost = add_run(info, i, end, seed);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < info->regions; i = end) {
            end = paging_run_end(info, i);
            if ((seed_at < i || seed_at >= end) &&
                comes_first(info, i, end) == (pass == 0))
                lost += take_run(info, i, end, seed);
        }
    }
    if (lost)
        log_printf(LOG_WARNING,
                   "arch: %lu KiB of memory are not used: there was no room "
                   "for their page tables",
                   (unsigned long)lost * 4);
    return 0;
}

/* Frames for tables, which begin empty. */
static uint64_t take_zeroed(void)
{
    uint64_t frame = pages_take_one();

    if (frame != FRAMES_NONE)
        page_clear(pages_reach(frame));
    return frame;
}

/* The largest free region, or NULL. What boot services used is not free while
 * the firmware's tables are loaded. */
static const struct boot_memory_region *largest(const struct boot_info *info)
{
    const struct boot_memory_region *found = NULL;

    for (uint32_t i = 0; i < info->regions; i++) {
        const struct boot_memory_region *r = &info->region[i];

        if (r->kind == BOOT_MEMORY_FREE && (!found || r->pages > found->pages))
            found = r;
    }
    return found;
}

/* One or two GiB of the seed are mapped at first, its own account included:
 * more than its tables need. */
int pages_setup(const struct boot_info *info)
{
    const struct boot_memory_region *seed;
    const void *unused, *unused_end;
    uint64_t start, end;
    int status;

    if (!is_sound(info))
        return -EINVAL;
    seed = largest(info);
    if (!seed || !add_range(seed->base, end_of(seed)) || !pages_ram.regions)
        return -ENOMEM;
    start = pages_ram.region->first * PAGE_SIZE;
    end = (start & ~(SEED_STEP - 1)) + 2 * SEED_STEP;
    if (end > end_of(seed))
        end = end_of(seed);
    /* A border within 2 MiB costs a table of single pages. */
    if (end - start > SEED_BORDER)
        end &= ~(SEED_BORDER - 1);
    pages_take_up_to(end / PAGE_SIZE - 1);
    status = pages_window_setup();
    if (!status)
        status = paging_setup(info, take_zeroed, start, end);
    if (!status)
        status = take_all(info, seed);
    pages_take_up_to(FRAMES_NONE);
    unused = paging_give_unused(&unused_end);
    if (!status)
        pages_take_over(unused, unused_end);
    return status;
}
