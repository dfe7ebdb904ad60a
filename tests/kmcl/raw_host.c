/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host without KMCL: what is on the other end of a client's rings, byte for
 * byte as the test wants it.
 */
#include "raw.h"

#include <stdlib.h>

#include "vmbus/host.h"
#include "raw_ring.h"
#include "runner.h"
#include "vmbus/vmbus.h"

struct raw_host {
    struct world *w;
    struct vmbus_host_channel *channel;
    bool open;
    bool vanishes; /* at the next GPADL */
    bool holds;    /* the answers to opens */
    uint32_t refuse;
    uint32_t signals;
    uint32_t gpadls;
    struct ring_area in, out;
    struct ring_reader reader;
    struct ring_writer writer;
    struct raw_ring ring;
};

static bool monitored;
static uint16_t mmio_megabytes;
static uint16_t subchannel;
static const GUID *type;

void raw_host_reset(void)
{
    monitored = false;
    mmio_megabytes = 0;
    subchannel = 0;
    type = NULL;
}

static void raw_opened(void *context, struct vmbus_host_channel *channel,
                       const struct vmbus_host_open *open)
{
    struct raw_host *h = context;

    if (!h->refuse) {
        h->in = open->in;
        h->out = open->out;
        CHECK_EQ(ring_reader_attach(&h->reader, &h->in), 0);
        CHECK_EQ(ring_writer_attach(&h->writer, &h->out), 0);
        h->open = true;
    }
    if (!h->holds)
        vmbus_host_open_answer(channel, h->refuse);
}

static void raw_closed(void *context, struct vmbus_host_channel *channel)
{
    struct raw_host *h = context;

    h->open = false;
    vmbus_host_close_answer(channel);
}

static void raw_signalled(void *context, struct vmbus_host_channel *channel)
{
    struct raw_host *h = context;

    (void)channel;
    h->signals++;
}

static void raw_gpadl(void *context, struct vmbus_host_channel *channel,
                      uint32_t handle)
{
    struct raw_host *h = context;

    (void)handle;
    h->gpadls++;
    if (h->vanishes) {
        vmbus_host_withdraw(channel);
        h->channel = NULL;
    }
}

static void signal_guest(void *end)
{
    raw_host_signal(end);
}

struct raw_host *raw_host_offer(struct world *w, const GUID *instance)
{
    static const struct vmbus_host_server server = {
        .opened = raw_opened,
        .closed = raw_closed,
        .signalled = raw_signalled,
        .gpadl_created = raw_gpadl,
    };
    struct vmbus_host_offer offer = {
        .monitor = monitored,
        .subchannel = subchannel,
        .mmio_megabytes = mmio_megabytes,
    };
    struct raw_host *h = calloc(1, sizeof(*h));

    CHECK(h);
    h->w = w;
    h->ring = (struct raw_ring){&h->reader, &h->writer, signal_guest, h};
    memcpy(&offer.type, type ? type : &test_type, 16);
    memcpy(&offer.instance, instance, 16);
    CHECK_EQ(vmbus_host_offer(world_host(w), &offer, &server, h, &h->channel),
             0);
    return h;
}

void raw_host_withdraw(struct raw_host *h)
{
    if (h->channel)
        vmbus_host_withdraw(h->channel);
    free(h);
}

void raw_host_refuse(struct raw_host *h, uint32_t status)
{
    h->refuse = status;
}

void raw_host_vanish_at_gpadl(struct raw_host *h)
{
    h->vanishes = true;
}

void raw_host_monitor(struct raw_host *h)
{
    (void)h;
    monitored = true;
}

void raw_host_mmio(struct world *w, uint16_t megabytes)
{
    (void)w;
    mmio_megabytes = megabytes;
}

void raw_host_type(struct world *w, const GUID *of_the_next)
{
    (void)w;
    type = of_the_next;
}

void raw_host_subchannel(struct world *w, uint16_t index)
{
    (void)w;
    subchannel = index;
}

void raw_host_hold_open(struct raw_host *h)
{
    h->holds = true;
}

void raw_host_answer(struct raw_host *h)
{
    h->holds = false;
    vmbus_host_open_answer(h->channel, h->refuse);
}

