/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to what boot/ has left behind: see boot_info.h. */
#include "arch/boot_info.h"

#include "arch/cpu/cpu.h"

/* The first test also refuses ranges that wrap around. */
bool boot_info_has_device(const struct boot_info *info, uint64_t base,
                          uint64_t size)
{
    if (base >= info->physical_end || size > info->physical_end - base)
        return false;
    for (uint32_t i = 0; i < info->regions; i++) {
        const struct boot_memory_region *r = &info->region[i];

        if (base < r->base + r->pages * PAGE_SIZE && r->base < base + size)
            return false;
    }
    return true;
}
