/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical frames: where they come from, and those that are taken without a
 * mapping. The lowest file of pages*.c; the lock and the account of frames are
 * here.
 *
 * Frames come from the firmware's memory map at start, from the memory that
 * boot services have left, and later from memory that the host adds. Frames are
 * lent to the host (dynamic memory) without being mapped; the host returns them
 * by number, and is not believed: `lent` knows which ones it has.
 */
#include "arch/cpu/cpu.h"
#include "arch/cpu/invariant.h"
#include "arch/memory/pages_private.h"
#include "arch/memory/paging.h"

#define LOW_LIMIT 0x9f /* the last frame that a starting processor reaches */

struct spinlock pages_lock;
struct frames pages_ram;

/* The range that is mapped, up to this frame; NULL once all of them are. */
static const struct frame_region *within;
static uint64_t last_mapped = FRAMES_NONE;

void pages_take_within(const struct frame_region *range, uint64_t last)
{
    within = range;
    last_mapped = last;
}

/* Of the ranges up to the last frame the highest is tried first, and that is
 * the mapped one. When it is empty a lower one must not even be looked at. */
uint64_t pages_take_one(void)
{
    if (within && !within->free)
        return FRAMES_NONE;
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
 * neighbours.
 */
uint64_t pages_take_low(enum paging_access access)
{
    uint8_t irql = spin_lock(&pages_lock);
    uint64_t frame = frames_take(&pages_ram, 1, 1, LOW_LIMIT);

    /* Rights are changed where the page lies; every processor must know. */
    if (frame != FRAMES_NONE) {
        paging_protect(frame * PAGE_SIZE, access);
        paging_flush();
    }
    spin_unlock(&pages_lock, irql);
    return frame == FRAMES_NONE ? 0 : frame * PAGE_SIZE;
}

void pages_give_low(uint64_t physical)
{
    uint8_t irql = spin_lock(&pages_lock);

    paging_protect(physical, PAGING_WRITE);
    paging_flush();
    ASSERT(frames_give(&pages_ram, physical / PAGE_SIZE, 1), "went back twice");
    spin_unlock(&pages_lock, irql);
}

/*
 * The frames that are lent, kept as those that are not free here. The host
 * names what comes back, and `pages_ram` cannot tell lent frames from our own
 * pages: neither are free there.
 *
 * Region by region as in pages_ram. A region's account is made at the first
 * lending after the region appeared: who lends nothing pays nothing. Under the
 * lock.
 */
static struct frames lent;

/* False: no memory for the bitmap of a region. */
static bool keep_account(void)
{
    while (lent.regions < pages_ram.regions) {
        const struct frame_region *r = &pages_ram.region[lent.regions];
        uint64_t pages =
            (frames_bitmap_size(r->count) + PAGE_SIZE - 1) / PAGE_SIZE;
        uint64_t at = pages ? frames_take(&pages_ram, pages, 1, FRAMES_NONE)
                            : FRAMES_NONE;

        /* Lending waits until there is memory for the account. */
        if (pages && at == FRAMES_NONE)
            return false;
        ASSERT(!frames_add(&lent, r->first, r->count,
                           pages ? pages_reach(at) : NULL),
               "a region that pages_ram has");
    }
    return true;
}

/* Both accounts change together, or neither. */
uint64_t pages_frames_take(uint64_t count, uint64_t align)
{
    uint8_t irql = spin_lock(&pages_lock);
    uint64_t frame = keep_account()
                         ? frames_take(&pages_ram, count, align, FRAMES_NONE)
                         : FRAMES_NONE;

    if (frame != FRAMES_NONE)
        ASSERT(frames_take_exact(&lent, frame, count), "lent twice");
    spin_unlock(&pages_lock, irql);
    return frame;
}

bool pages_frames_give(uint64_t first, uint64_t count)
{
    uint8_t irql = spin_lock(&pages_lock);
    bool ok = frames_give(&lent, first, count);

    /* The second account cannot refuse what the first one had lent. */
    if (ok)
        ASSERT(frames_give(&pages_ram, first, count), "lent, but free");
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

void pages_counted(struct pages_count *count)
{
    uint8_t irql = spin_lock(&pages_lock);

    count->total = pages_ram.total;
    count->free = pages_ram.free;
    count->used = pages_ram.total - pages_ram.free;
    spin_unlock(&pages_lock, irql);
}
