/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The four functions of libc that vmbus/ and kmcl/ use; each platform has
 * them, and no header of its libc is needed.
 */
#ifndef VMBUS_MEMORY_H
#define VMBUS_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);

#endif
