/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosted seam's memory: blocks, frames of a memory file, mappings. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "hosted_private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE SEAM_PAGE_SIZE

/* In front of each block of seam_alloc; keeps what follows aligned to 16. */
struct hosted_block {
    struct hosted_block *next;
    struct hosted_block **from;
    size_t size;
    uint64_t magic;
};

#define MAGIC UINT64_C(0x6b636f6c62646574)

struct hosted_pages {
    struct hosted_pages *next;
    uint8_t *address;
    uint32_t count;
    uint64_t pfns[];
};

void hosted_memory_create(struct seam *s)
{
    size_t size = (size_t)HOSTED_FRAMES * PAGE;

    s->memory = memfd_create("hosted-frames", 0);
    if (s->memory < 0 || ftruncate(s->memory, (off_t)size) != 0)
        hosted_fail(s, "no memory file");
    s->frames =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, s->memory, 0);
    s->frame_used = calloc(HOSTED_FRAMES, 1);
    if (s->frames == MAP_FAILED || !s->frame_used)
        hosted_fail(s, "no frames");
}

void hosted_memory_destroy(struct seam *s)
{
    /* What was leaked on purpose. */
    while (s->pages) {
        struct hosted_pages *p = s->pages;

        s->pages = p->next;
        munmap(p->address, (size_t)p->count * PAGE);
        free(p);
    }
    munmap(s->frames, (size_t)HOSTED_FRAMES * PAGE);
    free(s->frame_used);
    close(s->memory);
}

void hosted_memory_abandon(struct seam *s)
{
    while (s->blocks) {
        struct hosted_block *b = s->blocks;

        s->blocks = b->next;
        free(b);
    }
    s->counts.blocks = 0;
    s->counts.bytes = 0;
    s->counts.pages = 0;
    s->counts.mappings = 0;
}

/* Counts an allocation; true: this one is to fail. */
static bool fails(struct seam *s)
{
    uint64_t n = ++s->counts.allocations;
    bool now =
        s->fail_at && (n == s->fail_at || (s->fail_for_good && n > s->fail_at));

    s->counts.failed += now;
    return now;
}

void *seam_alloc(struct seam *s, size_t size)
{
    struct hosted_block *b;
    void *block;

    if (s->on_alloc)
        s->on_alloc(s);
    if (fails(s))
        return NULL;
    /* Not a byte more than asked for: AddressSanitizer watches its end. */
    if (posix_memalign(&block, 16, sizeof(*b) + size))
        return NULL;
    b = block;
    memset(b, 0, sizeof(*b) + size);
    b->size = size;
    b->magic = MAGIC;
    b->next = s->blocks;
    b->from = &s->blocks;
    if (b->next)
        b->next->from = &b->next;
    s->blocks = b;
    s->counts.blocks++;
    s->counts.bytes += size;
    return b + 1;
}

void seam_free(struct seam *s, void *p, size_t size)
{
    struct hosted_block *b = (struct hosted_block *)p - 1;

    if (!p || b->magic != MAGIC || b->size != size)
        hosted_fail(s, "freed with another size than allocated");
    *b->from = b->next;
    if (b->next)
        b->next->from = b->from;
    b->magic = 0;
    s->counts.blocks--;
    s->counts.bytes -= size;
    free(b);
}

/* ---- frames ------------------------------------------------------------- */

static uint32_t take_frame(struct seam *s)
{
    for (uint32_t i = 0; i < HOSTED_FRAMES; i++) {
        uint32_t frame = (s->frame_hint + i) % HOSTED_FRAMES;

        if (!s->frame_used[frame]) {
            s->frame_used[frame] = 1;
            s->frame_hint = frame + 1;
            memset(s->frames + (size_t)frame * PAGE, 0, PAGE);
            return frame;
        }
    }
    hosted_fail(s, "out of frames");
}

