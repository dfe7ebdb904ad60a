/* Whole pages: see pages.h. */
#include "pages.h"

#include <errno.h>

#include "cpu.h"
#include "frames.h"
#include "heap.h"
#include "image.h"
#include "invariant.h"
#include "irql.h"
#include "log.h"
#include "paging.h"

#define LOW_LIMIT 0x9f /* the last frame that a starting processor reaches */

/* Protects the frames, the window, and the page tables. */
static struct spinlock lock;
static struct frames ram;    /* physical frames */
static struct frames window; /* page numbers of PAGING_WINDOW */
static uint64_t window_bitmap[PAGING_WINDOW_PAGES / 64];
static uint64_t heap_end = PAGING_HEAP;

static uint64_t take_one(void)
{
    return frames_take(&ram, 1, 1, FRAMES_NONE);
}

/* RAM is mapped where it is. */
static uint64_t *reach(uint64_t frame)
{
    return (uint64_t *)(uintptr_t)(frame * PAGE_SIZE);
}

/* Page zero stays out: a frame number of 0 looks like none. */
static int add_region(const struct boot_memory_region *r)
{
    uint64_t first = r->base / PAGE_SIZE;

    if (first)
        return frames_add_own(&ram, first, r->pages, reach);
    return frames_add_own(&ram, 1, r->pages - 1, reach);
}

static void *heap_grow(size_t bytes);

static void add_regions(const struct boot_info *info,
                        enum boot_memory_kind kind)
{
    uint32_t left_out = 0;

    for (uint32_t i = 0; i < info->regions; i++) {
        if (info->region[i].kind == kind &&
            add_region(&info->region[i]) == -ENOSPC)
            left_out++;
    }
    if (left_out)
        log_printf(LOG_WARNING,
                   "arch: %u ranges of memory are not used: there is room for "
                   "%u in all",
                   left_out, FRAMES_REGIONS_MAX);
}

void pages_reclaim(const struct boot_info *info)
{
    uint8_t irql = spin_lock(&lock);

    add_regions(info, BOOT_MEMORY_SERVICES);
    spin_unlock(&lock, irql);
}

/*
 * Until our tables are loaded the firmware's are in use, and they may map
 * memory that is ours read-only (EDK2 protects its tables so): writes are
 * not checked meanwhile.
 */
int pages_setup(const struct boot_info *info)
{
    int status;

    cpu_protect_writes(false);
    add_regions(info, BOOT_MEMORY_FREE);
    /* The number of pages includes the guard behind the last piece. */
    status = frames_add(&window, PAGING_WINDOW / PAGE_SIZE + 1,
                        PAGING_WINDOW_PAGES - 1, window_bitmap);
    if (!status)
        status = paging_setup(info, take_one);
    cpu_protect_writes(true);
    heap_set_grow(heap_grow);
    return status;
}

/* Room in the window for `count` pages and the guard behind; 0: none. */
static uint64_t window_take(uint64_t count)
{
    uint64_t page = frames_take(&window, count + 1, 1, FRAMES_NONE);

    return page == FRAMES_NONE ? 0 : page * PAGE_SIZE;
}

static void window_give(uint64_t address, uint64_t count)
{
    ASSERT(frames_give(&window, address / PAGE_SIZE, count + 1),
           "this was never handed out, or went back before");
}

/* Unmaps and flushes; the frames go back where they are ours to give. */
static void take_down(uint64_t address, uint64_t count, bool give)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t frame = paging_unmap(address + i * PAGE_SIZE);

        ASSERT(frame != FRAMES_NONE, "a page of this piece is not mapped");
        if (give)
            ASSERT(frames_give(&ram, frame, 1), "a frame went back twice");
    }
    if (count)
        paging_flush();
}

/* Maps any frames; returns for how many pages there were some. */
static uint64_t map_any(uint64_t address, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t frame = take_one();

        if (frame == FRAMES_NONE)
            return i;
        if (paging_map_run(address + i * PAGE_SIZE, frame, 1, PAGING_WRITE) ==
            0) {
            frames_give(&ram, frame, 1);
            return i;
        }
    }
    return count;
}

