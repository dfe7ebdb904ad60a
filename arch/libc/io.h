/* SPDX-License-Identifier: BSD-2-Clause */
/* What newlib's input and output calls for other numbers than 0, 1 and 2. */
#ifndef ARCH_IO_H
#define ARCH_IO_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Each as the function of POSIX, but the error is the result: a negative
 * errno, -EBADF for a number that is not open. IRQL: <= DISPATCH. */
struct io_files {
    int (*read)(int file, void *bytes, size_t size);
    int (*close)(int file);
    off_t (*seek)(int file, off_t offset, int whence);
    int (*status)(int file, struct stat *status);
};

/**
 * Register who has the other numbers. Without it none of them is open.
 *
 * @files  stays where it is
 */
void io_set_files(const struct io_files *files);

#endif
