/* SPDX-License-Identifier: BSD-2-Clause */
/* Is the list of regions what boot/ promises? See regions.h. */
#include "arch/memory/regions.h"

#include <stddef.h>

#include "arch/cpu/cpu.h"

/* What is wrong with one region; the one before it ends at `end`. */
static const char *wrong_region(const struct boot_info *info,
                                const struct boot_memory_region *r,
                                uint64_t end)
{
    if (r->base < end)
        return "begins before the range before it ends";
    if (r->base % PAGE_SIZE || r->pages == 0)
        return "is not made of whole pages";
    if (r->base >= info->physical_end ||
        r->pages > (info->physical_end - r->base) / PAGE_SIZE)
        return "goes past the processor's addresses";
    if (r->kind <= BOOT_MEMORY_SERVICES &&
        r->base < info->image_base + info->image_size &&
        r->base + r->pages * PAGE_SIZE > info->image_base)
        return "is said to be free, and the image lies there";
    return NULL;
}

const char *regions_wrong(const struct boot_info *info, uint32_t *at)
{
    uint64_t end = 0;

    for (uint32_t i = 0; i < info->regions; i++) {
        const struct boot_memory_region *r = &info->region[i];
        const char *wrong = wrong_region(info, r, end);

        *at = i;
        if (wrong)
            return wrong;
        end = r->base + r->pages * PAGE_SIZE;
    }
    return NULL;
}
