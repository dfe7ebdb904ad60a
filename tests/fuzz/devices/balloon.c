/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dynamic memory with any guest: what the host has is the guest's memory, and
 * no page of it twice.
 */
#include "balloon.h"

#include <stdbool.h>
#include <stdlib.h>

#include "dynmem.h"

enum { GUEST_PAGES = 16384 };

static struct dynmem memory;

static void must(bool so)
{
    if (!so)
        abort();
}

static bool owns(struct dynmem_range r)
{
    return r.first + r.pages <= GUEST_PAGES;
}

void balloon_begin(void)
{
    memory.owns = owns;
    dynmem_reset(&memory);
}

static void check(void)
{
    uint64_t pages = 0;

    must(memory.count <= DYNMEM_RANGES);
    for (uint32_t i = 0; i < memory.count; i++) {
        must(memory.range[i].pages && owns(memory.range[i]));
        pages += memory.range[i].pages;
    }
    must(pages == memory.has && pages <= GUEST_PAGES);
}

void balloon_take(const uint8_t *m, uint32_t size)
{
    uint64_t had = memory.has, asked = memory.asked;
    struct dynmem_outcome o;

    if (dynmem_take(&memory, m, size, &o))
        must(!o.size && memory.has == had);
    must(o.size <= sizeof o.answer);
    must(memory.has <= had + asked);
    check();
}

void balloon_ask(const uint8_t *m, uint32_t size)
{
    static uint8_t out[DYNMEM_REQUEST_MAX];

    for (uint32_t i = 0; i < size; i++)
        must((m[i] ? dynmem_inflate(&memory, m[i] * 100u, out)
                   : dynmem_deflate(&memory, out)) <= sizeof out);
    check();
}
