/* SPDX-License-Identifier: BSD-2-Clause */
/* What newlib's malloc stands on. */
#ifndef ARCH_HEAP_H
#define ARCH_HEAP_H

#include <stddef.h>

/**
 * Register who backs the heap's range of addresses with memory (arch/memory).
 * At start only.
 *
 * @grow  grow(bytes), a multiple of 4096, makes that many bytes usable directly
 *        behind those of the call before, and returns the address of the first
 *        one; what they hold does not matter. NULL when memory or addresses are
 *        used up. Called at DISPATCH, never by two processors at a time.
 */
void heap_set_grow(void *(*grow)(size_t bytes));

#endif
