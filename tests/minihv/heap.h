/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of the host's own, from the reserved range in struct boot. */
#ifndef MINIHV_HEAP_H
#define MINIHV_HEAP_H

#include <stddef.h>
#include <stdint.h>

/* Takes over [base, end): the first half for bytes, the rest for pages. */
void heap_prepare(uint64_t base, uint64_t end);

/* Zeroed, aligned to 16; NULL: none. */
void *heap_alloc(size_t size);
void heap_free(void *p);

/* Zeroed, contiguous. */
void *heap_pages(uint32_t count);
void heap_pages_free(void *pages, uint32_t count);

#endif
