/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two first-fit allocators: one of bytes, with a header before each block, and
 * one of pages, with a state byte for each page. Only the processor of the host
 * half allocates, but an open and a signal may do so at once, so there is a
 * lock.
 */
#include "heap.h"
#include "minihv.h"

struct block {
    size_t size; /* of what follows the header */
    uint64_t is_free;
};
_Static_assert(sizeof(struct block) == 16, "keeps the alignment");

enum { PAGES_MAX = 8192 };

static struct spinlock lock;
static uint8_t *first, *last; /* range of the byte allocator */
static uint8_t *pages;
static uint32_t page_count;
static uint8_t page_taken[PAGES_MAX];

void heap_prepare(uint64_t base, uint64_t end)
{
    uint64_t middle = base + (end - base) / 2 / PAGE_SIZE * PAGE_SIZE;
    struct block *b = (struct block *)base;

    first = (uint8_t *)base;
    last = pages = (uint8_t *)middle;
    page_count = (uint32_t)((end - middle) / PAGE_SIZE);
    if (page_count > PAGES_MAX)
        page_count = PAGES_MAX;
    *b = (struct block){(size_t)(last - first) - sizeof *b, 1};
}

static struct block *following(struct block *b)
{
    return (struct block *)((uint8_t *)(b + 1) + b->size);
}

static void join(struct block *b)
{
    struct block *n = following(b);

    while ((uint8_t *)n < last && n->is_free) {
        b->size += sizeof *n + n->size;
        n = following(b);
    }
}

static void cut(struct block *b, size_t size)
{
    size_t left = b->size - size;

    if (left < 2 * sizeof *b)
        return;
    b->size = size;
    *following(b) = (struct block){left - sizeof *b, 1};
}

void *heap_alloc(size_t size)
{
    struct block *b;
    void *found = NULL;

    size = (size + 15) & ~(size_t)15;
    spin_lock(&lock);
    for (b = (struct block *)first; (uint8_t *)b < last; b = following(b)) {
        if (!b->is_free)
            continue;
        join(b);
        if (b->size < size)
            continue;
        cut(b, size);
        b->is_free = 0;
        found = b + 1;
        break;
    }
    spin_unlock(&lock);
    return found ? memset(found, 0, size) : NULL;
}

void heap_free(void *p)
{
    if (!p)
        return;
    spin_lock(&lock);
    ((struct block *)p - 1)->is_free = 1;
    spin_unlock(&lock);
}

static uint32_t find_pages(uint32_t count)
{
    uint32_t run = 0;

    for (uint32_t i = 0; i < page_count; i++) {
        run = page_taken[i] ? 0 : run + 1;
        if (run == count)
            return i + 1 - count;
    }
    return page_count;
}

void *heap_pages(uint32_t count)
{
    uint32_t at;

    spin_lock(&lock);
    at = find_pages(count);
    if (at < page_count)
        memset(page_taken + at, 1, count);
    spin_unlock(&lock);
    if (at == page_count)
        return NULL;
    return memset(pages + (size_t)at * PAGE_SIZE, 0, (size_t)count * PAGE_SIZE);
}

void heap_pages_free(void *p, uint32_t count)
{
    size_t at = (size_t)((uint8_t *)p - pages) / PAGE_SIZE;

    spin_lock(&lock);
    memset(page_taken + at, 0, count);
    spin_unlock(&lock);
}
