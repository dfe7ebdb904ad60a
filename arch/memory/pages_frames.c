/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical frames: where they come from, and those that are taken without a
 * mapping. The lowest file of pages*.c; the lock and the account of frames are
 * here.
 *
 * Frames come from the firmware's memory map at start, and later from memory
 * that the host adds. Frames are lent to the host (dynamic memory) without
 * being mapped; the host returns them by number, and is not believed: which
 * ones it has is noted beside the bits of free frames.
 */
#include "arch/cpu/cpu.h"
#include "arch/cpu/invariant.h"
#include "arch/memory/pages_private.h"
#include "arch/memory/paging.h"

#define LOW_LIMIT 0x9f /* the last frame that a starting processor reaches */

struct spinlock pages_lock;
struct frames pages_ram;

static uint64_t of_image; /* frames that the image gave */

/* The last frame that is mapped, while the start maps the rest. */
static uint64_t last_mapped = FRAMES_NONE;

void pages_take_up_to(uint64_t last)
{
    last_mapped = last;
}

uint64_t pages_take_one(void)
{
    return frames_take(&pages_ram, 1, 1, last_mapped);
}

/* RAM is mapped at its physical address. */
uint64_t *pages_reach(uint64_t frame)
{
    return (uint64_t *)(uintptr_t)(frame * PAGE_SIZE);
}

/*
 * The first 2 MiB are always mapped by single pages, because page zero is not
 * mapped. So one of them can be made executable without touching its
 * neighbours. RAM can be written where it lies: nothing has to be flushed here.
 */
uint64_t pages_take_low(uint32_t count)
{
    uint8_t irql = spin_lock(&pages_lock);
    uint64_t frame = frames_take(&pages_ram, count, 1, LOW_LIMIT);

    spin_unlock(&pages_lock, irql);
    return frame == FRAMES_NONE ? 0 : frame * PAGE_SIZE;
}

void pages_give_low(uint64_t physical, uint32_t count)
{
    uint8_t irql = spin_lock(&pages_lock);

    ASSERT(frames_give(&pages_ram, physical / PAGE_SIZE, count),
           "went back twice");
    spin_unlock(&pages_lock, irql);
}

uint64_t pages_frames_take(uint64_t count, uint64_t align)
{
    uint8_t irql = spin_lock(&pages_lock);
    uint64_t frame = frames_lend(&pages_ram, count, align);

    spin_unlock(&pages_lock, irql);
    return frame;
}

bool pages_frames_give(uint64_t first, uint64_t count)
{
    uint8_t irql = spin_lock(&pages_lock);
    bool ok = frames_return(&pages_ram, first, count);

    spin_unlock(&pages_lock, irql);
    return ok;
}

/* Map first: the account of the new frames lies in them. */
uint64_t pages_frames_add(uint64_t first, uint64_t count)
{
    uint64_t usable = 0;
    uint8_t irql;

    if (first == 0 || first + count < first)
        return 0;
    irql = spin_lock(&pages_lock);
    if (paging_add_ram(first, count) == 0 &&
        frames_add_own(&pages_ram, first, count, pages_reach) == 0)
        usable = count;
    spin_unlock(&pages_lock, irql);
    return usable;
}

/* A part that cannot be added stays unused, which does no harm. */
void pages_take_over(const void *from, const void *to)
{
    uint64_t first = (uint64_t)(uintptr_t)from / PAGE_SIZE;
    uint64_t count = (uint64_t)(uintptr_t)to / PAGE_SIZE - first;
    uint8_t irql = spin_lock(&pages_lock);

    if (frames_add_own(&pages_ram, first, count, pages_reach) == 0)
        of_image += count;
    spin_unlock(&pages_lock, irql);
}

void pages_counted(struct pages_count *count)
{
    uint8_t irql = spin_lock(&pages_lock);

    count->total = pages_ram.total;
    count->free = pages_ram.free;
    count->used = pages_ram.total - pages_ram.free;
    count->of_image = of_image;
    spin_unlock(&pages_lock, irql);
}
