/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening a channel: the rings' GPADL, then OPENCHANNEL. [linux channel.c]
 *
 *   CLOSED --open--> SHARING --GPADL_CREATED--> OPENING --RESULT 0--> OPEN
 *                      |                           |
 *                      | refused, no answer,       | the same
 *                      | rescinded                 |
 *                      v                           v
 *                   SETTLING <--GPADL_TORNDOWN-- UNDOING (close.c)
 */
#include "vmbus/guest/channel/channel.h"
#include "vmbus/guest/gpadl/gpadl.h"
#include "vmbus/wire/memory.h"
#include "vmbus/wire/messages.h"

#define AWAITED "OPENCHANNEL_RESULT"

/* ---- OPENCHANNEL --------------------------------------------------------- */

/* The post.build of OPENCHANNEL, which is one message. */
static uint32_t build_open(void *owner, uint32_t step, void *message)
{
    struct vmbus_channel *c = owner;
    struct vmbus_bus *bus = c->bus;
    struct wire_open *m = message;
    bool tail = bus->features & VMBUS_FEATURE_SIGNAL_PARAMETERS;
    uint32_t size = tail ? sizeof(*m) : WIRE_OPEN_SHORT;

    if (step)
        return 0;
    vmbus_message_begin(m, WIRE_OPEN, size);
    m->relid = c->offer.relid;
    /* Give each open its own number: the answer carries it, so that the answer
     * to an earlier open cannot be taken for this one's. */
    m->open_id = c->open_id;
    m->gpadl = c->ring_gpadl->handle;
    m->target_vp = seam_vp_index(bus->seam, c->cpu);
    /* The page of the GPADL at which the host's own ring begins. */
    m->downstream_page = c->rings.tx_count;
    memcpy(m->user_data, c->user_data, sizeof(m->user_data));
    /* With the feature, name the signal's parameters: the very ones that the
     * host would have taken. */
    if (tail) {
        m->connection = c->offer.connection;
        m->event_flag = (uint16_t)c->offer.relid;
    }
    return size;
}

/* The host has the rings' GPADL: ask it to open the channel over them. */
static void locked_send_open(struct vmbus_channel *c)
{
    channel_set_state(c, CHANNEL_OPENING);
    c->open_id = ++c->bus->next_open_id;
    vmbus_locked_deadline_set_unposted(c->bus, &c->deadline, c->params.timeout,
                                       AWAITED);
    vmbus_locked_post(c->bus, &c->open);
}

void vmbus_locked_open_begin(struct vmbus_channel *c, vmbus_done_fn *done,
                             void *arg)
{
    vmbus_locked_op_start(c->bus, &c->open_op, done, arg);
    vmbus_locked_gpadl_create(c->ring_gpadl, c->params.timeout);
}

void vmbus_locked_open_undo(struct vmbus_channel *c, int why,
                            uint32_t host_status)
{
    vmbus_locked_deadline_clear(c->bus, &c->deadline);
    vmbus_locked_post_cancel(c->bus, &c->open);
    c->undo.why = why;
    c->undo.host_status = host_status;
    /* What the host has refused, or never got, is not open there. */
    c->undo.opened = c->open.step > 0 && why != -EIO;
    c->undo.answered = false;
    vmbus_locked_undo_go(c);
}

/* The rings' GPADL is made or gone, or its pages are lost to the host. */
void vmbus_locked_ring_changed(struct gpadl *g, int status,
                               uint32_t host_status)
{
    struct vmbus_channel *c = g->channel;

    switch (c->state) {
    case CHANNEL_SHARING:
        if (status == 0) {
            locked_send_open(c);
            return;
        }
        /* Why open() failed says more than that its memory is leaked. */
        if (status == -ESTALE)
            status = g->why;
        vmbus_locked_settle(c, &c->open_op, status, host_status);
        break;
    case CHANNEL_UNDOING:
        if (c->undo.opened && !c->undo.answered)
            vmbus_locked_answer_given_up(c->bus);
        vmbus_locked_settle(c, &c->open_op, c->undo.why, c->undo.host_status);
        break;
    default: /* CHANNEL_CLOSING */
        vmbus_locked_settle(c, &c->close_op, status, host_status);
        break;
    }
}

static void open_sent(void *owner, int status)
{
    struct vmbus_channel *c = owner;

    if (status)
        vmbus_locked_open_undo(c, status, 0);
    else
        vmbus_locked_deadline_set(c->bus, &c->deadline, c->params.timeout,
                                  AWAITED);
}

static void open_expired(void *owner)
{
    vmbus_locked_open_undo(owner, -ETIMEDOUT, 0);
}

/* ---- OPENCHANNEL_RESULT -------------------------------------------------- */

/* The host accepted. */
static void locked_opened(struct vmbus_channel *c)
{
    vmbus_locked_deadline_clear(c->bus, &c->deadline);
    channel_set_state(c, CHANNEL_OPEN);
    vmbus_locked_signal_setup(c);
    vmbus_locked_op_finish(c->bus, &c->open_op, 0, 0);
    /* Look at the ring once: the host may have written and signalled before its
     * answer arrived, when there was no event function. */
    vmbus_pump_start(&c->pump, &c->rings.rx, c->cpu);
    vmbus_pump_kick(&c->pump);
}

/* The answer to an open that was given up, and that the host may have open. */
static bool is_late_answer(const struct vmbus_channel *c,
                           const struct wire_open_result *m)
{
    return c && c->state == CHANNEL_UNDOING && c->undo.opened &&
           c->open_id == m->open_id;
}

static bool is_awaited_answer(const struct vmbus_channel *c,
                              const struct wire_open_result *m)
{
    return c && c->state == CHANNEL_OPENING && !c->open.queued &&
           c->open_id == m->open_id;
}

void vmbus_locked_open_result(struct vmbus_bus *bus, const void *message,
                              uint32_t size)
{
    const struct wire_open_result *m = message;
    struct vmbus_channel *c = vmbus_locked_channel_find(bus, m->relid);

    (void)size;
    if (is_late_answer(c, m)) {
        c->undo.answered = true;
        /* The CLOSECHANNEL that crossed this answer came before the channel was
         * open: send it again. */
        if (m->status == 0 && !c->close.queued)
            vmbus_locked_post(bus, &c->close);
    } else if (!is_awaited_answer(c, m)) {
        /* Refuse the answer to another open, or to none. */
        vmbus_locked_refuse_answer(
            bus,
            "OPENCHANNEL_RESULT of relid %u, open id %u refused: no such "
            "request",
            m->relid, m->open_id);
    } else if (m->status) {
        vmbus_locked_open_undo(c, -EIO, m->status);
    } else {
        locked_opened(c);
    }
}

/* The op.settle of open(), at PASSIVE: an open that failed leaves nothing. */
static void settle_open(struct op *op)
{
    struct vmbus_channel *c = op->owner;

    if (op->status)
        vmbus_channel_settle(c);
}

void vmbus_open_init(struct vmbus_channel *c)
{
    vmbus_post_init(&c->open, WIRE_OPEN, c, build_open, open_sent);
    vmbus_deadline_init(&c->deadline, c, open_expired);
    vmbus_op_init(&c->open_op, c, settle_open);
}
