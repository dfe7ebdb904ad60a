/* SPDX-License-Identifier: BSD-2-Clause */
/* The threaded seam's memory: blocks, frames of a memory file, mappings. Blocks
 * come straight from malloc(), which orders no two threads. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform.h"
#include "tests/looped/looped.h"

#define PAGE      SEAM_PAGE_SIZE
#define FIRST_PFN UINT64_C(0x100000)
#define REGIONS   512u

struct region {
    uint8_t *address; /* NULL: not in use */
    uint32_t count;
    uint64_t pfns[64];
};

static struct {
    int file;
    uint32_t lock; /* over what follows */
    uint32_t hint;
    uint8_t used[THREADS_FRAMES];
    struct region regions[REGIONS];
    uint64_t blocks, pages, mappings;
} m;

void threads_memory_create(void)
{
    memset(&m, 0, sizeof(m));
    m.file = memfd_create("threads-frames", 0);
    if (m.file < 0 || ftruncate(m.file, (off_t)THREADS_FRAMES * PAGE))
        looped_fail("no memory file");
}

bool threads_memory_is_empty(void)
{
    return !__atomic_load_n(&m.blocks, __ATOMIC_RELAXED) && !m.pages &&
           !__atomic_load_n(&m.mappings, __ATOMIC_RELAXED);
}

void threads_memory_destroy(void)
{
    close(m.file);
}

void *seam_alloc(struct seam *s, size_t size)
{
    void *block;

    (void)s;
    if (posix_memalign(&block, 16, size))
        return NULL;
    memset(block, 0, size);
    __atomic_add_fetch(&m.blocks, 1, __ATOMIC_RELAXED);
    return block;
}

void seam_free(struct seam *s, void *p, size_t size)
{
    (void)s;
    (void)size;
    if (p)
        __atomic_sub_fetch(&m.blocks, 1, __ATOMIC_RELAXED);
    free(p);
}

static uint64_t take_frame(void)
{
    for (uint32_t i = 0; i < THREADS_FRAMES; i++) {
        uint32_t frame = (m.hint + i) % THREADS_FRAMES;

        if (m.used[frame])
            continue;
        m.used[frame] = 1;
        m.hint = frame + 1;
        return FIRST_PFN + frame;
    }
    looped_fail("out of frames");
}

static void map_frame(uint8_t *at, uint64_t pfn)
{
    if (mmap(at, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, m.file,
             (off_t)((pfn - FIRST_PFN) * PAGE)) == MAP_FAILED)
        looped_fail("cannot map a frame");
}

static uint8_t *reserve(uint32_t count)
{
    uint8_t *at = mmap(NULL, (size_t)count * PAGE, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        looped_fail("no addresses");
    return at;
}

static struct region *find(const uint8_t *a)
{
    for (struct region *r = m.regions; r < m.regions + REGIONS; r++)
        if (a ? r->address && a >= r->address &&
                    a < r->address + (size_t)r->count * PAGE
              : !r->address)
            return r;
    looped_fail("no region of pages is at this address, or none is free");
}

static void passive(struct seam *s)
{
    if (seam_irql(s) != SEAM_PASSIVE)
        looped_fail("pages are for PASSIVE");
}

void *seam_pages_alloc(struct seam *s, uint32_t count, uint64_t *pfns)
{
    uint8_t *at = reserve(count);
    struct region *r;

    passive(s);
    threads_take(&m.lock);
    r = find(NULL);
    if (count > sizeof(r->pfns) / sizeof(r->pfns[0]))
        looped_fail("more pages at once than a region holds");
    r->count = count;
    r->address = at;
    /* From the last to the first: never in the order of the numbers. */
    for (uint32_t i = count; i-- > 0;) {
        r->pfns[i] = take_frame();
        map_frame(at + (size_t)i * PAGE, r->pfns[i]);
    }
    if (pfns)
        memcpy(pfns, r->pfns, count * sizeof(pfns[0]));
    m.pages += count;
    threads_give(&m.lock);
    memset(at, 0, (size_t)count * PAGE);
    return at;
}

void seam_pages_free(struct seam *s, void *pages, uint32_t count)
{
    struct region *r;

    passive(s);
    threads_take(&m.lock);
    r = find(pages);
    if (r->address != pages || r->count != count)
        looped_fail("freed pages that were not allocated so");
    for (uint32_t i = 0; i < count; i++)
        m.used[r->pfns[i] - FIRST_PFN] = 0;
    r->address = NULL;
    m.pages -= count;
    threads_give(&m.lock);
    munmap(pages, (size_t)count * PAGE);
}

uint64_t seam_pfn(struct seam *s, const void *address)
{
    const uint8_t *a = address;
    struct region *r;
    uint64_t pfn;

    (void)s;
    threads_take(&m.lock);
    r = find(a);
    pfn = r->pfns[(size_t)(a - r->address) / PAGE];
    threads_give(&m.lock);
    return pfn;
}

void *seam_map(struct seam *s, const uint64_t *pfns, uint32_t count,
               uint32_t twice_from)
{
    uint32_t all = count + (count - twice_from);
    uint8_t *at;

    passive(s);
    for (uint32_t i = 0; i < count; i++)
        if (pfns[i] < FIRST_PFN || pfns[i] >= FIRST_PFN + THREADS_FRAMES)
            return NULL;
    at = reserve(all);
    for (uint32_t i = 0; i < all; i++)
        map_frame(at + (size_t)i * PAGE,
                  pfns[i < count ? i : i - count + twice_from]);
    __atomic_add_fetch(&m.mappings, 1, __ATOMIC_RELAXED);
    return at;
}

void seam_unmap(struct seam *s, void *mapping, uint32_t count,
                uint32_t twice_from)
{
    passive(s);
    munmap(mapping, ((size_t)count + (count - twice_from)) * PAGE);
    __atomic_sub_fetch(&m.mappings, 1, __ATOMIC_RELAXED);
}
