/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ending a connection from a crash: no lock, no memory, no timer. What crashed
 * may have held the lock. [linux connection.c]
 */
#include "vmbus/guest/bus.h"
#include "vmbus/wire/messages.h"

/* Posts UNLOAD as often as it takes. */
static int post_unload(struct vmbus_bus *bus, uint64_t deadline)
{
    uint64_t message[sizeof(struct wire_header) / 8];
    int status;

    vmbus_message_begin(message, WIRE_UNLOAD, sizeof(message));
    do {
        status = seam_post_message(bus->seam, bus->connection, WIRE_POST_TYPE,
                                   message, sizeof(message));
        /* Full queues and unknown connections may pass. */
        if (status != -EAGAIN && status != -ENOENT)
            return status;
    } while (seam_now(bus->seam) < deadline);
    return -ETIMEDOUT;
}

int vmbus_bus_crash_unload(struct vmbus_bus *bus, uint64_t limit,
                           uint32_t (*poll)(void *arg, uint8_t payload[240]),
                           void *arg)
{
    uint64_t deadline = seam_now(bus->seam) + limit;
    uint64_t message[WIRE_MESSAGE_MAX / 8];
    int status;

    if (bus->state == BUS_DISCONNECTED || bus->state == BUS_CRASHED)
        return -ENOTCONN;
    /* From here on messages and events of interrupts are ignored. */
    bus->state = BUS_CRASHED;
    status = post_unload(bus, deadline);
    if (status)
        return status;
    do {
        uint32_t size = poll(arg, (uint8_t *)message);
        const struct wire_header *header = (const void *)message;

        /* Drop all that the host sent before it read UNLOAD. */
        if (size >= sizeof(*header) && header->type == WIRE_UNLOAD_RESPONSE)
            return 0;
    } while (seam_now(bus->seam) < deadline);
    return -ETIMEDOUT;
}
