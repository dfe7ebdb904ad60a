/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes the machine: the memory map and ExitBootServices. [UEFI 7.2, 7.4] */
#include "boot/efi/boot.h"

#include "boot/map.h"

/* Room for the firmware's map: 64 KiB hold some 1,300 descriptors. It lies in
 * the image, because allocating memory for the map changes the map. */
#define MAP_SIZE      (64 * 1024)
#define EXIT_ATTEMPTS 4

static uint8_t map_buffer[MAP_SIZE] __attribute__((aligned(16)));

/* Checks what GetMemoryMap says of its answer before it is believed. The
 * descriptors may be longer than the ones we know, but not shorter. */
static bool map_is_sound(UINTN size, UINTN stride)
{
    if (size > sizeof(map_buffer))
        boot_refuse("the firmware reports a memory map of %lu bytes and was "
                    "given room for %lu",
                    (unsigned long)size, (unsigned long)sizeof(map_buffer));
    else if (stride < sizeof(EFI_MEMORY_DESCRIPTOR) || stride % 8)
        boot_refuse("the memory map's descriptors are %lu bytes long; "
                    "expected %lu or more, in steps of 8",
                    (unsigned long)stride,
                    (unsigned long)sizeof(EFI_MEMORY_DESCRIPTOR));
    else
        return true;
    return false;
}

/* Reads the current map into `info`, and takes its key. */
static EFI_STATUS read_map(struct boot_info *info, EFI_BOOT_SERVICES *bs,
                           UINTN *key)
{
    UINTN size = sizeof(map_buffer), stride;
    UINT32 version;
    EFI_STATUS status = BOOT_FIRMWARE(
        info, bs->GetMemoryMap(&size, (EFI_MEMORY_DESCRIPTOR *)map_buffer, key,
                               &stride, &version));

    if (EFI_ERROR(status)) {
        boot_refuse("the firmware does not give its memory map (%lu bytes, "
                    "room for %lu)",
                    (unsigned long)size, (unsigned long)sizeof(map_buffer));
        return status;
    }
    if (!map_is_sound(size, stride))
        return EFI_INCOMPATIBLE_VERSION;
    boot_read_map(info, map_buffer, size, stride);
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
