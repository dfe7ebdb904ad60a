/* SPDX-License-Identifier: BSD-2-Clause */
/* What every door asks of the machine: see map.h. */
#include "boot/map.h"

#include "arch/cpu/cpu.h"
#include "boot/refuse.h"

/* With less than this there is no machine to run on; an image of ours uses 1
 * MiB. */
#define FREE_PAGES_MIN 1024

/* CPUID 0x80000008 has the number of address bits. A number that cannot be says
 * nothing, and 48 bits or more are cut to what is mapped one to one. */
uint64_t boot_physical_end(void)
{
    uint32_t bits = cpuid(0x80000008, 0).eax & 0xff;

    return bits < 32 || bits > 47 ? BOOT_PHYSICAL_END_MAX : UINT64_C(1) << bits;
}

/* Counted while whoever started the image can still be told. */
bool boot_map_has_memory(const struct boot_info *info)
{
    uint64_t pages = 0;

    for (uint32_t i = 0; i < info->regions; i++) {
        if (info->region[i].kind == BOOT_MEMORY_FREE)
            pages += info->region[i].pages;
    }
    if (pages < FREE_PAGES_MIN)
        boot_refuse("the memory map has %lu KiB of free memory; expected "
                    "%u KiB or more: give the machine more memory",
                    (unsigned long)pages * 4, FREE_PAGES_MIN * 4);
    return pages >= FREE_PAGES_MIN;
}