static void map_frame(struct seam *s, uint8_t *at, uint64_t pfn)
{
    off_t offset = (off_t)((pfn - HOSTED_FIRST_PFN) * PAGE);

    if (mmap(at, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
             s->memory, offset) == MAP_FAILED)
        hosted_fail(s, "cannot map a frame");
}

static uint8_t *reserve(struct seam *s, uint32_t count)
{
    uint8_t *at = mmap(NULL, (size_t)count * PAGE, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        hosted_fail(s, "no addresses");
    return at;
}

void *seam_pages_alloc(struct seam *s, uint32_t count, uint64_t *pfns)
{
    struct hosted_pages *p;

    if (s->irql != SEAM_PASSIVE)
        hosted_fail(s, "seam_pages_alloc above PASSIVE");
    if (count == 0 || fails(s))
        return NULL;
    p = calloc(1, sizeof(*p) + count * sizeof(uint64_t));
    if (!p)
        hosted_fail(s, "no memory");
    p->count = count;
    p->address = reserve(s, count);
    /* From the last to the first: never in the order of the numbers. */
    for (uint32_t i = count; i-- > 0;) {
        p->pfns[i] = HOSTED_FIRST_PFN + take_frame(s);
        map_frame(s, p->address + (size_t)i * PAGE, p->pfns[i]);
    }
    if (pfns)
        memcpy(pfns, p->pfns, count * sizeof(uint64_t));
    p->next = s->pages;
    s->pages = p;
    s->counts.pages += count;
    return p->address;
}

void seam_pages_free(struct seam *s, void *pages, uint32_t count)
{
    struct hosted_pages **at = &s->pages, *p;

    if (s->irql != SEAM_PASSIVE)
        hosted_fail(s, "seam_pages_free above PASSIVE");
    while (*at && (*at)->address != pages)
        at = &(*at)->next;
    p = *at;
    if (!p || p->count != count)
        hosted_fail(s, "freed pages that were not allocated so");
    *at = p->next;
    for (uint32_t i = 0; i < count; i++)
        s->frame_used[p->pfns[i] - HOSTED_FIRST_PFN] = 0;
    munmap(p->address, (size_t)count * PAGE);
    s->counts.pages -= count;
    free(p);
}

uint64_t seam_pfn(struct seam *s, const void *address)
{
    const uint8_t *a = address;

    for (const struct hosted_pages *p = s->pages; p; p = p->next)
        if (a >= p->address && a < p->address + (size_t)p->count * PAGE)
            return p->pfns[(size_t)(a - p->address) / PAGE];
    hosted_fail(s, "seam_pfn of an address that is no page of ours");
}

void *hosted_frame(struct seam *s, uint64_t pfn)
{
    uint64_t frame = pfn - HOSTED_FIRST_PFN;

    if (pfn < HOSTED_FIRST_PFN || frame >= HOSTED_FRAMES ||
        !s->frame_used[frame])
        return NULL;
    return s->frames + frame * PAGE;
}

/* ---- mappings ----------------------------------------------------------- */

void *seam_map(struct seam *s, const uint64_t *pfns, uint32_t count,
               uint32_t twice_from)
{
    uint32_t all = count + (count - twice_from);
    uint8_t *at;

    if (s->irql != SEAM_PASSIVE)
        hosted_fail(s, "seam_map above PASSIVE");
    if (count == 0 || twice_from > count)
        hosted_fail(s, "seam_map of nothing");
    if (fails(s) || s->no_maps)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        if (!hosted_frame(s, pfns[i]))
            return NULL;
    at = reserve(s, all);
    for (uint32_t i = 0; i < all; i++)
        map_frame(s, at + (size_t)i * PAGE,
                  pfns[i < count ? i : i - count + twice_from]);
    s->counts.mappings++;
    return at;
}

void seam_unmap(struct seam *s, void *mapping, uint32_t count,
                uint32_t twice_from)
{
    if (s->irql != SEAM_PASSIVE)
        hosted_fail(s, "seam_unmap above PASSIVE");
    munmap(mapping, ((size_t)count + (count - twice_from)) * PAGE);
    s->counts.mappings--;
}
