/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The records of all blocks, in lists that a block's address selects. They lie
 * in memory of their own, which nobody has a pointer to: a write past a block
 * does not reach them.
 */
#include "arch/heapcheck/private.h"

#include <string.h>

#define LISTS  4096u /* a power of two */
#define CHUNK  (64u * 1024u)
#define FACTOR 0x9e3779b97f4a7c15u /* 2^64 divided by the golden ratio */

struct heapcheck_memory heapcheck_memory;

static struct record *lists[LISTS];
static struct record *unused; /* made by refill(), in no list of the table */

/* The memory of the records is not given back: nobody can take it. */
void table_clear(void)
{
    memset(lists, 0, sizeof(lists));
    unused = NULL;
}

/* Blocks are 16 bytes apart at least; the product's upper bits depend on all
 * bits of the address. */
static unsigned list_of(const void *address)
{
    return (unsigned)(((uintptr_t)address >> 4) * FACTOR >> 52);
}

_Static_assert(LISTS == 1u << (64 - 52), "list_of() gives all lists");

/* More records, from memory that the heap's users do not write to. */
static void refill(void)
{
    struct record *chunk = heapcheck_memory.records(CHUNK);

    for (unsigned i = 0; chunk && i < CHUNK / sizeof(*chunk); i++)
        table_unused(&chunk[i]);
}

/* The content is left from before; the caller sets all of it. */
struct record *table_new(void)
{
    struct record *r;

    if (!unused)
        refill();
    r = unused;
    if (r)
        unused = r->next;
    return r;
}

void table_unused(struct record *r)
{
    r->next = unused;
    unused = r;
}

/* In front: a young block is freed soonest. */
void table_add(struct record *r)
{
    struct record **list = &lists[list_of(r->block.address)];

    r->next = *list;
    *list = r;
}

/* It must be there: the loop has no other end. */
void table_remove(struct record *r)
{
    struct record **at = &lists[list_of(r->block.address)];

    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
}

/* A list is short: with 4,096 of them 40,000 blocks are ten in each. */
struct record *table_find(const void *address)
{
    struct record *r = lists[list_of(address)];

    while (r && r->block.address != address)
        r = r->next;
    return r;
}

/* List by list; within a list from the youngest block to the oldest. */
struct record *table_next(const struct record *r)
{
    unsigned list = 0;

    if (r) {
        if (r->next)
            return r->next;
        list = list_of(r->block.address) + 1;
    }
    for (; list < LISTS; list++) {
        if (lists[list])
            return lists[list];
    }
    return NULL;
}
