/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest without KMCL: the other end of a server's rings.
 */
#include "raw.h"

#include <stdlib.h>

#include "raw_ring.h"
#include "vmbus/ring_wire.h"
#include "runner.h"
#include "vmbus/vmbus.h"

struct raw_guest {
    struct vmbus_channel *channel;
    struct raw_ring ring;
};

/* The test reads when it likes. */
static enum vmbus_event_result raw_event(void *arg)
{
    (void)arg;
    return VMBUS_EVENT_LEFT;
}

static void signal_host(void *end)
{
    raw_guest_signal(end);
}

static struct raw_guest *try_open(struct world *w, uint16_t subchannel)
{
    struct raw_guest *g = calloc(1, sizeof(*g));
    struct vmbus_open open = {
        .tx_pages = 4,
        .rx_pages = 4,
        .event = raw_event,
    };

    CHECK(g);
    world_run(w);
    g->channel = vmbus_bus_find(
        world_bus(w), (const struct vmbus_guid *)(const void *)&test_type,
        (const struct vmbus_guid *)(const void *)&test_instance, subchannel);
    if (!g->channel || vmbus_channel_claim(g->channel)) {
        free(g);
        return NULL;
    }
    if (vmbus_channel_open(g->channel, &open)) {
        vmbus_channel_unclaim(g->channel);
        free(g);
        return NULL;
    }
    g->ring = (struct raw_ring){vmbus_channel_rx(g->channel),
                                vmbus_channel_tx(g->channel), signal_host, g};
    world_run(w);
    return g;
}

struct raw_guest *raw_guest_try_open(struct world *w)
{
    return try_open(w, 0);
}

struct raw_guest *raw_guest_open(struct world *w)
{
    return raw_guest_open_subchannel(w, 0);
}

struct raw_guest *raw_guest_open_subchannel(struct world *w, uint16_t index)
{
    struct raw_guest *g = try_open(w, index);

    CHECK(g);
    return g;
}

void raw_guest_close(struct raw_guest *g)
{
    CHECK_EQ(vmbus_channel_close(g->channel), 0);
    vmbus_channel_unclaim(g->channel);
    free(g);
}

bool raw_guest_read(struct raw_guest *g, struct raw_packet *p)
{
    return raw_ring_read(&g->ring, p);
}

int raw_guest_send_header(struct raw_guest *g, uint16_t type, uint16_t flags,
                          uint64_t transaction, uint32_t header_size,
                          const void *body, uint32_t size)
{
    return raw_ring_send(&g->ring, type, flags, transaction, header_size, body,
                         size);
}

int raw_guest_send(struct raw_guest *g, uint16_t type, uint16_t flags,
                   uint64_t transaction, const void *bytes, uint32_t size)
{
    return raw_guest_send_header(g, type, flags, transaction, 0, bytes, size);
}

void raw_guest_lend(struct raw_guest *g, uint16_t flags, uint64_t pfn)
{
    struct {
        struct ring_gpa_header header;
        struct ring_gpa_range range;
        uint64_t pfn;
    } body = {
        .header = {.range_count = 1}, .range = {.byte_count = 100}, .pfn = pfn};

    CHECK_EQ(raw_guest_send_header(g, RING_PACKET_GPA_DIRECT, flags, 5,
                                   sizeof(body), &body, sizeof(body)),
             0);
}

volatile uint32_t *raw_guest_out(struct raw_guest *g)
{
    return (volatile uint32_t *)vmbus_channel_tx(g->channel)->area.control;
}

void raw_guest_signal(struct raw_guest *g)
{
    vmbus_channel_signal(g->channel);
}

/* ---- with a server before it --------------------------------------------- */

struct raw_guest *raw_guest_pair(struct world *w)
{
    server_make(w, &w->server, &test_instance);
    server_start(&w->server);
    return raw_guest_open(w);
}

void raw_guest_end(struct world *w, struct raw_guest *g)
{
    raw_guest_close(g);
    endpoint_end(&w->server);
}
