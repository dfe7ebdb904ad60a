/* SPDX-License-Identifier: BSD-2-Clause */
/* The blocks that nobody has freed. */
#include "arch/heapcheck/private.h"

/* Larger; of two that are as large, older. */
static bool comes_first(const struct heapcheck_block *a,
                        const struct heapcheck_block *b)
{
    return a->size != b->size ? a->size > b->size : a->number < b->number;
}

/* Puts a block into the list of the largest, in order. */
static void rank(struct heapcheck_leaks *leaks,
                 const struct heapcheck_block *block)
{
    unsigned at = leaks->count;

    if (leaks->count < HEAPCHECK_LARGEST)
        leaks->count++;
    else if (comes_first(block, &leaks->largest[--at]))
        ; /* the last one goes */
    else
        return;
    for (; at > 0 && comes_first(block, &leaks->largest[at - 1]); at--)
        leaks->largest[at] = leaks->largest[at - 1];
    leaks->largest[at] = *block;
}

/* What is in quarantine was freed, and what is the system's stays until the
 * machine ends. */
void heapcheck_leaks(struct heapcheck_leaks *leaks)
{
    const struct record *r = NULL;

    *leaks = (struct heapcheck_leaks){0};
    while ((r = table_next(r)) != NULL) {
        if (r->block.freed.name || r->block.owner != HEAPCHECK_APPLICATION)
            continue;
        leaks->blocks++;
        leaks->bytes += r->block.size;
        rank(leaks, &r->block);
    }
}
