/* SPDX-License-Identifier: BSD-2-Clause */
/* PVH's start info: see direct.h. [xen start_info.h] */
#include "boot/direct/direct.h"

#include <errno.h>

#include "boot/refuse.h"

/* The pieces of what is there up to version 1 never changed; later versions
 * only append. */
int direct_read_start_info(const struct acpi_reader *memory, uint64_t at,
                           struct direct_told *told)
{
    struct direct_start_info info;

    *told = (struct direct_told){0};
    if (memory->read(memory->context, at, &info, sizeof(info)) < 0) {
        boot_refuse("PVH's start info at 0x%lx (EBX) is not readable",
                    (unsigned long)at);
        return -EINVAL;
    }
    if (info.magic != DIRECT_START_INFO_MAGIC) {
        boot_refuse("expected PVH's start info at 0x%lx (0x%08x), found 0x%08x",
                    (unsigned long)at, DIRECT_START_INFO_MAGIC, info.magic);
        return -EINVAL;
    }
    /* Only version 1 and later have the memory map. */
    if (info.version < 1) {
        boot_refuse("PVH's start info has version %u, without a memory map; "
                    "expected version 1 or later: take a newer host",
                    info.version);
        return -EINVAL;
    }
    /* Addresses and the count are only noted here; each reader checks. */
    told->rsdp = info.rsdp;
    told->cmdline = info.cmdline;
    told->list[0].at = info.ranges_at;
    told->list[0].ranges = info.ranges;
    told->list[0].stride = DIRECT_PVH_RANGE_SIZE;
    told->lists = 1;
    return 0;
}
