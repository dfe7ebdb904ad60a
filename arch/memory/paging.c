/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page tables and single pages in them: see paging.h. [Intel SDM 3A 4.5]
 *
 * Four levels of tables with 512 entries each. An address is cut into pieces:
 * bits 47:39, 38:30, 29:21 and 20:12 choose the entry at levels 4 to 1, bits
 * 11:0 the byte within the page. An entry at level 3 or 2 may also map a large
 * page (1 GiB or 2 MiB). Tables are made when they are first needed and never
 * freed: there are few, and the next mapping needs them again.
 */
#include "arch/memory/paging_private.h"

#include <errno.h>
#include <stddef.h>

#include "arch/cpu/cpu.h"
#include "arch/cpu/tlb.h"
#include "arch/memory/frames.h"
#include "arch/memory/image.h"
#include "arch/cpu/invariant.h"

static uint64_t *top;
static int levels; /* of tables: 4, or 5 where the machine was left so */
static uint64_t (*take_frame)(void);
static void (*flush_others)(void); /* NULL: this processor is alone */

/* The table of single pages that was found last, and the area that it maps.
 * Pieces lie beside each other, so the next address is mostly in it, too. */
static struct {
    uint64_t area;
    uint64_t *table;
} last = {.area = UINT64_MAX};
#define AREA(address) ((address) / LEVEL_SIZE(LEVEL_PAGE + 1))

/* Tables lie in RAM, which is mapped at its physical address. */
static uint64_t *table_at(uint64_t entry)
{
    return (uint64_t *)(uintptr_t)(entry & PTE_ADDRESS);
}

/* An empty table: take_frame() zeroes it. NULL: no frame. */
static uint64_t *new_table(void)
{
    uint64_t frame = take_frame();

    return frame == FRAMES_NONE ? NULL : table_at(frame * PAGE_SIZE);
}

/* The top table is reachable at its physical address, as all of them. */
bool paging_begin(uint64_t (*take)(void))
{
    take_frame = take;
    levels = cr4_read() & CR4_LA57 ? 5 : 4;
    top = new_table();
    return top;
}

/* From the top down. Tables above the entry allow everything; the entry itself
 * restricts. */
static __attribute__((noinline)) uint64_t *walk(uint64_t address, int level,
                                                bool *in_way)
{
    uint64_t *table = top;

    for (int l = levels; l > level; l--) {
        uint64_t *entry =
            &table[address >> (12 + TABLE_BITS * (l - 1)) & TABLE_INDEX];

        /* Make the table that is missing. */
        if (!(*entry & PTE_PRESENT)) {
            uint64_t *made = new_table();

            if (!made)
                return NULL;
            *entry = (uint64_t)(uintptr_t)made | PTE_PRESENT | PTE_WRITE;
        } else if (*entry & PTE_LARGE) {
            /* A larger page maps the address already. */
            *in_way = true;
            return NULL;
        }
        table = table_at(*entry);
    }
    if (level == LEVEL_PAGE) {
        last.area = AREA(address);
        last.table = table;
    }
    return &table[address >> (12 + TABLE_BITS * (level - 1)) & TABLE_INDEX];
}

uint64_t *paging_entry(uint64_t address, int level, bool *in_way)
{
    *in_way = false;
    return level == LEVEL_PAGE && AREA(address) == last.area
               ? &last.table[address / PAGE_SIZE & TABLE_INDEX]
               : walk(address, level, in_way);
}

/* No page is global: a load of CR3 must drop them all (tlb.h). */
uint64_t paging_bits(enum paging_access access, enum paging_cache cache)
{
    uint64_t bits = PTE_PRESENT;

    /* Rights first, then the cache type by its PAT slot (cpu.c). */
    if (access == PAGING_WRITE)
        bits |= PTE_WRITE;
    if (access != PAGING_EXECUTE)
        bits |= PTE_NX;
    if (cache != PAGING_CACHED)
        bits |= PTE_PWT;
    if (cache == PAGING_UNCACHED)
        bits |= PTE_PCD;
    return bits;
}

/* A single store makes the page appear, with all of its bits. */
static int map_at(uint64_t address, uint64_t physical, uint64_t bits, int level)
{
    bool in_way;
    uint64_t *entry = paging_entry(address, level, &in_way);

    if (!entry)
        return in_way ? -EEXIST : -ENOMEM;
    if (*entry & PTE_PRESENT)
        return -EEXIST;
    __atomic_store_n(entry, physical | bits | (level > 1 ? PTE_LARGE : 0),
                     __ATOMIC_RELEASE);
    return 0;
}

