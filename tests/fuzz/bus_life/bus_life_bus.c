/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user's calls of the bus: it observes offers, reads facts, and makes
 * requests that are always refused.
 */
#include "bus_life_parts.h"

#include <stdlib.h>

static void told(void *arg, struct vmbus_channel *c)
{
    struct bus_life *l = arg;

    if (vmbus_channel_offer(c)->relid == 0)
        abort();
    l->events++;
}

void observe(struct bus_life *l)
{
    if (l->observing) {
        vmbus_bus_unobserve(l->bus, &l->observer);
    } else {
        l->observer.offered = told;
        l->observer.rescinded = told;
        l->observer.arg = l;
        vmbus_bus_observe(l->bus, &l->observer);
    }
    l->observing = !l->observing;
}

/* Makes requests that the bus always refuses. */
static void ask_for_nonsense(struct bus_life *l)
{
    static const uint64_t pfn = 1;
    const struct vmbus_pages pages[] = {
        {&pfn, VMBUS_GPADL_PAGES_MAX + 1, 0, 4096},
        {&pfn, 0, 0, 4096},
        {&pfn, 1, 4096, 1},
        {&pfn, 1, 0, 0},
        {&pfn, 1, 1, 4096},
        {&pfn, 2, 0, 4096},
    };
    const struct vmbus_open opens[] = {
        {.tx_pages = 0, .rx_pages = 1, .event = answer},
        {.tx_pages = 1, .rx_pages = 0, .event = answer},
        {.tx_pages = 1, .rx_pages = 1},
        {.tx_pages = 1, .rx_pages = 1, .event = answer, .cpu = 9},
        {.tx_pages = 8190, .rx_pages = 1, .event = answer},
    };
    uint32_t handle;

    if (!l->c)
        return;
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        if (vmbus_gpadl_create(l->c, &pages[i], &handle) == 0)
            abort();
    for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++)
        if (vmbus_channel_open(l->c, &opens[i]) == 0)
            abort();
    if (vmbus_channel_claim(l->c) == 0 ||
        vmbus_gpadl_teardown(l->c, 0xDEAD) == 0 ||
        vmbus_channel_set_cpu(l->c, 9) == 0)
        abort();
}

static void look_around(struct bus_life *l)
{
    static const struct vmbus_guid none = {{9}};
    struct vmbus_channel *c = NULL;

    while ((c = vmbus_bus_next(l->bus, c)) != NULL)
        if (vmbus_bus_find(l->bus, &none, NULL, 0) ||
            vmbus_bus_find(l->bus, NULL, &none, 0) ||
            vmbus_bus_find(l->bus, NULL, NULL, 77))
            abort();
}

void act_on_bus(struct bus_life *l, uint8_t what)
{
    if (what % 4 == 0)
        observe(l);
    else if (what % 4 == 1)
        ask_for_nonsense(l);
    else if (what % 4 == 2)
        look_around(l);
    else if (what & 4)
        l->s->fail_at = l->s->counts.allocations + 1 + (what >> 4 & 1);
    else if (l->sub)
        close_sub(l);
    else
        open_sub(l);
}
