/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes the machine: the memory map and ExitBootServices. [UEFI 7.2, 7.4] */
#include "boot/efi/boot.h"

#include "boot/map.h"

/*
 * Where the firmware's map is read to, and behind it the list of regions that
 * is made of it. Allocating this memory changes the map, so there is room for
 * some ranges more.
 */
static struct {
    uint8_t *map;
    UINTN size; /* of the map's part, in bytes */
    UINTN pages;
} room;

#define PAGE          4096u
#define SPARE         64 /* descriptors */
#define ROOM_ATTEMPTS 4
#define EXIT_ATTEMPTS 4

/* A list of regions has two pieces for each range at most, if ranges overlap,
 * and two for the image. */
static UINTN list_size(UINTN descriptors)
{
    return (2 * descriptors + 2) * sizeof(struct boot_memory_region);
}

/* Makes room for a map of `size` bytes. Not after the first attempt to exit:
 * then only the map itself may be asked for. */
static EFI_STATUS make_room(struct boot_info *info, EFI_BOOT_SERVICES *bs,
                            UINTN size, UINTN stride)
{
    EFI_PHYSICAL_ADDRESS at;
    UINTN descriptors;
    EFI_STATUS status = EFI_OUT_OF_RESOURCES;

    if (stride < sizeof(EFI_MEMORY_DESCRIPTOR) || stride > PAGE)
        stride = sizeof(EFI_MEMORY_DESCRIPTOR);
    descriptors = size / stride + SPARE;
    if (room.map)
        BOOT_FIRMWARE(info, bs->FreePages((EFI_PHYSICAL_ADDRESS)(UINTN)room.map,
                                          room.pages));
    room.map = NULL;
    room.size = descriptors * stride;
    room.pages = (room.size + list_size(descriptors) + PAGE - 1) / PAGE;
    if (size < UINT64_MAX / PAGE)
        status = BOOT_FIRMWARE(info, bs->AllocatePages(AllocateAnyPages,
                                                       EfiLoaderData,
                                                       room.pages, &at));
    if (EFI_ERROR(status)) {
        boot_refuse("the firmware's memory map has %lu bytes, and there is no "
                    "memory for it",
                    (unsigned long)size);
        return status;
    }
    room.map = (uint8_t *)(UINTN)at;
    info->region = (struct boot_memory_region *)(void *)(room.map + room.size);
    info->regions_room =
        (uint32_t)((room.pages * PAGE - room.size) / sizeof(*info->region));
    return EFI_SUCCESS;
}

/* Checks what GetMemoryMap says of its answer before it is believed. The
 * descriptors may be longer than the ones we know, but not shorter. */
static bool map_is_sound(UINTN size, UINTN stride)
{
    if (size > room.size)
        boot_refuse("the firmware reports a memory map of %lu bytes and was "
                    "given room for %lu",
                    (unsigned long)size, (unsigned long)room.size);
    else if (stride < sizeof(EFI_MEMORY_DESCRIPTOR) || stride % 8)
        boot_refuse("the memory map's descriptors are %lu bytes long; "
                    "expected %lu or more, in steps of 8",
                    (unsigned long)stride,
                    (unsigned long)sizeof(EFI_MEMORY_DESCRIPTOR));
    else
        return true;
    return false;
}

/* Asks for the map, with more room each time that there was too little. */
static EFI_STATUS ask(struct boot_info *info, EFI_BOOT_SERVICES *bs,
                      UINTN *size, UINTN *key, UINTN *stride)
{
    EFI_STATUS status;
    UINT32 version;

    for (int i = 0; i < ROOM_ATTEMPTS; i++) {
        *size = room.map ? room.size : 0;
        *stride = 0;
        status = BOOT_FIRMWARE(
            info, bs->GetMemoryMap(size, (EFI_MEMORY_DESCRIPTOR *)room.map, key,
                                   stride, &version));
        if (status != EFI_BUFFER_TOO_SMALL || info->exit_attempts)
            break;
        status = make_room(info, bs, *size, *stride);
        if (EFI_ERROR(status))
            return status;
        status = EFI_BUFFER_TOO_SMALL;
    }
    if (EFI_ERROR(status) || !room.map)
        boot_refuse("the firmware does not give its memory map (%lu bytes, "
                    "room for %lu)",
                    (unsigned long)*size, (unsigned long)room.size);
    return EFI_ERROR(status) || room.map ? status : EFI_DEVICE_ERROR;
}

/* Reads the current map into `info`, and takes its key. */
static EFI_STATUS read_map(struct boot_info *info, EFI_BOOT_SERVICES *bs,
                           UINTN *key)
{
    UINTN size, stride;
    EFI_STATUS status = ask(info, bs, &size, key, &stride);

    if (EFI_ERROR(status))
        return status;
    if (!map_is_sound(size, stride))
        return EFI_INCOMPATIBLE_VERSION;
    boot_read_map(info, room.map, size, stride);
    return boot_map_has_memory(info) ? EFI_SUCCESS : EFI_OUT_OF_RESOURCES;
}

/*
 * A stale key is no error: an event of the firmware may have allocated memory
 * in between. After the first attempt the firmware's notifications may have run
 * already (on Hyper-V they unload the bus), so nothing but the memory-map
 * services is called from then on.
 */
EFI_STATUS boot_exit_services(struct boot_info *info, EFI_HANDLE handle,
                              EFI_SYSTEM_TABLE *system)
{
    EFI_BOOT_SERVICES *bs = system->BootServices;
    EFI_STATUS status = EFI_LOAD_ERROR;

    info->exit_attempts = 0;
    for (int i = 0; i < EXIT_ATTEMPTS; i++) {
        UINTN key;

        /* Get a fresh map and key for each attempt. */
        status = read_map(info, bs, &key);
        if (EFI_ERROR(status))
            return status;
        /* Counted for the report: more than one attempt means a stale key. */
        info->exit_attempts++;
        status = BOOT_FIRMWARE(info, bs->ExitBootServices(handle, key));
        if (!EFI_ERROR(status))
            return EFI_SUCCESS;
        /* Only this status means a stale key; any other one is final. */
        if (status != EFI_INVALID_PARAMETER)
            break;
    }
    boot_refuse("the firmware refuses ExitBootServices (status 0x%lx, after "
                "%u attempts)",
                (unsigned long)status, info->exit_attempts);
    return status;
}
