/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the application tries on a disk. Each function prints what it did as
 * lines "# disk: ...", and what was wrong as "disk: ..."; true: all was good.
 */
#ifndef DISK_EXERCISE_H
#define DISK_EXERCISE_H

#include <stdbool.h>

#include "drivers/storage.h"

/* Checksum of the disk's beginning (16 MiB at most), by both ways of sending;
 * they must agree. *crc receives it. */
bool exercise_checksum(struct block_device *d, uint32_t *crc);

/* The same blocks by each shape of memory that KMCL can describe. */
bool exercise_shapes(struct block_device *d);

/* Reads outside of the disk, which it must refuse. */
bool exercise_limits(struct block_device *d);

/* Closes the channel with requests under way; each must end. */
bool exercise_close(struct block_device *d);

/* Writes a pattern by one way and reads it by the other, and the other way
 * round; then the former contents, unless the pattern is to be kept. */
bool exercise_write(struct block_device *d, bool is_kept);

/* Prints d->problem after `what`; false. */
bool exercise_failed(const struct block_device *d, const char *what);

#endif