/* Used for pages that differ in their cache type, or that are not in a row. */
int paging_map(uint64_t address, uint64_t frame, enum paging_access access,
               enum paging_cache cache)
{
    return map_at(address, frame * PAGE_SIZE, paging_bits(access, cache),
                  LEVEL_PAGE);
}

uint64_t *paging_leaf(uint64_t address, int *level)
{
    uint64_t *table = top;

    /* An address that is not canonical is none, although its lower bits look
     * like one. */
    if (!table || (int64_t)(address << 16) >> 16 != (int64_t)address)
        return NULL;
    for (int l = levels;; l--) {
        uint64_t *entry =
            &table[address >> (12 + TABLE_BITS * (l - 1)) & TABLE_INDEX];

        if (!(*entry & PTE_PRESENT))
            return NULL;
        if (l == LEVEL_PAGE || *entry & PTE_LARGE) {
            *level = l;
            return entry;
        }
        table = table_at(*entry);
    }
}

/* The entry is cleared by a single store; who looks at it meanwhile sees the
 * old page or none. */
uint64_t paging_unmap(uint64_t address)
{
    int level;
    uint64_t *entry = paging_leaf(address, &level);
    uint64_t old;

    if (!entry)
        return FRAMES_NONE;
    ASSERT(level == LEVEL_PAGE, "only single pages are ever unmapped");
    old = *entry;
    __atomic_store_n(entry, 0, __ATOMIC_RELEASE);
    return (old & PTE_ADDRESS) / PAGE_SIZE;
}

/* Replaces the entry by a single store. The cache type becomes the usual one:
 * no device page is ever protected. */
void paging_protect(uint64_t address, enum paging_access access)
{
    int level;
    uint64_t *entry = paging_leaf(address, &level);

    ASSERT(entry && level == LEVEL_PAGE, "only single pages are protected");
    __atomic_store_n(
        entry, (*entry & PTE_ADDRESS) | paging_bits(access, PAGING_CACHED),
        __ATOMIC_RELEASE);
}

/* Bits of a large page below its size belong to the offset; its entry may hold
 * the PAT bit there. */
bool paging_translate(uint64_t address, uint64_t *physical)
{
    int level;
    uint64_t *entry = paging_leaf(address, &level);
    uint64_t offset;

    if (!entry)
        return false;
    /* The offset within a page of that level. */
    offset = address & (LEVEL_SIZE(level) - 1);
    *physical = (*entry & PTE_ADDRESS & ~(LEVEL_SIZE(level) - 1)) + offset;
    return true;
}

/* For processors that are being started. */
uint64_t paging_root(void)
{
    return (uint64_t)(uintptr_t)top;
}

/* Entry by entry: nearly all of a top table is empty. */
void paging_fill_root(uint64_t *table, const uint64_t *address, unsigned count)
{
    page_clear(table);
    for (unsigned i = 0; i < count; i++) {
        uint64_t at = address[i] >> (12 + TABLE_BITS * (levels - 1));

        table[at & TABLE_INDEX] = top[at & TABLE_INDEX];
    }
}

/* Also drops every translation that was cached. */
void paging_load(void)
{
    __asm__ volatile("movq %0, %%cr3" : : "r"(top) : "memory");
}

void paging_set_flush_others(void (*flush)(void))
{
    flush_others = flush;
}

void paging_flush(void)
{
    tlb_flush();
    if (flush_others)
        flush_others();
}

/* An end that wraps around is no range. */
bool paging_readable(uint64_t address, uint64_t size)
{
    uint64_t physical, last = address + size - 1;

    return last >= address && paging_translate(address, &physical) &&
           paging_translate(last, &physical);
}

/* From the most telling to the least. */
const char *paging_describe(uint64_t address)
{
    uint64_t physical;

    if (address < PAGE_SIZE)
        return "page zero (a null pointer)";
    if (address >= image_text_start() && address < image_text_end())
        return "the image's code";
    if (address >= image_const_start() && address < image_const_end())
        return "the image's constants";
    if (address >= image_data_start() && address < image_data_end())
        return "the image's data";
    if (address - PAGING_WINDOW < PAGING_WINDOW_PAGES * PAGE_SIZE)
        return paging_translate(address, &physical)
                   ? "an allocated page"
                   : "a guard page, or a page that went back";
    if (address >= PAGING_HEAP)
        return "the heap's range";
    return paging_translate(address, &physical) ? "RAM" : "nothing";
}
