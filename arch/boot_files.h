/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that boot/ has read from \EFI\vmbare\ for the application. */
#ifndef ARCH_BOOT_FILES_H
#define ARCH_BOOT_FILES_H

#include <stdbool.h>
#include <stdint.h>

#define BOOT_FILES_MAX   256         /* files that are listed */
#define BOOT_FILES_BYTES (16u << 20) /* of all files together */
#define BOOT_PATH_SIZE   128         /* of a path, with the zero behind it */

/* What came of a file. */
enum boot_file_state {
    BOOT_FILE_READ,
    BOOT_FILE_NO_ROOM,   /* with it all would have more than BOOT_FILES_BYTES */
    BOOT_FILE_NO_MEMORY, /* the firmware had none */
    BOOT_FILE_UNREADABLE, /* the firmware could not read it, or only a part */
    BOOT_FILE_BAD_NAME,   /* the path is not ASCII, or too long: `path` then is
                             what could be told of it */
};

struct boot_file {
    char path[BOOT_PATH_SIZE]; /* below \EFI\vmbare\, '/' between the parts */
    const uint8_t *bytes;      /* BOOT_FILE_READ: `size` bytes, for ever */
    uint64_t size;             /* as the firmware says */
    enum boot_file_state state;
};

struct boot_files {
    /* `count` of them, in memory that the map has as BOOT_MEMORY_OURS. */
    struct boot_file *file;
    uint32_t count;
    bool more; /* there are some that are not listed */
};

#endif
