/* SPDX-License-Identifier: BSD-2-Clause */
/* The pages that a connection shares: interrupt page and monitor pages. */
#include "vmbus/guest/bus.h"

#include <errno.h>

int connection_pages_alloc(struct vmbus_bus *bus)
{
    bus->interrupt_page = seam_pages_alloc(bus->seam, 1, &bus->interrupt_pfn);
    if (!bus->interrupt_page)
        return -ENOMEM;
    if (bus->config.no_monitor)
        return 0;
    bus->monitor_pages = seam_pages_alloc(bus->seam, 2, bus->monitor_pfns);
    if (bus->monitor_pages)
        return 0;
    seam_pages_free(bus->seam, bus->interrupt_page, 1);
    bus->interrupt_page = NULL;
    return -ENOMEM;
}

/* After the end of a connection, at PASSIVE. */
void bus_settle(struct op *op)
{
    struct vmbus_bus *bus = op->owner;

    if (bus->state != BUS_DISCONNECTED || !bus->interrupt_page)
        return;
    if (bus->pages_lost) {
        uint8_t irql = seam_lock(bus->seam, &bus->lock);

        locked_leak(bus, bus->monitor_pages ? 3 : 1, "the connection");
        seam_unlock(bus->seam, &bus->lock, irql);
    } else {
        if (bus->monitor_pages)
            seam_pages_free(bus->seam, bus->monitor_pages, 2);
        seam_pages_free(bus->seam, bus->interrupt_page, 1);
    }
    bus->interrupt_page = NULL;
    bus->monitor_pages = NULL;
    bus->pages_lost = false;
}
