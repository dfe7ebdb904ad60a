/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks from their allocation until they are freed: see heapcheck.h.
 *
 *     allocate        free                 257 later frees, or 1 MiB
 *        |             |                      |
 *        | in use      | in quarantine        | given back, forgotten
 *        | zones kept  | zones, bytes kept    |
 *
 * What is said of a block comes from its record, never from its own memory,
 * which the mistake that is looked for may have overwritten.
 */
#include "arch/heapcheck/private.h"

#include <string.h>

static uint64_t allocations; /* numbers blocks in the order of their making */

/* Records of an earlier beginning stay with whoever gave their memory. */
void heapcheck_start(const struct heapcheck_memory *memory)
{
    heapcheck_memory = *memory;
    allocations = 0;
    table_clear();
    quarantine_clear();
}

/* Bytes that hold a block, its zones and what its alignment skips; 0: more than
 * there can be. */
static size_t whole_size(size_t size, size_t align)
{
    size_t around = 2 * HEAPCHECK_ZONE + align;

    if (align > PTRDIFF_MAX / 2 || size > PTRDIFF_MAX / 2 - around)
        return 0;
    return size + around;
}

/* The next multiple of `align`, a power of two, at or behind an address. */
static uint8_t *align_up(uint8_t *address, size_t align)
{
    return address + (0 - (uintptr_t)address) % align;
}

/* The record comes first: without one there could be no check later. The zones
 * are filled last, because the block's own bytes lie between them. */
void *heapcheck_allocate(size_t size, size_t align, enum heapcheck_owner owner,
                         const struct heapcheck_call *call)
{
    size_t whole = whole_size(size, align);
    struct record *r = whole ? table_new() : NULL;

    if (!r)
        return NULL;
    r->base = heapcheck_memory.take(whole);
    if (!r->base) {
        table_unused(r);
        return NULL;
    }
    r->block = (struct heapcheck_block){
        .address = align_up((uint8_t *)r->base + HEAPCHECK_ZONE, align),
        .size = size,
        .number = ++allocations,
        .owner = owner,
        .allocated = *call,
    };
    memset(r->block.address, HEAPCHECK_FILL_NEW, size);
    zones_fill(&r->block);
    table_add(r);
    return r->block.address;
}

/* No block begins there; does it point into one? All records are looked at,
 * which takes long, but the program is about to end. */
static void find_around(const void *pointer, struct heapcheck_fault *fault)
{
    const struct record *r = NULL;

    fault->kind = HEAPCHECK_FOREIGN;
    while ((r = table_next(r)) != NULL) {
        uintptr_t at = (uintptr_t)pointer, from = (uintptr_t)r->block.address;

        /* As unsigned, so that an address before the block is far away. */
        if (at - from >= r->block.size)
            continue;
        fault->kind = HEAPCHECK_INSIDE;
        fault->has_block = true;
        fault->block = r->block;
        fault->offset = (ptrdiff_t)(at - from);
        return;
    }
}

/* The record of a block that is not freed and has not been damaged; NULL: there
 * is none, and `fault` says why. */
static struct record *examine(void *block, const struct heapcheck_call *call,
                              struct heapcheck_fault *fault)
{
    struct record *r = table_find(block);

    *fault = (struct heapcheck_fault){.pointer = block, .now = *call};
    /* Is it a block at all? */
    if (!r) {
        find_around(block, fault);
        return NULL;
    }
    /* Is it still the caller's? */
    if (r->block.freed.name) {
        fault->kind = HEAPCHECK_FREED_TWICE;
        fault->has_block = true;
        fault->block = r->block;
        return NULL;
    }
    /* Has nobody written past it? */
    return zones_check(&r->block, fault) == HEAPCHECK_FINE ? r : NULL;
}

/* From here on only the quarantine knows the block: it stays in the table, so
 * that a second free finds it, and its bytes show whoever still uses them. */
void heapcheck_free(void *block, const struct heapcheck_call *call,
                    struct heapcheck_fault *fault)
{
    struct record *r;

    fault->kind = HEAPCHECK_FINE;
    if (!block)
        return;
    r = examine(block, call, fault);
    if (!r)
        return;
    r->block.freed = *call;
    memset(r->block.address, HEAPCHECK_FILL_FREED, r->block.size);
    quarantine_put(r, fault);
}

/* Whoever asks is about to read the block, so it is checked as for a free. */
void heapcheck_look(void *block, size_t *size,
                    const struct heapcheck_call *call,
                    struct heapcheck_fault *fault)
{
    struct record *r = examine(block, call, fault);

    *size = r ? r->block.size : 0;
}

/* Of several mistakes the first one is told; the others may come from it. */
void heapcheck_all(const struct heapcheck_call *call,
                   struct heapcheck_fault *fault)
{
    const struct record *r = NULL;

    *fault = (struct heapcheck_fault){.now = *call};
    while (fault->kind == HEAPCHECK_FINE && (r = table_next(r)) != NULL)
        zones_check(&r->block, fault);
}
