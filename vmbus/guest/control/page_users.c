/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who writes the connection's pages just now. Signals write them on any
 * processor; connection/pages.c frees them when nobody does. The count and the
 * note that the pages go are one number, so that no signal slips in between.
 */
#include "vmbus/guest/bus.h"

bool vmbus_pages_enter(struct vmbus_bus *bus)
{
    uint32_t before = __atomic_fetch_add(&bus->page_users, 1, __ATOMIC_SEQ_CST);

    if (!(before & PAGES_CLOSED))
        return true;
    vmbus_pages_leave(bus);
    return false;
}

void vmbus_pages_leave(struct vmbus_bus *bus)
{
    __atomic_fetch_sub(&bus->page_users, 1, __ATOMIC_SEQ_CST);
}
