/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of regions, in ascending order: see frames_private.h. */
#include "arch/memory/frames_private.h"

#include <stddef.h>
#include <string.h>

uint32_t frames_table_up_to(const struct frames *f, uint64_t frame)
{
    uint32_t low = 0, high = f->regions;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (f->region[middle].first <= frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Regions that were full may have moved up: all are looked at again. */
struct frame_region *frames_table_insert(struct frames *f, uint32_t at)
{
    struct frame_region *r = &f->region[at];

    if (f->regions == f->room)
        return NULL;
    memmove(r + 1, r, sizeof(*r) * (f->regions - at));
    f->regions++;
    f->full_from = f->regions;
    return r;
}

void frames_table_remove(struct frames *f, uint32_t i)
{
    struct frame_region *r = &f->region[i];

    f->regions--;
    memmove(r, r + 1, sizeof(*r) * (f->regions - i));
    f->full_from = f->regions;
}
