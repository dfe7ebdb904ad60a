/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory map, put in order. It is input from outside, and real maps have
 * been seen that list ranges twice. A contradiction is settled so that nothing
 * is handed out that may belong to somebody else.
 */
#include "boot/map.h"

#include <stddef.h>

#define PAGE UINT64_C(4096)

/* Cannot wrap around: take() has bounded base and size. */
static uint64_t end_of(const struct boot_memory_region *r)
{
    return r->base + r->pages * PAGE;
}

/*
 * A range that begins inside a page, or that goes on past the last page that
 * can be addressed (`most` are left), is not what it claims to be. Of free
 * memory only the whole pages count, or nothing. Of everything else each page
 * that it touches is kept, and never handed out.
 */
static bool take_odd(struct boot_memory_region *r, uint64_t most)
{
    bool whole = r->base % PAGE == 0;

    r->base -= r->base % PAGE;
    if (r->kind == BOOT_MEMORY_FREE) {
        if (r->pages > most)
            return false;
        r->base += whole ? 0 : PAGE;
        r->pages -= whole ? 0 : 1;
        return r->pages != 0;
    }
    /* It would become free memory later, and it cannot be believed. */
    if (r->kind == BOOT_MEMORY_SERVICES)
        r->kind = BOOT_MEMORY_RESERVED;
    r->pages = r->pages < most ? r->pages + 1 : most;
    return true;
}

/* Takes one range, of pages below `end`. False: there are none. */
static bool take(struct boot_memory_region *r, uint64_t start, uint64_t pages,
                 enum boot_memory_kind kind, uint64_t end)
{
    if (pages == 0 || start >= end)
        return false;
    *r = (struct boot_memory_region){start, pages, kind};
    if (start % PAGE == 0 && pages <= (end - start) / PAGE)
        return true;
    return take_odd(r, end / PAGE - start / PAGE);
}

/*
 * Inserts in ascending order of addresses, which most maps have already. A
 * range that goes on where the last one ends is joined to it, because maps are
 * cut small. Returns how many there are now.
 */
static uint32_t insert(struct boot_memory_region *told, uint32_t count,
                       const struct boot_memory_region *r)
{
    uint32_t at = count;

    if (at > 0 && told[at - 1].kind == r->kind &&
        end_of(&told[at - 1]) == r->base) {
        told[at - 1].pages += r->pages;
        return count;
    }
    for (; at > 0 && told[at - 1].base > r->base; at--)
        told[at] = told[at - 1];
    told[at] = *r;
    return count + 1;
}

/* Joins equal neighbours. Reserved memory is not listed: what the map does not
 * mention is reserved as well. */
static void keep(struct boot_info *info, uint64_t from, uint64_t to,
                 enum boot_memory_kind kind)
{
    struct boot_memory_region *last =
        info->regions ? &info->region[info->regions - 1] : NULL;

    if (kind == BOOT_MEMORY_RESERVED)
        return;
    if (last && last->kind == kind && end_of(last) == from)
        last->pages += (to - from) / PAGE;
    else if (info->regions == info->regions_room)
        info->regions_dropped++;
    else
        info->region[info->regions++] =
            (struct boot_memory_region){from, (to - from) / PAGE, kind};
}

/*
 * What holds at `at`, and (in *next, bounded already) up to where. Of several
 * ranges the kind that allows least holds, by the order of enum
 * boot_memory_kind.
 */
static enum boot_memory_kind kind_at(struct boot_info *info,
                                     const struct boot_memory_region *told,
                                     uint32_t count, uint64_t at,
                                     uint64_t *next)
{
    enum boot_memory_kind most = BOOT_MEMORY_FREE;
    enum boot_memory_kind least = BOOT_MEMORY_RESERVED;

    for (uint32_t i = 0; i < count; i++) {
        uint64_t end = end_of(&told[i]);

        if (end <= at)
            continue;
        if (told[i].kind > most)
            most = told[i].kind;
        if (told[i].kind < least)
            least = told[i].kind;
        if (end < *next)
            *next = end;
    }
    if (least != most)
        info->regions_contradicted++;
    return most;
}

/* Goes piece by piece from one border to the next. told[low..high-1] are the
 * ranges that may hold: one of them, where nothing overlaps. */
static void settle(struct boot_info *info,
                   const struct boot_memory_region *told, uint32_t count)
{
    uint32_t low = 0, high = 0;
    uint64_t at = 0;

    while (low < count) {
        enum boot_memory_kind kind;
        uint64_t next;

        if (low == high) {
            at = told[low].base;
            /* Most ranges overlap no other: they hold as they are. */
            next = end_of(&told[low]);
            if (low + 1 == count || next <= told[low + 1].base) {
                keep(info, at, next, told[low].kind);
                high = ++low;
                continue;
            }
        }
        /* Take in every range that has begun by here, and drop those that have
         * ended. */
        while (high < count && told[high].base <= at)
            high++;
        next = high < count ? told[high].base : UINT64_MAX;
        kind = kind_at(info, told + low, high - low, at, &next);
        keep(info, at, next, kind);
        at = next;
        while (low < high && end_of(&told[low]) <= at)
            low++;
    }
}

void boot_map_begin(struct boot_info *info, struct boot_map *map,
                    struct boot_memory_region *room)
{
    info->regions = 0;
    info->regions_dropped = 0;
    info->regions_contradicted = 0;
    *map = (struct boot_map){.told = room};
}

/* Any range. */
static __attribute__((noinline)) void add(struct boot_info *info,
                                          struct boot_map *map, uint64_t start,
                                          uint64_t pages,
                                          enum boot_memory_kind kind)
{
    struct boot_memory_region r;

    if (take(&r, start, pages, kind, info->physical_end))
        map->count = insert(map->told, map->count, &r);
    else if (pages)
        info->regions_dropped++;
}

/* Most ranges go on where the one before them ended: for these nothing else is
 * asked, and no frame is made. */
void boot_map_add(struct boot_info *info, struct boot_map *map, uint64_t start,
                  uint64_t pages, enum boot_memory_kind kind)
{
    struct boot_memory_region *last = map->told + map->count;

    if (map->count && (--last)->kind == kind && end_of(last) == start &&
        start < info->physical_end &&
        pages <= (info->physical_end - start) / PAGE)
        last->pages += pages;
    else
        add(info, map, start, pages, kind);
}

void boot_map_settle(struct boot_info *info, struct boot_map *map)
{
    struct boot_memory_region r;

    /* The image's memory is ours, whatever the map says of it. */
    if (take(&r, info->image_base, (info->image_size + PAGE - 1) / PAGE,
             BOOT_MEMORY_OURS, info->physical_end))
        map->count = insert(map->told, map->count, &r);
    settle(info, map->told, map->count);
}