/* Frames in a row, which go back where there is no memory for tables. */
static uint64_t map_row(uint64_t address, uint64_t base, uint64_t count)
{
    uint64_t mapped = paging_map_run(address, base, count, PAGING_WRITE);

    if (mapped < count)
        frames_give(&ram, base + mapped, count - mapped);
    return mapped;
}

/* With `base` the frames base, base+1, ...; else any: in a row if there are
 * such, as that is quicker. Returns how many pages are mapped; where that is
 * fewer, the other frames went back. */
static uint64_t map_some(uint64_t address, uint64_t base, uint64_t count)
{
    if (base == FRAMES_NONE)
        base = frames_take(&ram, count, 1, FRAMES_NONE);
    return base == FRAMES_NONE ? map_any(address, count)
                               : map_row(address, base, count);
}

/* `base` as above. NULL: all frames went back. Locked. */
static void *alloc_locked(uint32_t count, uint64_t base, uint64_t *frames)
{
    uint64_t address = window_take(count), mapped;

    if (!address) {
        if (base != FRAMES_NONE)
            frames_give(&ram, base, count);
        return NULL;
    }
    mapped = map_some(address, base, count);
    if (mapped < count) {
        take_down(address, mapped, true);
        window_give(address, count);
        return NULL;
    }
    for (uint32_t i = 0; frames && i < count; i++)
        frames[i] = pages_frame((void *)(address + i * PAGE_SIZE));
    return (void *)(uintptr_t)address;
}

static void clear(void *pages, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        page_clear((char *)pages + (size_t)i * PAGE_SIZE);
}

void *pages_alloc(uint32_t count, uint64_t *frames)
{
    void *pages;
    uint8_t irql;

    if (count == 0)
        return NULL;
    irql = spin_lock(&lock);
    pages = ram.free < count ? NULL : alloc_locked(count, FRAMES_NONE, frames);
    spin_unlock(&lock, irql);
    if (pages)
        clear(pages, count);
    return pages;
}

void *pages_alloc_contiguous(uint32_t count, uint64_t align, uint64_t limit)
{
    void *pages = NULL;
    uint64_t base;
    uint8_t irql;

    if (count == 0)
        return NULL;
    irql = spin_lock(&lock);
    base = frames_take(&ram, count, align,
                       limit ? limit / PAGE_SIZE - 1 : FRAMES_NONE);
    if (base != FRAMES_NONE)
        pages = alloc_locked(count, base, NULL);
    spin_unlock(&lock, irql);
    if (pages)
        clear(pages, count);
    return pages;
}

void pages_free(void *pages, uint32_t count)
{
    uint64_t address = (uint64_t)(uintptr_t)pages;
    uint8_t irql = spin_lock(&lock);

    take_down(address, count, true);
    window_give(address, count);
    spin_unlock(&lock, irql);
}

/* What lies below is the guard of the piece before, or the window's first
 * page, which is never handed out. */
uint64_t pages_stack(uint32_t count)
{
    uint8_t irql = spin_lock(&lock);
    void *stack = alloc_locked(count, FRAMES_NONE, NULL);

    spin_unlock(&lock, irql);
    return stack ? (uint64_t)(uintptr_t)stack + (uint64_t)count * PAGE_SIZE : 0;
}

void pages_protect(void *page, enum paging_access access)
{
    uint8_t irql = spin_lock(&lock);

    paging_protect((uint64_t)(uintptr_t)page, access);
    paging_flush();
    spin_unlock(&lock, irql);
}

uint64_t pages_frame(const void *address)
{
    uint64_t physical;

    if (!paging_translate((uint64_t)(uintptr_t)address, &physical))
        return FRAMES_NONE;
    return physical / PAGE_SIZE;
}

void *pages_map(const uint64_t *frames, uint32_t count, uint32_t twice_from)
{
    uint64_t total = (uint64_t)count + (count - twice_from);
    uint64_t address = 0;
    uint8_t irql;

    ASSERT(twice_from <= count, "twice_from is an index, or the count");
    if (count == 0)
        return NULL;
    irql = spin_lock(&lock);
    address = window_take(total);
    for (uint64_t i = 0; address && i < total; i++) {
        uint64_t frame = frames[i < count ? i : i - count + twice_from];

        if (paging_map(address + i * PAGE_SIZE, frame, PAGING_WRITE,
                       PAGING_CACHED)) {
            take_down(address, i, false);
            window_give(address, total);
            address = 0;
        }
    }
    spin_unlock(&lock, irql);
    return (void *)(uintptr_t)address;
}

