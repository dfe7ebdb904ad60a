/* What newlib's malloc stands on. */
#ifndef ARCH_HEAP_H
#define ARCH_HEAP_H

#include <stddef.h>

/*
 * Registers who backs the heap's reserved range of addresses with memory
 * (the page allocator): grow(bytes), a multiple of 4096, makes that many
 * zeroed bytes usable directly behind those of the call before, and returns
 * the first one's address; NULL when memory or range is used up. Called at
 * DISPATCH, never by two processors at a time. Start only.
 */
void heap_set_grow(void *(*grow)(size_t bytes));

/* Bytes that malloc has taken from the range so far. */
size_t heap_size(void);

#endif
