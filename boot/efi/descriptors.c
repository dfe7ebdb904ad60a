/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's memory map, read descriptor by descriptor. [UEFI 7.2] */
#include "boot/efi/boot.h"

#include "boot/map.h"

/* EFI_MEMORY_NV and EFI_MEMORY_SP, for which GNU-EFI has no name. */
#define ATTRIBUTE_LASTING  UINT64_C(0x08000)
#define ATTRIBUTE_SPECIFIC UINT64_C(0x40000)

/* Memory that is meant for something: for one device or program (high-bandwidth
 * memory), to keep its contents, or not to be cached. It is left alone. */
static bool is_special(const EFI_MEMORY_DESCRIPTOR *d)
{
    return (d->Attribute & (ATTRIBUTE_SPECIFIC | ATTRIBUTE_LASTING)) ||
           !(d->Attribute & EFI_MEMORY_WB);
}

/* Types that are unknown, or that a later UEFI adds, are reserved. */
static enum boot_memory_kind kind_of(const EFI_MEMORY_DESCRIPTOR *d)
{
    switch (d->Type) {
    case EfiConventionalMemory:
        return is_special(d) ? BOOT_MEMORY_RESERVED : BOOT_MEMORY_FREE;
    case EfiBootServicesCode:
    case EfiBootServicesData:
        /* Free once the firmware's stack and tables are out of use; see
         * pages_setup(). */
        return is_special(d) ? BOOT_MEMORY_RESERVED : BOOT_MEMORY_SERVICES;
    case EfiLoaderCode:
    case EfiLoaderData:
        /* The image, and whatever a boot loader before us has left. */
        return BOOT_MEMORY_OURS;
    case EfiACPIReclaimMemory:
        return BOOT_MEMORY_ACPI;
    case EfiRuntimeServicesCode:
    case EfiRuntimeServicesData:
    case EfiACPIMemoryNVS:
        return BOOT_MEMORY_FIRMWARE;
    default:
        return BOOT_MEMORY_RESERVED;
    }
}

/*
 * In the place of the map: what is kept of a range is shorter than its
 * descriptor, so none is overwritten before it is read.
 */
void boot_read_map(struct boot_info *info, void *map, uint64_t size,
                   uint64_t stride)
{
    struct boot_map told;

    _Static_assert(sizeof(*told.told) <= sizeof(EFI_MEMORY_DESCRIPTOR),
                   "in place");
    boot_map_begin(info, &told, map);
    for (uint64_t at = 0; stride <= size - at; at += stride) {
        const EFI_MEMORY_DESCRIPTOR *d = (const void *)((char *)map + at);

        boot_map_add(info, &told, d->PhysicalStart, d->NumberOfPages,
                     kind_of(d));
    }
    boot_map_settle(info, &told);
}
