/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of the boot volume: those of \EFI\vmbare\, read at the start by
 * boot/efi/ and never changed. Only an image in which something calls open(),
 * stat() or their like has this part, and only such an image reads the files.
 */
#ifndef ARCH_FILES_H
#define ARCH_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/boot_info.h"

/* How many may be open at once, beside the three standard ones. */
#define FILES_OPEN_MAX 16

/* What the image's part for files is, for the start. */
struct files_user {
    void (*begin)(struct files_user *self);
    const struct boot_files *files;
};

/* Puts a variable where files_begin() finds it, if anything refers to it. */
#define FILES_USER \
    struct files_user __attribute__((section("vmbare_files"), aligned(8)))

/** Does this image open files? IRQL: any, and before arch_start(). */
bool files_wanted(void);

/**
 * Give the files to the image's part for them, which names in the log what of
 * them was left out. Once, at start, before main().
 *
 * @info  stays where it is
 */
void files_begin(const struct boot_info *info);

/**
 * Find a path as FAT does: letters of ASCII are equal in both cases, '/'
 * separates, "." and empty parts are skipped, and so is a '/' in front.
 *
 * @files  what there is
 * @path   of the caller
 * @index  receives which file it is, with 0 only
 * @return 0; -EISDIR: it is a folder that contains files; -ENOTDIR: a part
 *         before the last one is a file, or there is a '/' behind a file;
 *         -ENAMETOOLONG: no path here is so long; -ENOENT: there is no such
 *         file
 */
int files_find(const struct boot_files *files, const char *path,
               uint32_t *index);

#endif
