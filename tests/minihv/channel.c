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

static void drain(void *arg)
{
    struct channel *c = arg;
    bool full = false;
    int status = 0;

    if (!c->open)
        return;
    ring_writer_unblock(&c->out);
    ring_reader_mask(&c->in);
    for (int i = 0; i < BUDGET && !status && c->open; i++)
        status = serve_one(c, &full);
    if (!c->open)
        return;
    if (status == -EPROTO || c->in.fault.kind || c->out.fault.kind) {
        channel_broken(c, fault_of(c));
        return;
    }
    /* The ring is full, so the guest must signal when it has made room. */
    if (!status || (full ? wait_for_room(c) : ring_reader_unmask(&c->in)))
        seam_work_queue(NULL, &c->work, 0);
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
    vmbus_host_open_answer(channel, 0);
    seam_work_queue(NULL, &c->work, 0);
}

static void closed(void *context, struct vmbus_host_channel *channel)
{
    struct channel *c = context;

    c->open = false;
    event(NULL, "channel closed after %lu packets", c->packets, 0);
    vmbus_host_close_answer(channel);
}

static void signalled(void *context, struct vmbus_host_channel *channel)
{
    struct channel *c = context;

    (void)channel;
    seam_work_queue(NULL, &c->work, 0);
}

void channel_offer(struct channel *c, const struct vmbus_host_offer *offer,
                   const struct channel_ops *ops)
{
    static const struct vmbus_host_server server = {
        .opened = opened,
        .closed = closed,
        .signalled = signalled,
    };
    int status;

    c->ops = ops;
    c->work = (struct seam_work){.run = drain, .arg = c, .level = SEAM_PASSIVE};
    status = vmbus_host_offer(bus_host(), offer, &server, c, &c->channel);
    if (status)
        minihv_failed("channel %s cannot be offered (%d)", c->name, status);
}
