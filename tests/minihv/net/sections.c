/* SPDX-License-Identifier: BSD-2-Clause */
/* The free lists of sections.h. */
#include "sections.h"

#include <stddef.h>

/* A section beyond the buffer's end belongs to a buffer that is gone. */
static void push(struct sections *s, struct section *one)
{
    enum sections_kind kind = one->index < SECTIONS_CONTROL
                                  ? SECTIONS_FOR_CONTROL
                                  : SECTIONS_FOR_DATA;

    if (one->index >= s->count)
        return;
    one->next = s->free[kind];
    s->free[kind] = one;
}

void sections_fill(struct sections *s, uint32_t count)
{
    s->free[SECTIONS_FOR_DATA] = s->free[SECTIONS_FOR_CONTROL] = NULL;
    s->count = count;
    for (uint32_t i = count; i--;) {
        s->all[i].index = i;
        /* The guest still has it: it is free when it comes back. */
        if (!s->all[i].busy)
            push(s, &s->all[i]);
    }
}

struct section *sections_take(struct sections *s, enum sections_kind kind,
                              uint32_t count)
{
    struct section *first = s->free[kind], *last = first;

    for (uint32_t i = 1; last && i < count; i++)
        last = last->next;
    if (!last)
        return NULL;
    s->free[kind] = last->next;
    last->next = NULL;
    for (struct section *one = first; one; one = one->next)
        one->busy = true;
    return first;
}

void sections_give_back(struct sections *s, struct section *chain)
{
    while (chain) {
        struct section *next = chain->next;

        chain->busy = false;
        push(s, chain);
        chain = next;
    }
}
