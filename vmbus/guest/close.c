/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Closing a channel, and undoing an open that failed: CLOSECHANNEL, then
 * GPADL_TEARDOWN, then the pages. [linux channel.c]
 *
 *   OPEN -> DRAINING (an event function runs) -> CLOSING -> SETTLING -> CLOSED
 */
#include "vmbus/guest/bus.h"

#include <errno.h>

static uint32_t build_close(void *owner, uint32_t step, void *message)
{
    const struct vmbus_channel *c = owner;
    struct wire_relid *m = message;
    uint32_t size = sizeof(*m);

    if (step)
        return 0;
    wire_begin(m, WIRE_CLOSE, size);
    m->relid = c->offer.relid;
    return size;
}

/* No event function runs any more. A rescinded channel is closed like any
 * other, but for the waiting. [linux channel.c] */
void locked_close_go(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;

    c->state = CHANNEL_CLOSING;
    if (c->host_open && !c->host_gone && bus->state != BUS_UNLOADING)
        locked_post(bus, &c->close);
    locked_gpadl_teardown(c->ring_gpadl);
}

/* Rings and GPADL go at PASSIVE; the channel can be opened again. */
void channel_settle(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql;

    rings_free(c, c->ring_gpadl->state == GPADL_LEAKED);
    irql = seam_lock(bus->seam, &bus->lock);
    locked_gpadl_drop(c->ring_gpadl);
    c->ring_gpadl = NULL;
    c->state = CHANNEL_CLOSED;
    if (c->rescinded)
        locked_notify(bus);
    seam_unlock(bus->seam, &bus->lock, irql);
}

static void settle_close(struct op *op)
{
    channel_settle(op->owner);
}

void close_init(struct vmbus_channel *c)
{
    post_init(&c->close, WIRE_CLOSE, c, build_close, NULL);
    op_init(&c->close_op, c, settle_close);
}

/* The host has let go: nothing that waits for its answer gets one. The rings'
 * GPADL has been told before. */
void locked_channel_lost(struct vmbus_channel *c, int status)
{
    locked_modify_lost(c, status);
    if (c->state == CHANNEL_OPENING)
        locked_open_undo(c, status, 0);
}

static bool locked_subchannel_open(const struct vmbus_channel *primary)
{
    const struct vmbus_offer *o = &primary->offer;

    if (o->subchannel != 0)
        return false;
    for (const struct vmbus_channel *c = primary->bus->channels; c; c = c->next)
        if (c->offer.subchannel != 0 && c->state != CHANNEL_CLOSED &&
            vmbus_guid_equal(&c->offer.instance, &o->instance) &&
            vmbus_guid_equal(&c->offer.type, &o->type))
            return true;
    return false;
}

static int locked_may_close(const struct vmbus_channel *c)
{
    if (c->state == CHANNEL_CLOSED)
        return -ENOTCONN;
    if (c->state != CHANNEL_OPEN || c->modify_op.state != OP_IDLE ||
        c->open_op.state != OP_IDLE || locked_subchannel_open(c))
        return -EBUSY;
    return 0;
}

int vmbus_channel_close_start(struct vmbus_channel *c, vmbus_done_fn *done,
                              void *arg)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql = seam_lock(bus->seam, &bus->lock);
    int status = locked_may_close(c);

    if (status == 0) {
        locked_op_start(bus, &c->close_op, done, arg);
        c->state = CHANNEL_DRAINING;
        if (locked_pump_stop(c))
            locked_close_go(c);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    return status;
}

int vmbus_channel_close(struct vmbus_channel *c)
{
    struct waiter w = {0};

    return bus_wait(c->bus, vmbus_channel_close_start(c, waiter_done, &w), &w,
                    "GPADL_TORNDOWN of a closed channel");
}
