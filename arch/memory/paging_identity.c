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
#include "arch/memory/image.h"
#include "arch/memory/paging_private.h"

/* Maps RAM, and leaves the image out where it lies inside: the image has rights
 * of its own. */
static int map_around_image(uint64_t from, uint64_t to,
                            enum paging_access access)
{
    uint64_t image = image_start(), image_to = image_end();
    int status;

    /* The part before the image, then the part after it. */
    if (from < image && to > image) {
        status = paging_map_identity(from, image, access);
        if (status)
            return status;
        from = image;
    }
    if (from >= image && from < image_to)
        from = image_to;
    return from < to ? paging_map_identity(from, to, access) : 0;
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

/* Neighbours with the same rights are mapped in one go. The firmware's map is
 * cut small, and each border costs a table of single pages. */
static int map_regions(const struct boot_info *info)
{
    uint32_t i = 0;

    while (i < info->regions) {
        const struct boot_memory_region *r = &info->region[i++];
        uint64_t to = r->base + r->pages * PAGE_SIZE;
        enum paging_access access, next;
        int status;

        if (!access_of(r->kind, &access))
            continue;
        /* Take in neighbours as long as they touch and have the same rights. */
        while (i < info->regions && info->region[i].base == to &&
               access_of(info->region[i].kind, &next) && next == access)
            to += info->region[i++].pages * PAGE_SIZE;
        status = map_around_image(r->base, to, access);
        if (status)
            return status;
    }
    return 0;
}

/* The image first: what it lies in is then left out. */
int paging_setup(const struct boot_info *info, uint64_t (*take)(void))
{
    int status;

    if (!paging_begin(take))
        return -ENOMEM;
    status = map_image();
    if (!status)
        status = map_regions(info);
    if (!status)
        paging_load();
    return status;
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
