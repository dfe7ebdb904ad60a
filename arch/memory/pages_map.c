/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mappings of frames that belong to somebody else, and of devices.
 *
 * A ring of a channel is mapped with its data twice, one after the other. So a
 * packet that wraps around the end of the ring has contiguous addresses, and no
 * code has to copy it in two pieces.
 */
#include "arch/cpu/cpu.h"
#include "arch/cpu/invariant.h"
#include "arch/memory/pages_private.h"
#include "arch/memory/paging.h"

/* Whatever was mapped is taken down again when one page cannot be mapped; the
 * frames are not ours to give. */
void *pages_map(const uint64_t *frames, uint32_t count, uint32_t twice_from)
{
    uint64_t total = (uint64_t)count + (count - twice_from);
    uint64_t address = 0;
    uint8_t irql;

    ASSERT(twice_from <= count, "twice_from is an index, or the count");
    if (count == 0)
        return NULL;
    irql = spin_lock(&pages_lock);
    address = pages_window_take(total);
    for (uint64_t i = 0; address && i < total; i++) {
        /* After the last frame the list goes on at `twice_from`. */
        uint64_t frame = frames[i < count ? i : i - count + twice_from];

        if (paging_map(address + i * PAGE_SIZE, frame, PAGING_WRITE,
                       PAGING_CACHED)) {
            pages_take_down(address, i, false);
            pages_window_give(address, total);
            address = 0;
        }
    }
    spin_unlock(&pages_lock, irql);
    return (void *)(uintptr_t)address;
}

/* As many pages as pages_map() mapped: some frames twice. */
void pages_unmap(void *mapping, uint32_t count, uint32_t twice_from)
{
    uint64_t total = (uint64_t)count + (count - twice_from);
    uint64_t address = (uint64_t)(uintptr_t)mapping;
    uint8_t irql = spin_lock(&pages_lock);

    pages_take_down(address, total, false);
    pages_window_give(address, total);
    spin_unlock(&pages_lock, irql);
}

/* From the page that the first byte lies in to the page of the last byte. */
static void *map_physical(uint64_t physical, uint64_t size,
                          enum paging_cache cache)
{
    uint64_t offset = physical % PAGE_SIZE;
    uint64_t count = (offset + size + PAGE_SIZE - 1) / PAGE_SIZE;
    uint8_t irql = spin_lock(&pages_lock);
    uint64_t address = pages_window_take(count);

    for (uint64_t i = 0; address && i < count; i++) {
        if (paging_map(address + i * PAGE_SIZE, physical / PAGE_SIZE + i,
                       PAGING_WRITE, cache)) {
            pages_take_down(address, i, false);
            pages_window_give(address, count);
            address = 0;
        }
    }
    spin_unlock(&pages_lock, irql);
    return address ? (void *)(uintptr_t)(address + offset) : NULL;
}

/* Uncached: each access must reach the device, in order. */
void *pages_map_device(uint64_t physical, uint64_t size)
{
    return map_physical(physical, size, PAGING_UNCACHED);
}

/* Write-combining: stores are collected to whole lines, which is many times
 * faster than one by one. */
void *pages_map_framebuffer(uint64_t physical, uint64_t size)
{
    return map_physical(physical, size, PAGING_COMBINING);
}
