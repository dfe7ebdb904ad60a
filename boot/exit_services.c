/* Taking the machine: the memory map and ExitBootServices. */
#include "boot.h"

/*
 * Room for the firmware's map: 64 KiB hold some 1,300 descriptors. It lies in
 * the image because allocating for the map changes the map.
 */
#define MAP_SIZE      (64 * 1024)
#define EXIT_ATTEMPTS 4

static uint8_t map_buffer[MAP_SIZE] __attribute__((aligned(16)));

static enum boot_memory_kind kind_of(UINT32 type)
{
    switch (type) {
    case EfiConventionalMemory:
        return BOOT_MEMORY_FREE;
    case EfiBootServicesCode:
    case EfiBootServicesData:
        return BOOT_MEMORY_SERVICES;
    case EfiLoaderCode:
    case EfiLoaderData:
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

/* Inserts ascending by address and joins equal neighbours, so that the many
 * small pieces of boot services' memory do not fill the table. */
static void add_region(struct boot_info *info, struct boot_memory_region r)
{
    struct boot_memory_region *t = info->region;
    uint32_t at = info->regions;

    while (at > 0 && t[at - 1].base > r.base)
        at--;
    if (at > 0 && t[at - 1].kind == r.kind &&
        t[at - 1].base + t[at - 1].pages * 4096 == r.base) {
        t[at - 1].pages += r.pages;
        return;
    }
    if (info->regions == BOOT_REGIONS_MAX) {
        info->regions_dropped++;
        return;
    }
    for (uint32_t i = info->regions; i > at; i--)
        t[i] = t[i - 1];
    t[at] = r;
    info->regions++;
}

static void read_map(struct boot_info *info, UINTN size, UINTN stride)
{
    info->regions = 0;
    info->regions_dropped = 0;
    for (UINTN at = 0; at + stride <= size; at += stride) {
        const EFI_MEMORY_DESCRIPTOR *d =
            (const EFI_MEMORY_DESCRIPTOR *)(map_buffer + at);

        if (d->NumberOfPages == 0)
            continue;
        add_region(info, (struct boot_memory_region){
                             .base = d->PhysicalStart,
                             .pages = d->NumberOfPages,
                             .kind = kind_of(d->Type),
                         });
    }
}

/*
 * A stale key is no error: an event of the firmware's may have allocated in
 * between. After the first attempt its notifications may have run already
 * (on Hyper-V they unload the bus), so nothing but the memory-map services is
 * called from then on.
 */
EFI_STATUS boot_exit_services(struct boot_info *info, EFI_HANDLE handle,
                              EFI_SYSTEM_TABLE *system)
{
    EFI_BOOT_SERVICES *bs = system->BootServices;
    EFI_STATUS status = EFI_LOAD_ERROR;

    for (int i = 0; i < EXIT_ATTEMPTS; i++) {
        UINTN size = sizeof(map_buffer), key, stride;
        UINT32 version;

        status = BOOT_FIRMWARE(
            info, bs->GetMemoryMap(&size, (EFI_MEMORY_DESCRIPTOR *)map_buffer,
                                   &key, &stride, &version));
        if (EFI_ERROR(status))
            return status;
        if (stride < sizeof(EFI_MEMORY_DESCRIPTOR))
            return EFI_INCOMPATIBLE_VERSION;
        info->exit_attempts++;
        status = BOOT_FIRMWARE(info, bs->ExitBootServices(handle, key));
        if (!EFI_ERROR(status)) {
            read_map(info, size, stride);
            return EFI_SUCCESS;
        }
        if (status != EFI_INVALID_PARAMETER)
            return status;
    }
    return status;
}
