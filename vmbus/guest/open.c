/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening a channel: rings, their GPADL, OPENCHANNEL. [linux channel.c]
 *
 *   CLOSED -> SHARING -> OPENING -> OPEN
 *               |          |  refused, no answer, rescinded:
 *               |          `-> CLOSING (the undo, close.c) -> SETTLING ->
 * CLOSED
 *               `-> SETTLING -> CLOSED
 */
#include "vmbus/guest/bus.h"

#include <errno.h>

#include "vmbus/wire/memory.h"

static uint32_t build_open(void *owner, uint32_t step, void *message)
{
    struct vmbus_channel *c = owner;
    struct vmbus_bus *bus = c->bus;
    struct wire_open *m = message;
    bool tail = bus->features & VMBUS_FEATURE_SIGNAL_PARAMETERS;
    uint32_t size = tail ? sizeof(*m) : WIRE_OPEN_SHORT;

    if (step)
        return 0;
    wire_begin(m, WIRE_OPEN, size);
    m->relid = c->offer.relid;
    m->open_id = c->open_id;
    m->gpadl = c->ring_gpadl->handle;
    m->target_vp = seam_vp_index(bus->seam, c->cpu);
    m->downstream_page = c->rings.tx_count;
    memcpy(m->user_data, c->user_data, sizeof(m->user_data));
    /* We ask for nothing but what the host would have taken anyway. */
    if (tail) {
        m->connection = c->offer.connection;
        m->event_flag = (uint16_t)c->offer.relid;
    }
    return size;
}

static void locked_send_open(struct vmbus_channel *c)
{
    c->state = CHANNEL_OPENING;
    c->open_id = ++c->bus->next_open_id;
    locked_deadline_set(c->bus, &c->deadline, c->params.timeout);
    locked_post(c->bus, &c->open);
}

/* The end of open() or close(): the pages go back at PASSIVE. */
void locked_settle(struct vmbus_channel *c, int status, uint32_t host_status)
{
    c->state = CHANNEL_SETTLING;
    if (status == -EIO)
        c->host_status = host_status;
    locked_op_finish(c->bus, c->undo ? &c->open_op : &c->close_op, status,
                     host_status);
}

void locked_open_undo(struct vmbus_channel *c, int why, uint32_t host_status)
{
    locked_deadline_clear(c->bus, &c->deadline);
    locked_post_cancel(c->bus, &c->open);
    c->host_open = c->open.step > 0 && why != -EIO;
    c->why = why;
    c->why_host = host_status;
    locked_close_go(c);
}

void locked_ring_changed(struct gpadl *g, int status, uint32_t host_status)
{
    struct vmbus_channel *c = g->channel;

    if (c->state == CHANNEL_SHARING && status == 0) {
        locked_send_open(c);
        return;
    }
    /* What open() failed with tells more than that its memory is gone. */
    if (c->state == CHANNEL_SHARING && status == -ESTALE) {
        status = g->why;
        host_status = 0;
    } else if (c->state == CHANNEL_CLOSING && c->undo) {
        status = c->why;
        host_status = c->why_host;
    }
    locked_settle(c, status, host_status);
}

static void open_sent(void *owner, int status)
{
    if (status)
        locked_open_undo(owner, status, 0);
}

static void open_expired(void *owner)
{
    locked_open_undo(owner, -ETIMEDOUT, 0);
}

/* ---- the answer --------------------------------------------------------- */

static void locked_opened(struct vmbus_channel *c)
{
    locked_deadline_clear(c->bus, &c->deadline);
    c->state = CHANNEL_OPEN;
    c->undo = false;
    c->host_open = true;
    locked_signal_setup(c);
    locked_op_finish(c->bus, &c->open_op, 0, 0);
    /* What the host wrote before its answer had no event function. */
    locked_pump(c);
}

void locked_open_result(struct vmbus_bus *bus, const void *message,
                        uint32_t size)
{
    const struct wire_open_result *m = message;
    struct vmbus_channel *c = locked_channel(bus, m->relid);

    (void)size;
    if (c && c->state == CHANNEL_CLOSING && c->undo && c->host_open &&
        c->open_id == m->open_id) {
        /* The answer to an open that was given up: the CLOSECHANNEL that
         * crossed it came too early for the host. */
        if (m->status == 0 && !c->close.queued)
            locked_post(bus, &c->close);
        return;
    }
    if (!c || c->state != CHANNEL_OPENING || c->open.queued ||
        c->open_id != m->open_id) {
        count(&bus->stats.messages_refused, 1);
        complain(bus, COMPLAINT_ANSWER,
                 "OPENCHANNEL_RESULT of relid %u, open id %u refused: no such "
                 "request",
                 m->relid, m->open_id);
        return;
    }
    if (m->status)
        locked_open_undo(c, -EIO, m->status);
    else
        locked_opened(c);
}

/* The end of open() at PASSIVE; a failed one leaves nothing. */
static void settle_open(struct op *op)
{
    struct vmbus_channel *c = op->owner;

    if (op->status)
        channel_settle(c);
}

void channel_init(struct vmbus_channel *c)
{
    post_init(&c->open, WIRE_OPEN, c, build_open, open_sent);
    deadline_init(&c->deadline, c, open_expired);
    op_init(&c->open_op, c, settle_open);
    close_init(c);
    modify_init(c);
    pump_init(c);
}
