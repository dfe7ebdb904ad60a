/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks that were freed and that nobody may use: the last ones, in a row from
 * the oldest to the newest. */
#include "arch/heapcheck/private.h"

static struct record *oldest, *newest;
static unsigned blocks; /* how many are in it */
static size_t bytes;    /* what was asked for them */

/* For a new beginning: the table forgets the records at the same time. */
void quarantine_clear(void)
{
    oldest = newest = NULL;
    blocks = 0;
    bytes = 0;
}

/* The oldest block goes back to the heap. Whoever wrote to it after it was
 * freed is found now. */
static void let_go(struct heapcheck_fault *fault)
{
    struct record *r = oldest;

    if (fault->kind == HEAPCHECK_FINE)
        zones_check(&r->block, fault);
    oldest = r->newer;
    if (!oldest)
        newest = NULL;
    blocks--;
    bytes -= r->block.size;
    table_remove(r);
    heapcheck_memory.give(r->base);
    table_unused(r);
}

/* A block that is larger than the quarantine goes through it and comes out at
 * once. */
void quarantine_put(struct record *r, struct heapcheck_fault *fault)
{
    r->newer = NULL;
    if (newest)
        newest->newer = r;
    else
        oldest = r;
    newest = r;
    blocks++;
    bytes += r->block.size;
    while (blocks > HEAPCHECK_QUARANTINE_BLOCKS ||
           bytes > HEAPCHECK_QUARANTINE_BYTES)
        let_go(fault);
}
