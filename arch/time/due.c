/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pairing heap: see due.h. Each one is due no earlier than its parent, so the
 * first of all is the root.
 */
#include "arch/time/due.h"

#include <stddef.h>

static void point(struct due **back, struct due *d)
{
    *back = d;
    if (d)
        d->back = back;
}

/* Two heaps become one: the later root becomes a child of the earlier one. */
static struct due *merge(struct due *a, struct due *b)
{
    struct due *first = b->at < a->at ? b : a;
    struct due *later = first == a ? b : a;

    point(&later->next, first->child);
    point(&first->child, later);
    first->next = NULL;
    return first;
}

/* Children become one heap: in pairs from the first on, and then pair by pair.
 * Without the pairs, taking out the first would cost as much as looking at all
 * of them, every time. */
static struct due *merge_all(struct due *child)
{
    struct due *pairs = NULL, *all = NULL;

    while (child) {
        struct due *a = child, *b = child->next;

        child = b ? b->next : NULL;
        if (b)
            a = merge(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs) {
        struct due *next = pairs->next;

        all = all ? merge(pairs, all) : pairs;
        pairs = next;
    }
    return all;
}

void due_add(struct due **heap, struct due *d)
{
    d->child = d->next = NULL;
    point(heap, *heap ? merge(*heap, d) : d);
}

/* Its children come back as a heap of their own. */
void due_remove(struct due **heap, struct due *d)
{
    struct due *children = merge_all(d->child);

    point(d->back, d->next);
    if (children)
        point(heap, *heap ? merge(*heap, children) : children);
}
