/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The four functions of libc that vmbus/ and kmcl/ use; each platform has
 * them, and no header of its libc is needed.
 */
#ifndef VMBUS_MEMORY_H
#define VMBUS_MEMORY_H

#include <stddef.h>

/** Copy `size` bytes; the areas do not overlap. Returns `to`. */
void *memcpy(void *restrict to, const void *restrict from, size_t size);
/** Copy `size` bytes; the areas may overlap. Returns `to`. */
void *memmove(void *to, const void *from, size_t size);
/** Set `size` bytes to `value`. Returns `to`. */
void *memset(void *to, int value, size_t size);
/** Compare `size` bytes: 0 if they are the same. */
int memcmp(const void *a, const void *b, size_t size);

#endif
