/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mapping many pages at once. Each table is looked up once and filled by the
 * run, because filling tables is most of what a start does: each border in a
 * map that the firmware has cut small costs a table of single pages.
 */
#include <errno.h>
#include <stddef.h>

#include "arch/cpu/cpu.h"
#include "arch/cpu/invariant.h"
#include "arch/memory/paging_private.h"

/* So many pages are mapped one by one: rounds of 16 would not pay. */
#define FEW 8

/* 3 where the processor has pages of 1 GiB, else 2. Asked once: under a
 * hypervisor CPUID is slow. */
static int largest_level(void)
{
    static int level;

    if (!level)
        level = cpuid(0x80000001, 0).edx >> 26 & 1 ? 3 : 2;
    return level;
}

/* The largest page that `from` is aligned to and that ends before `to`. */
static int level_for(uint64_t from, uint64_t to)
{
    int level = largest_level();

    while (level > LEVEL_PAGE &&
           (from & (LEVEL_SIZE(level) - 1) || to - from < LEVEL_SIZE(level)))
        level--;
    return level;
}

typedef uint64_t pair __attribute__((vector_size(16), aligned(8), may_alias));

/* Sixteen entries in each round, two in each vector register. Returns what the
 * next two entries are. */
static pair fill_rounds(pair *p, const pair *end, pair a, pair two)
{
    pair sixteen = 8 * two;
    pair b = a + two, c = b + two, d = c + two;
    pair e = d + two, f = e + two, g = f + two, h = g + two;

    for (; p < end; p += 8) {
        p[0] = a;
        p[1] = b;
        p[2] = c;
        p[3] = d;
        p[4] = e;
        p[5] = f;
        p[6] = g;
        p[7] = h;
        a += sixteen;
        b += sixteen;
        c += sixteen;
        d += sixteen;
        e += sixteen;
        f += sixteen;
        g += sixteen;
        h += sixteen;
    }
    return a;
}

/* Most runs are short: rounds only where there is one. Then pair by pair, and
 * the last entry. */
static void fill(uint64_t *entry, uint64_t count, uint64_t value, uint64_t step)
{
    pair *p = (pair *)entry, *rounds_end = p + count / 16 * 8;
    pair *pairs_end = p + count / 2;
    pair a = {value, value + step}, two = {2 * step, 2 * step};

    if (p < rounds_end) {
        a = fill_rounds(p, rounds_end, a, two);
        p = rounds_end;
    }
    for (; p < pairs_end; p++, a += two)
        *p = a;
    if (count % 2)
        *(uint64_t *)p = a[0];
}

/* Maps from..to-1 to `physical`, as far as the table of `level` goes that
 * `from` lies in. Returns where it stopped; 0: no memory. */
static uint64_t map_run(uint64_t from, uint64_t to, uint64_t physical,
                        uint64_t bits, int level)
{
    uint64_t size = LEVEL_SIZE(level);
    /* The end of the table that `from` lies in bounds the run. */
    uint64_t last = from | (LEVEL_SIZE(level + 1) - 1); /* of the table */
    uint64_t count = ((to - 1 < last ? to - 1 : last) - from + 1) / size;
    bool in_way;
    uint64_t *entry = paging_entry(from, level, &in_way);

    ASSERT(!in_way, "regions of boot_info overlap");
    if (!entry)
        return 0;
    if (level > LEVEL_PAGE)
        bits |= PTE_LARGE;
    fill(entry, count, physical | bits, size);
    return from + count * size;
}

/* A larger page becomes possible at a table's end at the earliest, so the level
 * is chosen once per table. */
int paging_map_identity(uint64_t from, uint64_t to, enum paging_access access)
{
    uint64_t bits = paging_bits(access, PAGING_CACHED);

    if (from == 0)
        from = PAGE_SIZE;
    while (from < to) {
        from = map_run(from, to, from, bits, level_for(from, to));
        if (from == 0)
            return -ENOMEM;
    }
    return 0;
}

/* Some pages in one table: most pieces of memory are such. Returns how many
 * were mapped. */
static inline uint64_t map_few(uint64_t address, uint64_t physical,
                               uint64_t count, uint64_t bits)
{
    bool in_way;
    uint64_t *entry = paging_entry(address, LEVEL_PAGE, &in_way);

    ASSERT(!in_way, "a larger page maps this already");
    if (!entry)
        return 0;
    for (uint64_t *end = entry + count; entry < end; physical += PAGE_SIZE)
        *entry++ = physical | bits;
    return count;
}

/* Any number of pages, in any number of tables. Not inline: map_few() shall
 * save few registers. */
static __attribute__((noinline)) uint64_t
map_many(uint64_t address, uint64_t physical, uint64_t count, uint64_t bits)
{
    uint64_t at = address, end = address + count * PAGE_SIZE;

    while (at < end) {
        uint64_t next =
            map_run(at, end, physical + (at - address), bits, LEVEL_PAGE);

        if (next == 0)
            break;
        at = next;
    }
    return (at - address) / PAGE_SIZE;
}

/* Single pages only, because they are given back one by one. */
uint64_t paging_map_run(uint64_t address, uint64_t frame, uint64_t count)
{
    const uint64_t bits = PTE_PRESENT | PTE_WRITE | PTE_NX;
    uint64_t last = address + count * PAGE_SIZE - 1;

    if (count <= FEW && (address ^ last) < LEVEL_SIZE(LEVEL_PAGE + 1))
        return map_few(address, frame * PAGE_SIZE, count, bits);
    return map_many(address, frame * PAGE_SIZE, count, bits);
}
