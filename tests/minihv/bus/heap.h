/* SPDX-License-Identifier: BSD-2-Clause */
/* Allocates the host's own memory, from the reserved range in struct boot. */
#ifndef MINIHV_HEAP_H
#define MINIHV_HEAP_H

#include <stddef.h>
#include <stdint.h>

/* Gives the allocator [base, end): half for bytes, the rest for pages. */
void heap_prepare(uint64_t base, uint64_t end);

/* Returns zeroed bytes, aligned to 16, or NULL if there is no room. */
void *heap_alloc(size_t size);
void heap_free(void *p);

/* Returns zeroed, contiguous pages, or NULL if there is no room. */
void *heap_pages(uint32_t count);
void heap_pages_free(void *pages, uint32_t count);

#endif
