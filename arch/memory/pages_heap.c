/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory behind malloc: see pages.h. A range of addresses of its own, grown
 * upwards and never shrunk. */
#include "arch/cpu/cpu.h"
#include "arch/memory/pages_private.h"
#include "arch/memory/paging.h"

static uint64_t heap_end = PAGING_HEAP;

/* malloc's memory comes in the order of its addresses. A step comes whole or
 * not at all, because malloc takes everything up to the end to be usable. It is
 * not zeroed: calloc does that for what it returns. */
void *pages_heap_grow(size_t bytes)
{
    uint64_t start = heap_end, count = bytes / PAGE_SIZE, mapped;
    uint8_t irql = spin_lock(&pages_lock);

    mapped = pages_map_some(start, count);
    if (mapped == count)
        heap_end = start + bytes;
    else
        pages_take_down(start, mapped, true);
    spin_unlock(&pages_lock, irql);
    return mapped < count ? NULL : (void *)(uintptr_t)start;
}
