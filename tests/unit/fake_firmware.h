/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A firmware that answers what a test tells it to: as much of UEFI as boot/
 * calls. One at a time.
 */
#ifndef FAKE_FIRMWARE_H
#define FAKE_FIRMWARE_H

#include <efi.h>

#include "arch/boot_info.h"

#define FAKE_MAP_MAX  2000
#define FAKE_TEXT_MAX 512

struct fake_firmware {
    /* The memory map: `told` descriptors of `stride` bytes, and what
     * GetMemoryMap says of them where that is not the truth. */
    EFI_MEMORY_DESCRIPTOR map[FAKE_MAP_MAX];
    unsigned told;
    UINTN stride; /* 0: 48, as EDK II has it */
    UINTN size;   /* 0: the truth */
    EFI_STATUS map_status;

    unsigned stale_keys; /* so many ExitBootServices fail for their key */
    EFI_STATUS exit_status;
    unsigned maps_read, exits;

    EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE screen; /* Info NULL: there is none */
    EFI_LOADED_IMAGE image;
    EFI_SYSTEM_TABLE system;
    char said[FAKE_TEXT_MAX]; /* on the firmware's console */
};
extern struct fake_firmware firmware;

/* A sound machine: 1 MiB without page 0, 60 MiB, ACPI tables, the image at
 * 16 MiB; one boot service of each kind that boot/ calls. */
void fake_firmware_reset(void);

/* Adds a range to the map. */
void fake_firmware_tell(UINT32 type, uint64_t start, uint64_t pages);

#endif
