/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A firmware with the part of UEFI that boot/ calls. It answers as the test
 * says. There is one at a time.
 */
#ifndef FAKE_FIRMWARE_H
#define FAKE_FIRMWARE_H

#include <stdbool.h>

#include <efi.h>

#include "arch/boot_info.h"

#define FAKE_MAP_MAX  6000
#define FAKE_TEXT_MAX 512
#define FAKE_SCREENS  4
#define FAKE_TABLES   4

#define FAKE_FILES 320

/* What a folder lists. */
struct fake_entry {
    const CHAR16 *name;
    UINT64 size;
    UINT64 attributes;
};

/* A file of the volume that the image comes from, or a folder. */
struct fake_file {
    const char *path;               /* from the root: "\\EFI\\BOOT\\x" */
    const struct fake_entry *entry; /* of a folder */
    unsigned entries;
    bool endless; /* the folder lists its first entry for ever */
    UINTN piece;  /* 0: all that is asked for is read at once */
    const void *bytes;
    UINTN size;
    UINTN claims;      /* 0: the true number of bytes that were read */
    EFI_STATUS status; /* of reading */
};

struct fake_firmware {
    /* The memory map: `told` descriptors of `stride` bytes, and what
     * GetMemoryMap says of them where that is not the truth. */
    EFI_MEMORY_DESCRIPTOR map[FAKE_MAP_MAX];
    unsigned told;
    UINTN stride; /* 0: 48, as EDK II has it */
    UINTN size;   /* 0: the true size */
    EFI_STATUS map_status;
    UINTN needs;    /* 0: the true size is asked for */
    unsigned grows; /* ranges that appear with each allocation */

    unsigned
        stale_keys; /* number of ExitBootServices that fail for their key */
    EFI_STATUS exit_status;
    unsigned maps_read, exits;

    EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE screen[FAKE_SCREENS];
    unsigned screens;
    EFI_CONFIGURATION_TABLE table[FAKE_TABLES];
    struct fake_file file[FAKE_FILES];
    unsigned files;
    EFI_STATUS volume_status; /* of opening the volume */
    UINTN memory;             /* pages that can be allocated at once; 0: 4096 */
    unsigned opened, closed;  /* file handles, the root's included */
    bool has_rng;             /* EFI_RNG_PROTOCOL */
    VOID *rng[2];
    EFI_STATUS rng_status; /* of GetRNG, which writes the bytes all the same */
    unsigned located;      /* protocols that were asked for */
    EFI_LOADED_IMAGE image;
    EFI_SYSTEM_TABLE system;
    char said[FAKE_TEXT_MAX]; /* on the firmware's console */
};
extern struct fake_firmware firmware;

/* Resets to a sound machine: 1 MiB without page 0, 60 MiB, ACPI tables, the
 * image at 16 MiB, and each boot service that boot/ calls. */
void fake_firmware_reset(void);

/* Adds a range to the map. */
void fake_firmware_tell(UINT32 type, uint64_t start, uint64_t pages);

#endif
