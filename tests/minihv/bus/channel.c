/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A channel directly on the host half, for packets that KMCL cannot send. It
 * attaches to the rings when the guest opens the channel, serves the packets,
 * and stops while there is no room for an answer.
 */
#include <errno.h>

#include "bus.h"
#include "minihv.h"

enum {
    BODY_MAX = 64 << 10,
    BUDGET = 64, /* packets before other work runs */
    OPEN_REFUSED = 0xC000000D,
};

/* One channel drains at a time, on the host half's processor. */
static uint8_t body[BODY_MAX] __attribute__((aligned(16)));

void channel_broken(struct channel *c, const char *why)
{
    c->open = false;
    rule_broken(&hv.vp[0], "channel %s: %s", c->name, why);
}

static void flush(struct channel *c)
{
    if (ring_writer_commit(&c->out, c->at))
        vmbus_host_signal(c->channel);
}

bool channel_has_room(struct channel *c, uint32_t size)
{
    c->need = size;
    return ring_writer_free(&c->out) > ring_footprint(size);
}

/* Returns true if there is room now; if false, the guest will signal room. */
static bool wait_for_room(struct channel *c)
{
    return ring_writer_block(&c->out, ring_footprint(c->need)) == 1;
}

/* Returns 0 if it served a packet, -EAGAIN without a packet or without room,
 * -EPROTO if the ring or the packet breaks the protocol. */
static int serve_one(struct channel *c, bool *full)
{
    uint32_t at = ring_reader_start(&c->in);
    struct ring_packet packet;
    int status;

    status = ring_read(&c->in, &at, &packet, body, sizeof body);
    if (status)
        return status == -EAGAIN ? status : -EPROTO;
    status = c->ops->packet(c, &packet, body);
    *full = status == -EAGAIN;
    if (status || !c->open)
        return -EAGAIN;
    c->packets++;
    count(COUNT_PACKETS);
    mark(MARK_PACKET);
    if (ring_reader_commit(&c->in, at))
        vmbus_host_signal(c->channel);
    flush(c);
    return 0;
}

static const char *fault_of(const struct channel *c)
{
    return ring_fault_text(c->in.fault.kind ? c->in.fault.kind
                                            : c->out.fault.kind);
}

/* One run of the channel's pump. */
static enum vmbus_event_result drain(void *arg)
{
    struct channel *c = arg;
    bool full = false;
    int status = 0;

    if (!c->open)
        return VMBUS_EVENT_LEFT;
    ring_writer_unblock(&c->out);
    for (int i = 0; i < BUDGET && !status && c->open; i++)
        status = serve_one(c, &full);
    if (!c->open)
        return VMBUS_EVENT_LEFT;
    if (status == -EPROTO || c->in.fault.kind || c->out.fault.kind) {
        channel_broken(c, fault_of(c));
        return VMBUS_EVENT_LEFT;
    }
    /* With a full ring the next signal is for room, and it comes whether the
     * incoming ring is masked or not. */
    if (full)
        return wait_for_room(c) ? VMBUS_EVENT_MORE : VMBUS_EVENT_LEFT;
    return status ? VMBUS_EVENT_DRAINED : VMBUS_EVENT_MORE;
}

/* The rings are used no more: the guest's close is answered. */
static void rest(void *arg)
{
    struct channel *c = arg;

    vmbus_host_close_answer(c->channel);
}

static void opened(void *context, struct vmbus_host_channel *channel,
                   const struct vmbus_host_open *open)
{
    struct channel *c = context;

    if (ring_reader_attach(&c->in, &open->in) ||
        ring_writer_attach(&c->out, &open->out)) {
        vmbus_host_open_answer(channel, OPEN_REFUSED);
        return;
    }
    c->at = ring_writer_start(&c->out);
    c->open = true;
    event(NULL, "channel opened, target processor %lu", open->target_vp, 0);
    vmbus_pump_start(&c->pump, &c->in, 0);
    vmbus_host_open_answer(channel, 0);
    vmbus_pump_kick(&c->pump);
}

static void closed(void *context, struct vmbus_host_channel *channel)
{
    struct channel *c = context;

    c->open = false;
    event(NULL, "channel closed after %lu packets", c->packets, 0);
    (void)channel;
    if (vmbus_pump_stop(&c->pump))
        rest(c);
}

static void signalled(void *context, struct vmbus_host_channel *channel)
{
    struct channel *c = context;

    (void)channel;
    vmbus_pump_kick(&c->pump);
}

void channel_offer(struct channel *c, const struct vmbus_host_offer *offer,
                   const struct channel_ops *ops)
{
    static const struct vmbus_host_server server = {
        .opened = opened,
        .closed = closed,
        .signalled = signalled,
    };
    const struct pump_calls calls = {.run = drain, .rest = rest, .arg = c};
    int status;

    c->ops = ops;
    vmbus_pump_init(&c->pump, bus_seam(), &calls, SEAM_PASSIVE);
    status = vmbus_host_offer(bus_host(), offer, &server, c, &c->channel);
    if (status)
        minihv_failed("channel %s cannot be offered (%d)", c->name, status);
}
