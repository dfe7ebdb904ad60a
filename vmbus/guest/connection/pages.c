/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pages that a connection shares with the host: the interrupt page and, if
 * the configuration allows them, two monitor pages.
 */
#include "vmbus/guest/connection/connection.h"

/* A signal is a few instructions on another processor. */
#define SIGNAL_TIMEOUT SEAM_S

/* All or none. */
int vmbus_connection_pages_alloc(struct vmbus_bus *bus)
{
    bus->interrupt_page = seam_pages_alloc(bus->seam, 1, &bus->interrupt_pfn);
    if (!bus->interrupt_page)
        return -ENOMEM;
    bus->pages = PAGES_SHARED;
    __atomic_fetch_and(&bus->page_users, ~PAGES_CLOSED, __ATOMIC_SEQ_CST);
    if (bus->config.no_monitor)
        return 0;
    /* The host writes the first, the guest the second. */
    bus->monitor_pages = seam_pages_alloc(bus->seam, 2, bus->monitor_pfns);
    if (bus->monitor_pages)
        return 0;
    seam_pages_free(bus->seam, bus->interrupt_page, 1);
    bus->interrupt_page = NULL;
    bus->pages = PAGES_NONE;
    return -ENOMEM;
}

/* Nobody writes the pages, and nobody begins to any more. */
static bool unused(void *arg)
{
    struct vmbus_bus *bus = arg;

    return __atomic_or_fetch(&bus->page_users, PAGES_CLOSED,
                             __ATOMIC_SEQ_CST) == PAGES_CLOSED;
}

/* The host confirmed that it has let go. */
static void free_pages(struct vmbus_bus *bus)
{
    if (bus->monitor_pages)
        seam_pages_free(bus->seam, bus->monitor_pages, 2);
    seam_pages_free(bus->seam, bus->interrupt_page, 1);
}

/* The host did not confirm that it has let go: it may write them for ever. */
static void leak_pages(struct vmbus_bus *bus)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);

    vmbus_locked_leak(bus, bus->monitor_pages ? 3 : 1, "the connection");
    seam_unlock(bus->seam, &bus->lock, irql);
}

void vmbus_connection_pages_settle(struct op *op)
{
    struct vmbus_bus *bus = op->owner;

    /* A connect that succeeded keeps them; the unload that ends it comes here
     * again. Where an unload has ended a connect, both come here, and the last
     * one settles: the wait below lets the other one run. */
    if (bus->state != BUS_DISCONNECTED || bus->pages == PAGES_NONE ||
        bus->connect_op.state != OP_IDLE || bus->unload_op.state != OP_IDLE)
        return;
    /* A signal on another processor may be about to write them. One that does
     * not end keeps them. */
    if (seam_wait(bus->seam, unused, bus, seam_now(bus->seam) + SIGNAL_TIMEOUT,
                  "the last signal by the connection's pages") != 0 ||
        bus->pages == PAGES_LOST)
        leak_pages(bus);
    else
        free_pages(bus);
    bus->interrupt_page = NULL;
    bus->monitor_pages = NULL;
    bus->pages = PAGES_NONE;
}