bool raw_host_is_open(const struct raw_host *h)
{
    return h->open;
}

uint32_t raw_host_signals(const struct raw_host *h)
{
    return h->signals;
}

uint32_t raw_host_gpadls(const struct raw_host *h)
{
    return h->gpadls;
}

bool raw_host_read(struct raw_host *h, struct raw_packet *p)
{
    return raw_ring_read(&h->ring, p);
}

int raw_host_send_header(struct raw_host *h, uint16_t type, uint16_t flags,
                         uint64_t transaction, uint32_t header_size,
                         const void *body, uint32_t size)
{
    return raw_ring_send(&h->ring, type, flags, transaction, header_size, body,
                         size);
}

int raw_host_send(struct raw_host *h, uint16_t type, uint16_t flags,
                  uint64_t transaction, const void *bytes, uint32_t size)
{
    return raw_host_send_header(h, type, flags, transaction, 0, bytes, size);
}

void raw_host_complete(struct raw_host *h, uint64_t transaction,
                       const void *bytes, uint32_t size)
{
    CHECK_EQ(
        raw_host_send(h, RING_PACKET_COMPLETION, 0, transaction, bytes, size),
        0);
}

static void no_signal(void *end)
{
    (void)end;
}

int raw_host_send_quietly(struct raw_host *h, uint16_t type, uint16_t flags,
                          uint64_t transaction, const void *bytes,
                          uint32_t size)
{
    struct raw_ring quiet = h->ring;

    quiet.signal = no_signal;
    return raw_ring_send(&quiet, type, flags, transaction, 0, bytes, size);
}

void raw_host_complete_quietly(struct raw_host *h, uint64_t transaction,
                               const void *bytes, uint32_t size)
{
    CHECK_EQ(raw_host_send_quietly(h, RING_PACKET_COMPLETION, 0, transaction,
                                   bytes, size),
             0);
}

void raw_host_signal(struct raw_host *h)
{
    (void)vmbus_host_signal(h->channel);
}

volatile uint32_t *raw_host_in(struct raw_host *h)
{
    return (volatile uint32_t *)h->in.control;
}

volatile uint32_t *raw_host_out(struct raw_host *h)
{
    return (volatile uint32_t *)h->out.control;
}

uint8_t *raw_host_out_data(struct raw_host *h)
{
    return h->out.data;
}

void *raw_host_map(struct raw_host *h, uint32_t handle)
{
    struct vmbus_host_gpadl gpadl;

    if (vmbus_host_gpadl_map(h->channel, handle, &gpadl))
        return NULL;
    return gpadl.base;
}

void raw_host_unmap(struct raw_host *h, uint32_t handle)
{
    vmbus_host_gpadl_unmap(h->channel, handle);
}

void raw_host_give(struct raw_host *h, uint16_t flags, uint64_t number)
{
    CHECK_EQ(
        raw_host_send(h, RING_PACKET_IN_BAND, flags, 1000 + number, &number, 8),
        0);
}

void raw_host_give_many(struct raw_host *h, uint32_t count)
{
    KIRQL irql;

    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    for (uint64_t i = 0; i < count; i++)
        raw_host_give(h, 0, i);
    KeLowerIrql(irql);
}

/* ---- with a client on it ------------------------------------------------ */

struct raw_host *raw_pair(struct world *w, UINT32 pages)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    client_make(w, &w->client);
    if (pages)
        CHECK_STATUS(VmbClientChannelInitSetRingBufferPageCount(w->client.ch,
                                                                pages, pages),
                     STATUS_SUCCESS);
    endpoint_enable(&w->client);
    CHECK(raw_host_is_open(h));
    return h;
}

struct raw_host *raw_pair_given(struct world *w, bool passive,
                                void (*on_packet)(struct endpoint *e,
                                                  VMBPACKETCOMPLETION pc))
{
    struct raw_host *h = raw_pair(w, 2);

    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, passive);
    w->client.on_packet = on_packet;
    w->client.context = h;
    raw_host_give(h, 0, 1);
    world_run(w);
    return h;
}

void raw_end(struct world *w, struct raw_host *h)
{
    endpoint_end(&w->client);
    raw_host_withdraw(h);
}
