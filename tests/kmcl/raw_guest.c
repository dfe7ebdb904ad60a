/*
 * A guest without KMCL: the other end of a server's rings.
 */
#include "harness.h"

#include <stdlib.h>

#include "ring.h"
#include "runner.h"
#include "vmbus.h"

struct raw_guest {
    struct vmbus_channel *channel;
};

/* The test reads when it likes. */
static enum vmbus_event_result raw_event(void *arg)
{
    (void)arg;
    return VMBUS_EVENT_LEFT;
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
    struct ring_reader *r = vmbus_channel_rx(g->channel);
    uint32_t at = ring_reader_start(r);
    struct ring_packet packet;

    if (ring_read(r, &at, &packet, p->body, sizeof(p->body)))
        return false;
    p->type = packet.type;
    p->flags = packet.flags;
    p->transaction = packet.transaction;
    p->header_size = packet.header_size;
    p->size = packet.size;
    if (ring_reader_commit(r, at))
        vmbus_channel_signal(g->channel);
    return true;
}

int raw_guest_send_header(struct raw_guest *g, uint16_t type, uint16_t flags,
                          uint64_t transaction, uint32_t header_size,
                          const void *body, uint32_t size)
{
    struct ring_writer *writer = vmbus_channel_tx(g->channel);
    struct ring_packet packet = {
        .type = type,
        .flags = flags,
        .header_size = header_size,
        .size = size,
        .transaction = transaction,
    };
    uint32_t at = ring_writer_start(writer);
    int rc = ring_write(writer, &at, &packet, body);

    if (!rc && ring_writer_commit(writer, at))
        vmbus_channel_signal(g->channel);
    return rc;
}

int raw_guest_send(struct raw_guest *g, uint16_t type, uint16_t flags,
                   uint64_t transaction, const void *bytes, uint32_t size)
{
    return raw_guest_send_header(g, type, flags, transaction, 0, bytes, size);
}

volatile uint32_t *raw_guest_out(struct raw_guest *g)
{
    return (volatile uint32_t *)vmbus_channel_tx(g->channel)->area.control;
}

void raw_guest_signal(struct raw_guest *g)
{
    vmbus_channel_signal(g->channel);
}
