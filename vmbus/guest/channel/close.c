/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Closing a channel, and undoing an open that failed: CLOSECHANNEL, then
 * GPADL_TEARDOWN, then the pages. [linux channel.c]
 *
 *   OPEN --close--> DRAINING --no event function runs--> CLOSING
 *   CLOSING --GPADL_TORNDOWN--> SETTLING --pages freed--> CLOSED
 *   OPENING --open fails--> UNDOING --GPADL_TORNDOWN--> SETTLING --> CLOSED
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/guest/gpadl/gpadl.h"

/* ---- to the host --------------------------------------------------------- */

/* The post.build of CLOSECHANNEL. */
static uint32_t build_close(void *owner, uint32_t step, void *message)
{
    return vmbus_channel_build_relid(owner, WIRE_CLOSE, step, message);
}

/* Closes what the host has `opened`, and takes the rings back. */
static void locked_go(struct vmbus_channel *c, enum channel_state state,
                      bool opened)
{
    struct vmbus_bus *bus = c->bus;

    channel_set_state(c, state);
    /* Send CLOSECHANNEL for a rescinded channel as for any other; only its
     * answers are not awaited. After the connection, send nothing.
     * [linux channel.c] */
    if (opened && !channel_is_cut_off(c) && bus->state != BUS_UNLOADING)
        vmbus_locked_post(bus, &c->close);
    /* CLOSECHANNEL has no answer. GPADL_TORNDOWN says that the host uses the
     * rings no more. */
    vmbus_locked_gpadl_teardown(c->ring_gpadl);
}

void vmbus_locked_close_go(struct vmbus_channel *c)
{
    locked_go(c, CHANNEL_CLOSING, true);
}

void vmbus_locked_undo_go(struct vmbus_channel *c)
{
    locked_go(c, CHANNEL_UNDOING, c->undo.opened);
}

/* ---- the end ------------------------------------------------------------- */

void vmbus_locked_settle(struct vmbus_channel *c, struct op *op, int status,
                         uint32_t host_status)
{
    channel_set_state(c, CHANNEL_SETTLING);
    if (status == -EIO)
        c->host_status = host_status;
    vmbus_locked_op_finish(c->bus, op, status, host_status);
}

void vmbus_channel_settle(struct vmbus_channel *c)
{
    struct vmbus_bus *bus = c->bus;
    uint8_t irql;

    /* Leak the pages if the host did not confirm: it may still write them. */
    vmbus_rings_free(c, c->ring_gpadl->state == GPADL_LEAKED);
    irql = seam_lock(bus->seam, &bus->lock);
    vmbus_locked_gpadl_drop(c->ring_gpadl);
    c->ring_gpadl = NULL;
    channel_set_state(c, CHANNEL_CLOSED);
    /* A rescinded channel that nobody has claimed can be released now. */
    if (channel_is_gone(c))
        vmbus_locked_channel_due(c);
    seam_unlock(bus->seam, &bus->lock, irql);
}

static void settle_close(struct op *op)
{
    vmbus_channel_settle(op->owner);
}

void vmbus_close_init(struct vmbus_channel *c)
{
    vmbus_post_init(&c->close, WIRE_CLOSE, c, build_close, NULL);
    vmbus_op_init(&c->close_op, c, settle_close);
}

/* ---- the calls ----------------------------------------------------------- */

/* True if `primary` is a primary channel and one of its sub-channels is open:
 * those must be closed first. [linux channel.c] */
static bool locked_subchannel_open(const struct vmbus_channel *primary)
{
    const struct vmbus_offer *o = &primary->offer;

    if (o->subchannel != 0)
        return false;
    for (const struct vmbus_channel *c = NULL;
         (c = vmbus_locked_channel_candidate(primary->bus, &o->instance, c));)
        if (c->offer.subchannel != 0 && c->state != CHANNEL_CLOSED &&
            vmbus_guid_equal(&c->offer.instance, &o->instance) &&
            vmbus_guid_equal(&c->offer.type, &o->type))
            return true;
    return false;
}

/* 0, or why the channel cannot be closed now. */
static int locked_may_close(const struct vmbus_channel *c)
{
    if (c->state == CHANNEL_CLOSED)
        return -ENOTCONN;
    /* A request under way would end with a channel that is gone. */
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
        vmbus_locked_op_start(bus, &c->close_op, done, arg);
        /* Let the last event function end before the rings go. */
        channel_set_state(c, CHANNEL_DRAINING);
        if (vmbus_pump_stop(&c->pump))
            vmbus_locked_close_go(c);
    }
    seam_unlock(bus->seam, &bus->lock, irql);
    return status;
}

int vmbus_channel_close(struct vmbus_channel *c)
{
    struct waiter w = {0};

    return vmbus_bus_wait(c->bus,
                          vmbus_channel_close_start(c, vmbus_waiter_done, &w),
                          &w, "GPADL_TORNDOWN of a closed channel");
}
