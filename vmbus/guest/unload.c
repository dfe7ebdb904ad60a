/* SPDX-License-Identifier: BSD-2-Clause */
/* Ending a connection: in order, or from a crash. [linux connection.c] */
#include "vmbus/guest/bus.h"

#include <errno.h>

#include "vmbus/wire/memory.h"

/* Hosts below 3.0 may not know UNLOAD. [linux connection.c] */
#define OLD_HOST_TIMEOUT SEAM_S

static uint32_t build_unload(void *owner, uint32_t step, void *message)
{
    (void)owner;
    return step ? 0
                : wire_begin(message, WIRE_UNLOAD, sizeof(struct wire_header));
}

/* With `confirmed` the host touches no memory of ours any more. */
static void locked_unload_end(struct vmbus_bus *bus, bool confirmed, int status)
{
    locked_deadline_clear(bus, &bus->unload_deadline);
    locked_post_cancel_all(bus);
    if (bus->clearing) {
        /* Nothing of ours was there; no answer: nor of anybody else's. */
        bus->clearing = false;
        locked_contact(bus);
        return;
    }
    bus->pages_lost = !confirmed;
    bus->late_torndowns = 0;
    locked_channels_end(bus, confirmed);
    locked_tl_end(bus);
    bus->version = 0;
    bus->features = 0;
    bus->state = BUS_DISCONNECTED;
    if (bus->connect_op.state == OP_PENDING)
        locked_op_finish(bus, &bus->connect_op,
                         bus->connect_why ? bus->connect_why : -ECANCELED, 0);
    if (bus->unload_op.state == OP_PENDING)
        locked_op_finish(bus, &bus->unload_op, status, 0);
    locked_notify(bus);
}

static void unload_sent(void *owner, int status)
{
    struct vmbus_bus *bus = owner;

    if (status)
        locked_unload_end(bus, false, status);
}

static void unload_expired(void *owner)
{
    struct vmbus_bus *bus = owner;

    seam_log(bus->seam, SEAM_LOG_WARNING,
             "vmbus: the host did not answer UNLOAD");
    locked_unload_end(bus, false, -ETIMEDOUT);
}

void locked_unload_response(struct vmbus_bus *bus, const void *message,
                            uint32_t size)
{
    (void)message;
    (void)size;
    if (bus->state != BUS_UNLOADING || bus->unload.queued) {
        count(&bus->stats.messages_refused, 1);
        complain(bus, COMPLAINT_ANSWER,
                 "UNLOAD_RESPONSE refused: no UNLOAD was sent");
        return;
    }
    seam_log(bus->seam, SEAM_LOG_INFO, "vmbus: disconnected");
    locked_unload_end(bus, true, 0);
}

void locked_unload_begin(struct vmbus_bus *bus, uint64_t timeout)
{
    locked_deadline_clear(bus, &bus->connect_deadline);
    locked_post_cancel_all(bus);
    bus->state = BUS_UNLOADING;
    locked_deadline_set(bus, &bus->unload_deadline, timeout);
    locked_post(bus, &bus->unload);
}

int vmbus_bus_unload_start(struct vmbus_bus *bus, vmbus_done_fn *done,
                           void *arg)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    uint64_t timeout = bus->config.unload_timeout;
    int status = 0;

    if (bus->state != BUS_CONNECTED && bus->state != BUS_OFFERS &&
        bus->state != BUS_CONTACTING) {
        status = -ENOTCONN;
    } else {
        if (bus->version < VMBUS_VERSION_3_0 && timeout > OLD_HOST_TIMEOUT)
            timeout = OLD_HOST_TIMEOUT;
        locked_op_start(bus, &bus->unload_op, done, arg);
        locked_unload_begin(bus, timeout);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    return status;
}

int vmbus_bus_unload(struct vmbus_bus *bus)
{
    struct waiter w = {0};

    return bus_wait(bus, vmbus_bus_unload_start(bus, waiter_done, &w), &w,
                    "UNLOAD_RESPONSE");
}

void unload_init(struct vmbus_bus *bus)
{
    post_init(&bus->unload, WIRE_UNLOAD, bus, build_unload, unload_sent);
    deadline_init(&bus->unload_deadline, bus, unload_expired);
    op_init(&bus->unload_op, bus, bus_settle);
}

/* ---- from a crash: no lock, no memory, no timer ------------------------- */

static int crash_post(struct vmbus_bus *bus, uint64_t deadline)
{
    uint64_t message[sizeof(struct wire_header) / 8];
    int status;

    wire_begin(message, WIRE_UNLOAD, sizeof(message));
    do {
        status = seam_post_message(bus->seam, bus->connection, WIRE_POST_TYPE,
                                   message, sizeof(message));
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
    bus->state = BUS_CRASHED;
    status = crash_post(bus, deadline);
    if (status)
        return status;
    do {
        uint32_t size = poll(arg, (uint8_t *)message);
        const struct wire_header *header = (const void *)message;

        if (size >= sizeof(*header) && header->type == WIRE_UNLOAD_RESPONSE)
            return 0;
    } while (seam_now(bus->seam) < deadline);
    return -ETIMEDOUT;
}
