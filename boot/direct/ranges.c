/* SPDX-License-Identifier: BSD-2-Clause */
/* The loader's memory map: see direct.h. */
#include "boot/direct/direct.h"

#include <errno.h>

#include "arch/cpu/cpu.h"
#include "boot/map.h"
#include "boot/refuse.h"

/* A range may be cut around each table and around the image, which is one more
 * itself. */
#define HOLES_MAX (DIRECT_TABLES_MAX + 1)
#define ROOM      (DIRECT_RANGES_MAX + 2 * HOLES_MAX + 1)

/* What all steps need. */
struct reading {
    struct boot_info *info;
    struct boot_map map;
    struct hole {
        uint64_t from, to; /* whole pages */
    } hole[HOLES_MAX];
    uint32_t holes;
};

/* Types that are unknown, or for special purposes, are reserved. */
static enum boot_memory_kind kind_of(uint32_t type)
{
    switch (type) {
    case DIRECT_TYPE_RAM:
        return BOOT_MEMORY_FREE;
    case DIRECT_TYPE_ACPI:
        return BOOT_MEMORY_ACPI;
    case DIRECT_TYPE_NVS:
        return BOOT_MEMORY_FIRMWARE;
    default:
        return BOOT_MEMORY_RESERVED;
    }
}

/* From whole page to whole page, the image's own entry excepted. False: there
 * is no room for one more. */
static bool add(struct reading *r, uint64_t from, uint64_t to,
                enum boot_memory_kind kind)
{
    if (from >= to)
        return true;
    if (r->map.count + 1 >= ROOM)
        return false;
    boot_map_add(r->info, &r->map, from, (to - from) / PAGE_SIZE, kind);
    return true;
}

/*
 * Adds free or reserved memory without the image and the tables, which a loader
 * does not list apart: the tables would be as unreadable as all that is
 * reserved.
 */
static bool add_around(struct reading *r, uint64_t from, uint64_t to,
                       enum boot_memory_kind kind)
{
    while (from < to) {
        uint64_t next = to, skip = to;

        /* Find the nearest hole: up to where, and on from where? */
        for (uint32_t i = 0; i < r->holes; i++) {
            const struct hole *h = &r->hole[i];

            if (h->to <= from || h->from >= next)
                continue;
            next = h->from > from ? h->from : from;
            skip = h->to;
        }
        if (!add(r, from, next, kind))
            return false;
        from = skip;
    }
    return true;
}

/* Only whole pages can be free, and nothing is of a range that cannot end where
 * it says. */
static bool add_free(struct reading *r, uint64_t from, uint64_t to)
{
    uint64_t mask = PAGE_SIZE - 1;

    if (from > UINT64_MAX - mask)
        return true;
    from = (from + mask) & ~mask;
    to &= ~mask;
    /* Whole, for boot_map_add() to refuse and to count: a piece before a hole
     * would be believed. */
    if (to > r->info->physical_end)
        return add(r, from, to, BOOT_MEMORY_FREE);
    return add_around(r, from, to, BOOT_MEMORY_FREE);
}

/* Of what is not free each page that it touches is kept. A range that goes on
 * past the last address ends with it. */
static bool add_told(struct reading *r, const struct direct_range *told)
{
    enum boot_memory_kind kind = kind_of(told->type);
    uint64_t mask = PAGE_SIZE - 1;
    uint64_t from = told->start, to = from + told->size;

    if (told->size == 0)
        return true;
    /* It wraps around. */
    if (to < from)
        to = UINT64_MAX;
    if (kind == BOOT_MEMORY_FREE)
        return add_free(r, from, to);
    from &= ~mask;
    to = to > UINT64_MAX - mask ? ~mask : (to + mask) & ~mask;
    return kind == BOOT_MEMORY_RESERVED ? add_around(r, from, to, kind)
                                        : add(r, from, to, kind);
}

/* One of the loader's lists. How many ranges there are is its own word, so the
 * first one that cannot be read ends it. */
static int add_list(struct reading *r, const struct acpi_reader *memory,
                    uint64_t at, uint32_t ranges, uint32_t stride)
{
    for (uint32_t i = 0; i < ranges; i++, at += stride) {
        struct direct_range told;

        if (memory->read(memory->context, at, &told, sizeof(told)) < 0) {
            boot_refuse("range %u of the memory map, at 0x%lx, is not readable",
                        i, (unsigned long)at);
            return -EINVAL;
        }
        if (!add_told(r, &told)) {
            boot_refuse("the memory map has more than %u ranges",
                        DIRECT_RANGES_MAX);
            return -EINVAL;
        }
    }
    return 0;
}

/* There is room for the image and for each range of tables. */
static void dig(struct reading *r, uint64_t from, uint64_t to)
{
    r->hole[r->holes].from = from;
    r->hole[r->holes++].to = to;
}

int direct_read_ranges(const struct acpi_reader *memory,
                       const struct direct_told *told,
                       const struct direct_tables *tables,
                       struct boot_info *info)
{
    static struct boot_memory_region room[ROOM], list[2 * ROOM + 2];
    struct reading r = {.info = info};

    /* Know the holes first: they are cut out of each range. */
    info->region = list;
    info->regions_room = 2 * ROOM + 2;
    boot_map_begin(info, &r.map, room);
    dig(&r, info->image_base, info->image_base + info->image_size);
    /* The tables first, as what they are: however many ranges the loader tells,
     * there is room for these. boot_map_settle() adds the image. */
    for (uint32_t i = 0; i < tables->ranges; i++) {
        dig(&r, tables->range[i].from, tables->range[i].to);
        (void)add(&r, tables->range[i].from, tables->range[i].to,
                  BOOT_MEMORY_ACPI);
    }
    for (uint32_t i = 0; i < told->lists; i++) {
        int status = add_list(&r, memory, told->list[i].at,
                              told->list[i].ranges, told->list[i].stride);

        if (status < 0)
            return status;
    }
    boot_map_settle(info, &r.map);
    return boot_map_has_memory(info) ? 0 : -EINVAL;
}
