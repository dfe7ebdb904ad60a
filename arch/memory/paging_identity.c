/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of a start: the image with its rights, RAM at its physical
 * address.
 *
 * Everything is mapped that the firmware's map names, so that tables of the
 * firmware can be read where they lie. What the map does not name (devices,
 * holes) stays unmapped; pages_map_device() maps devices elsewhere.
 */
#include <errno.h>

#include "arch/cpu/cpu.h"
#include "arch/memory/frames.h"
#include "arch/memory/image.h"
#include "arch/memory/paging_private.h"

/* What is mapped already when the firmware's map is gone through. */
struct range {
    uint64_t from, to;
};

/* Maps RAM around the holes: the image has rights of its own, and the seed is
 * in use. */
static int map_around(uint64_t from, uint64_t to, enum paging_access access,
                      const struct range *hole, uint32_t holes)
{
    int status = 0;

    if (holes == 0)
        return from < to ? paging_map_identity(from, to, access) : 0;
    if (to <= hole->from || from >= hole->to)
        return map_around(from, to, access, hole + 1, holes - 1);
    /* The part before the hole, then the part after it. */
    if (from < hole->from)
        status = map_around(from, hole->from, access, hole + 1, holes - 1);
    if (!status && to > hole->to)
        status = map_around(hole->to, to, access, hole + 1, holes - 1);
    return status;
}

/* Code is never writable, data is never executable. */
static int map_image(void)
{
    int status;

    status = paging_map_identity(image_text_start(), image_text_end(),
                                 PAGING_EXECUTE);
    if (!status)
        status = paging_map_identity(image_const_start(), image_const_end(),
                                     PAGING_READ);
    if (!status)
        status = paging_map_identity(image_data_start(), image_data_end(),
                                     PAGING_WRITE);
    return status;
}

/* What may be done with a region. False: it is not mapped. The firmware's own
 * memory may be read (tables lie there), but never written. */
static bool access_of(enum boot_memory_kind kind, enum paging_access *access)
{
    switch (kind) {
    case BOOT_MEMORY_FREE:
    case BOOT_MEMORY_SERVICES:
    case BOOT_MEMORY_OURS:
        *access = PAGING_WRITE;
        return true;
    case BOOT_MEMORY_ACPI:
    case BOOT_MEMORY_FIRMWARE:
        *access = PAGING_READ;
        return true;
    default:
        return false;
    }
}

/* What is mapped before the rest: the image, the seed, and the map itself where
 * it is not in the image. An empty range is no hole. */
static struct range mapped_first[3];

/* Neighbours with the same rights are mapped in one go. The firmware's map is
 * cut small, and each border costs a table of single pages. */
uint32_t paging_run_end(const struct boot_info *info, uint32_t i)
{
    const struct boot_memory_region *r = &info->region[i];
    enum paging_access access, next;

    if (!access_of(r->kind, &access))
        return i + 1;
    for (i++;
         i < info->regions && r->base + r->pages * PAGE_SIZE == r[1].base &&
         access_of(r[1].kind, &next) && next == access;
         i++)
        r++;
    return i;
}

int paging_map_regions(const struct boot_info *info, uint32_t i, uint32_t end)
{
    const struct boot_memory_region *last = &info->region[end - 1];
    enum paging_access access;

    if (!access_of(last->kind, &access))
        return 0;
    return map_around(
        info->region[i].base, last->base + last->pages * PAGE_SIZE, access,
        mapped_first, sizeof(mapped_first) / sizeof(*mapped_first));
}

/*
 * The first tables lie in the image, where they are zero: while the firmware's
 * tables are loaded, no other memory need be mapped, or writable. 24 are enough
 * for the image, the map and `seed`: five levels, and three more tables for
 * each border. What is left serves as well, because it need not be cleared.
 */
static uint8_t early[24][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
#define EARLY ((uint32_t)(sizeof(early) / sizeof(early[0])))
static uint32_t early_taken, early_room = EARLY;

/* Each start makes them later: three for the window and three for the heap. */
#define EARLY_KEPT 6u

/* What others give once their memory is mapped; NULL until then. */
static uint64_t (*take_later)(void);

/* The image's first, because these need not be cleared. */
static uint64_t take_table(void)
{
    if (early_taken < early_room)
        return (uint64_t)(uintptr_t)early[early_taken++] / PAGE_SIZE;
    return take_later ? take_later() : FRAMES_NONE;
}

const void *paging_give_unused(const void **end)
{
    if (early_room - early_taken > EARLY_KEPT)
        early_room = early_taken + EARLY_KEPT;
    *end = early + EARLY;
    return early + early_room;
}

/* The pages of the list of regions; none where it lies in the image. */
static struct range map_pages(const struct boot_info *info)
{
    uint64_t from = (uint64_t)(uintptr_t)info->region;
    uint64_t to = from + sizeof(*info->region) * info->regions;

    if (from >= image_start() && from < image_end())
        return (struct range){0, 0};
    return (struct range){from & ~(uint64_t)(PAGE_SIZE - 1),
                          (to + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1)};
}

/* With these mapped, the rest is mapped by our own tables, with frames of the
 * seed. */
int paging_setup(const struct boot_info *info, uint64_t (*take)(void),
                 uint64_t seed, uint64_t seed_end)
{
    struct range map = map_pages(info);
    int status;

    if (!paging_begin(take_table))
        return -ENOMEM;
    mapped_first[0] = (struct range){image_start(), image_end()};
    mapped_first[1] = (struct range){seed, seed_end};
    mapped_first[2] = map;
    status = map_image();
    if (!status)
        status = paging_map_identity(seed, seed_end, PAGING_WRITE);
    if (!status && map.to)
        status = paging_map_identity(map.from, map.to, PAGING_READ);
    if (status)
        return status;
    paging_load();
    take_later = take;
    return 0;
}

/* Look at every page before mapping the first one: a host that adds what is
 * there already changes nothing. */
int paging_add_ram(uint64_t frame, uint64_t count)
{
    uint64_t from = frame * PAGE_SIZE, to = from + count * PAGE_SIZE;
    int level;

    if (to <= from || to > PAGING_IDENTITY_END)
        return -EEXIST;
    for (uint64_t at = from; at < to; at += PAGE_SIZE) {
        if (paging_leaf(at, &level))
            return -EEXIST;
    }
    return paging_map_identity(from, to, PAGING_WRITE);
}