void pages_unmap(void *mapping, uint32_t count, uint32_t twice_from)
{
    uint64_t total = (uint64_t)count + (count - twice_from);
    uint64_t address = (uint64_t)(uintptr_t)mapping;
    uint8_t irql = spin_lock(&lock);

    take_down(address, total, false);
    window_give(address, total);
    spin_unlock(&lock, irql);
}

static void *map_physical(uint64_t physical, uint64_t size,
                          enum paging_cache cache)
{
    uint64_t offset = physical % PAGE_SIZE;
    uint64_t count = (offset + size + PAGE_SIZE - 1) / PAGE_SIZE;
    uint8_t irql = spin_lock(&lock);
    uint64_t address = window_take(count);

    for (uint64_t i = 0; address && i < count; i++) {
        if (paging_map(address + i * PAGE_SIZE, physical / PAGE_SIZE + i,
                       PAGING_WRITE, cache)) {
            take_down(address, i, false);
            window_give(address, count);
            address = 0;
        }
    }
    spin_unlock(&lock, irql);
    return address ? (void *)(uintptr_t)(address + offset) : NULL;
}

void *pages_map_device(uint64_t physical, uint64_t size)
{
    return map_physical(physical, size, PAGING_UNCACHED);
}

void *pages_map_framebuffer(uint64_t physical, uint64_t size)
{
    return map_physical(physical, size, PAGING_COMBINING);
}

/* The first 2 MiB are always mapped by single pages, because page zero is
 * not: one of them can be made executable without touching its neighbours. */
uint64_t pages_take_low(enum paging_access access)
{
    uint8_t irql = spin_lock(&lock);
    uint64_t frame = frames_take(&ram, 1, 1, LOW_LIMIT);

    if (frame != FRAMES_NONE) {
        paging_protect(frame * PAGE_SIZE, access);
        paging_flush();
    }
    spin_unlock(&lock, irql);
    return frame == FRAMES_NONE ? 0 : frame * PAGE_SIZE;
}

void pages_give_low(uint64_t physical)
{
    uint8_t irql = spin_lock(&lock);

    paging_protect(physical, PAGING_WRITE);
    paging_flush();
    ASSERT(frames_give(&ram, physical / PAGE_SIZE, 1), "went back twice");
    spin_unlock(&lock, irql);
}

uint64_t pages_frames_take(uint64_t count, uint64_t align)
{
    uint8_t irql = spin_lock(&lock);
    uint64_t frame = frames_take(&ram, count, align, FRAMES_NONE);

    spin_unlock(&lock, irql);
    return frame;
}

bool pages_frames_give(uint64_t first, uint64_t count)
{
    uint8_t irql = spin_lock(&lock);
    bool ok = frames_give(&ram, first, count);

    spin_unlock(&lock, irql);
    return ok;
}

uint64_t pages_frames_add(uint64_t first, uint64_t count)
{
    uint64_t usable = 0;
    uint8_t irql;

    if (first == 0 || first + count < first)
        return 0;
    irql = spin_lock(&lock);
    if (paging_add_ram(first, count) == 0 &&
        frames_add_own(&ram, first, count, reach) == 0)
        usable = count;
    spin_unlock(&lock, irql);
    return usable;
}

void pages_counted(struct pages_count *count)
{
    uint8_t irql = spin_lock(&lock);

    count->total = ram.total;
    count->free = ram.free;
    count->used = ram.total - ram.free;
    spin_unlock(&lock, irql);
}

/* malloc's memory comes in the order of its addresses, all of a piece or
 * not at all. */
static void *heap_grow(size_t bytes)
{
    uint64_t start = heap_end, count = bytes / PAGE_SIZE, mapped;
    uint8_t irql = spin_lock(&lock);

    mapped = map_some(start, FRAMES_NONE, count);
    if (mapped == count)
        heap_end = start + bytes;
    else
        take_down(start, mapped, true);
    spin_unlock(&lock, irql);
    if (mapped < count)
        return NULL;
    clear((void *)(uintptr_t)start, (uint32_t)count);
    return (void *)(uintptr_t)start;
}
