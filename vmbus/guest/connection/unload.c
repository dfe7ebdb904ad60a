/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ending a connection in order: UNLOAD and UNLOAD_RESPONSE.
 * [linux connection.c]
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/guest/connection/connection.h"
#include "vmbus/wire/messages.h"

/* Hosts below 3.0 may not know UNLOAD. [linux channel_mgmt.c] */
#define OLD_HOST_TIMEOUT SEAM_S

#define AWAITED "UNLOAD_RESPONSE"

/* The post.build of UNLOAD, which is a header alone. */
static uint32_t build_unload(void *owner, uint32_t step, void *message)
{
    (void)owner;
    return step ? 0
                : vmbus_message_begin(message, WIRE_UNLOAD,
                                      sizeof(struct wire_header));
}

/* ---- the end ------------------------------------------------------------- */

/* The connection is over. Only if it is `confirmed` does the host touch no
 * memory of ours any more. */
static void locked_disconnected(struct vmbus_bus *bus, bool confirmed,
                                int status)
{
    bus->pages = confirmed ? PAGES_SHARED : PAGES_LOST;
    bus->late_answers = 0;
    /* End what channels and requests await, before the outcome of the unload:
     * outcomes are reported in this order. */
    vmbus_locked_channels_end(bus, confirmed);
    vmbus_locked_tl_end(bus);
    /* Nothing is negotiated any more: messages are refused from here on. */
    bus->version = 0;
    bus->features = 0;
    bus->state = BUS_DISCONNECTED;
    if (bus->connect_op.state == OP_PENDING)
        vmbus_locked_op_finish(bus, &bus->connect_op, bus->connect_status,
                               bus->connect_host_status);
    if (bus->unload_op.state == OP_PENDING)
        vmbus_locked_op_finish(bus, &bus->unload_op, status, 0);
    vmbus_locked_notify(bus);
}

/* By response, by timeout, or because UNLOAD could not be posted. */
static void locked_unload_end(struct vmbus_bus *bus, bool confirmed, int status)
{
    void (*next)(struct vmbus_bus * bus) = bus->unload_next;

    vmbus_locked_deadline_clear(bus, &bus->unload_deadline);
    vmbus_locked_post_cancel_all(bus);
    bus->unload_next = NULL;
    if (next)
        next(bus);
    else
        locked_disconnected(bus, confirmed, status);
}

/* UNLOAD was posted (0), or could not be: the host still has everything. */
static void unload_sent(void *owner, int status)
{
    struct vmbus_bus *bus = owner;

    if (status)
        locked_unload_end(bus, false, status);
    else
        vmbus_locked_deadline_set(bus, &bus->unload_deadline, bus->unload_wait,
                                  AWAITED);
}

/* A host that is silent may still write our pages. */
static void unload_expired(void *owner)
{
    struct vmbus_bus *bus = owner;

    seam_log(bus->seam, SEAM_LOG_WARNING,
             "vmbus: the host did not answer UNLOAD");
    locked_unload_end(bus, false, -ETIMEDOUT);
}

void vmbus_locked_unload_response(struct vmbus_bus *bus, const void *message,
                                  uint32_t size)
{
    (void)message;
    (void)size;
    /* Refuse an answer before the question: the host still uses our pages. */
    if (bus->state != BUS_UNLOADING || bus->unload.queued) {
        count(&bus->stats.messages_refused, 1);
        complain(bus, COMPLAINT_ANSWER,
                 "UNLOAD_RESPONSE refused: no UNLOAD was sent");
        return;
    }
    seam_log(bus->seam, SEAM_LOG_INFO, "vmbus: disconnected");
    locked_unload_end(bus, true, 0);
}

/* ---- the beginning ------------------------------------------------------- */

void vmbus_locked_unload_begin(struct vmbus_bus *bus, uint64_t timeout,
                               void (*next)(struct vmbus_bus *bus))
{
    /* A connect that is under way ends with this unload. */
    vmbus_locked_deadline_clear(bus, &bus->connect_deadline);
    /* Post nothing that the host would answer after UNLOAD. */
    vmbus_locked_post_cancel_all(bus);
    bus->state = BUS_UNLOADING;
    bus->unload_next = next;
    bus->unload_wait = timeout;
    vmbus_locked_deadline_set_unposted(bus, &bus->unload_deadline, timeout,
                                       AWAITED);
    vmbus_locked_post(bus, &bus->unload);
}

int vmbus_bus_unload_start(struct vmbus_bus *bus, vmbus_done_fn *done,
                           void *arg)
{
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    uint64_t timeout = bus->config.unload_timeout;
    int status = 0;

    /* An unload that is under way already is not joined by a second one. */
    if (bus->state != BUS_CONNECTED && bus->state != BUS_OFFERS &&
        bus->state != BUS_CONTACTING) {
        status = -ENOTCONN;
    } else {
        /* Do not wait long for a host that may not know the message. */
        if (bus->version < VMBUS_VERSION_3_0 && timeout > OLD_HOST_TIMEOUT)
            timeout = OLD_HOST_TIMEOUT;
        vmbus_locked_op_start(bus, &bus->unload_op, done, arg);
        vmbus_locked_unload_begin(bus, timeout, NULL);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    return status;
}

int vmbus_bus_unload(struct vmbus_bus *bus)
{
    struct waiter w = {0};

    return vmbus_bus_wait(bus,
                          vmbus_bus_unload_start(bus, vmbus_waiter_done, &w),
                          &w, "UNLOAD_RESPONSE");
}

void vmbus_unload_init(struct vmbus_bus *bus)
{
    vmbus_post_init(&bus->unload, WIRE_UNLOAD, bus, build_unload, unload_sent);
    vmbus_deadline_init(&bus->unload_deadline, bus, unload_expired);
    vmbus_op_init(&bus->unload_op, bus, vmbus_connection_pages_settle);
}
