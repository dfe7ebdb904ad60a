/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps guest frames at contiguous host addresses: 128 MB from the second root
 * entry on, allocated first fit. Only the processor of the host half maps and
 * unmaps, so a local flush is enough; the others reload CR3 with each exit.
 */
#include "minihv.h"
#include "window.h"

enum {
    PAGES = 32768,
    TABLES = PAGES / 512,
    PRESENT_WRITE = 3,
};

static uint64_t level3[512] __attribute__((aligned(PAGE_SIZE)));
static uint64_t level2[512] __attribute__((aligned(PAGE_SIZE)));
static uint64_t level1[PAGES] __attribute__((aligned(PAGE_SIZE)));

static const uint64_t window_base = (uint64_t)WINDOW_ROOT_SLOT << 39;

uint64_t window_prepare(void)
{
    for (int i = 0; i < TABLES; i++)
        level2[i] = (uint64_t)(level1 + 512 * i) | PRESENT_WRITE;
    level3[0] = (uint64_t)level2 | PRESENT_WRITE;
    return (uint64_t)level3;
}

/* Returns the first of `need` + 1 free entries (one stays free as a guard), or
 * PAGES if there is no such run. */
static uint32_t find_run(uint32_t need)
{
    uint32_t run = 0;

    for (uint32_t i = 0; i < PAGES; i++) {
        run = level1[i] ? 0 : run + 1;
        if (run == need + 1)
            return i - need;
    }
    return PAGES;
}

static void *page_address(uint32_t index)
{
    return (void *)(window_base + (uint64_t)index * PAGE_SIZE);
}

static void map_one(uint32_t index, uint64_t pfn)
{
    level1[index] = pfn * PAGE_SIZE | PRESENT_WRITE;
    cpu_flush_page(page_address(index));
}

void *window_map(const uint64_t *pfns, uint32_t count, uint32_t twice_from)
{
    uint32_t total = count + (count - twice_from), first;

    if (count > PAGES || twice_from > count)
        return NULL;
    first = find_run(total);
    if (first == PAGES)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        map_one(first + i, pfns[i]);
    for (uint32_t i = twice_from; i < count; i++)
        map_one(first + count + i - twice_from, pfns[i]);
    return page_address(first);
}

void window_unmap(void *mapping, uint32_t count, uint32_t twice_from)
{
    uint32_t first = (uint32_t)(((uint64_t)mapping - window_base) / PAGE_SIZE);
    uint32_t total = count + (count - twice_from);

    for (uint32_t i = first; i < first + total; i++) {
        level1[i] = 0;
        cpu_flush_page(page_address(i));
    }
}
