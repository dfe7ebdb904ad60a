/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of an adapter (driver.h). All of it is allocated once, so that an
 * adapter that goes and comes back needs none, and no packet needs any.
 */
#include "drivers/network/base/driver.h"

#include <stdlib.h>

/* Pages with their MDL. False: no memory. */
static bool take_pages(uint32_t pages, uint8_t **bytes, PMDL *mdl)
{
    *bytes = vmbare_pages_alloc(pages);
    if (!*bytes)
        return false;
    *mdl = IoAllocateMdl(*bytes, pages * PAGE_SIZE_4K, FALSE, FALSE, NULL);
    if (!*mdl)
        return false;
    MmBuildMdlForNonPagedPool(*mdl);
    return true;
}

/* Gives back what was taken for one buffer. */
static void give_pages(uint32_t pages, uint8_t **bytes, PMDL *mdl)
{
    /* Also what an allocation that failed half way has left. */
    if (*mdl)
        IoFreeMdl(*mdl);
    if (*bytes)
        vmbare_pages_free(*bytes, pages);
    *bytes = NULL;
    *mdl = NULL;
}

/* Pages for frames that fit no section. */
static bool take_large(struct network_driver *d)
{
    for (uint32_t i = 0; i < LARGE_MOST; i++) {
        struct send_slot *slot = &d->sending.slots[SECTIONS_MOST + i];

        if (!take_pages(LARGE_PAGES, &slot->bytes, &slot->mdl))
            return false;
    }
    return true;
}

/* The channels, and what is told to the host of several. */
static bool take_queues(struct network_driver *d)
{
    /* Each has room for a coalesced frame of its own. */
    d->queues = calloc(d->queue_count, sizeof(*d->queues));
    for (uint32_t i = 0; d->queues && i < d->queue_count; i++) {
        d->queues[i].driver = d;
        d->queues[i].index = i;
    }
    /* With one channel nothing is told. */
    return d->queues && (d->queue_count == 1 ||
                         take_pages(1, &d->spread.page, &d->spread.mdl));
}

bool network_memory_alloc(struct network_driver *d)
{
    struct control_state *c = &d->control;

    d->receive_pages =
        d->settings.mtu > NETWORK_MTU ? RECEIVE_PAGES_JUMBO : RECEIVE_PAGES;
    d->receive = vmbare_pages_alloc(d->receive_pages);
    /* Sections need no MDL: their packets carry a number. */
    d->send = vmbare_pages_alloc(SEND_PAGES);
    return d->receive && d->send && take_queues(d) &&
           take_pages(1, &c->page, &c->mdl) &&
           take_pages(1, &c->answer_page, &c->answer_mdl) && take_large(d);
}

void network_memory_free(struct network_driver *d)
{
    struct control_state *c = &d->control;

    for (uint32_t i = 0; i < LARGE_MOST; i++) {
        struct send_slot *slot = &d->sending.slots[SECTIONS_MOST + i];

        give_pages(LARGE_PAGES, &slot->bytes, &slot->mdl);
    }
    give_pages(1, &d->spread.page, &d->spread.mdl);
    free(d->queues);
    d->queues = NULL;
    give_pages(1, &c->answer_page, &c->answer_mdl);
    give_pages(1, &c->page, &c->mdl);
    if (d->send)
        vmbare_pages_free(d->send, SEND_PAGES);
    if (d->receive)
        vmbare_pages_free(d->receive, d->receive_pages);
    d->send = d->receive = NULL;
}
