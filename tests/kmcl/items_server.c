/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Servers before a guest that is not KMCL: what their offers look like, and
 * what they do when the guest is quick, careless or slow.
 */
#include "harness.h"
#include "raw.h"

#include "vmbus/ring_wire.h"
#include "runner.h"
#include "vmbus/vmbus.h"

#define ASKS RING_FLAG_COMPLETION_REQUESTED

static const struct vmbus_offer *offer_of(struct world *w, uint16_t subchannel)
{
    struct vmbus_channel *c = vmbus_bus_find(
        world_bus(w), (const struct vmbus_guid *)(const void *)&test_type,
        (const struct vmbus_guid *)(const void *)&test_instance, subchannel);

    CHECK(c);
    return vmbus_channel_offer(c);
}

/* Message mode is 4 in the first four bytes of the offer's data. */
static void pipe_offer(struct world *w)
{
    static const uint8_t mode[4] = {4};

    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(
        VmbServerChannelInitSetFlags(
            w->server.ch, VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE),
        STATUS_SUCCESS);
    server_start(&w->server);
    world_run(w);
    CHECK_EQ(offer_of(w, 0)->flags, VMBUS_OFFER_PIPE);
    CHECK(!memcmp(offer_of(w, 0)->user_data, mode, sizeof(mode)));
    endpoint_end(&w->server);
}

/* A socket's offer says in the fifth byte who connects, and another's not. */
static void check_socket(struct world *w, UINT32 flags, BOOLEAN connects,
                         uint8_t wanted)
{
    uint8_t data[120] = {0};

    data[4] = wanted;
    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->server.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    CHECK_STATUS(VmbServerChannelInitSetFlags(w->server.ch, flags),
                 STATUS_SUCCESS);
    CHECK_STATUS(kmcl_server_set_connects(w->server.ch, connects),
                 STATUS_SUCCESS);
    server_start(&w->server);
    world_run(w);
    CHECK_EQ(offer_of(w, 0)->flags, flags ? 0x2000 : 0);
    CHECK(!memcmp(offer_of(w, 0)->user_data, data, sizeof(data)));
    CHECK_STATUS(kmcl_server_set_connects(w->server.ch, FALSE),
                 STATUS_INVALID_PARAMETER_1);
    endpoint_end(&w->server);
}

static void socket_offer(struct world *w)
{
    const UINT32 socket = VMBUS_SERVER_CHANNEL_INIT_FLAG_TLNPI_PROVIDER_OFFER;

    check_socket(w, socket, TRUE, 1);
    check_socket(w, socket, FALSE, 0);
    check_socket(w, 0, TRUE, 0);
}

static void subchannel_offer(struct world *w)
{
    struct endpoint sub = {0};

    server_make(w, &w->server, &test_instance);
    server_make(w, &sub, &test_instance);
    CHECK_STATUS(kmcl_server_set_subchannel(sub.ch, 2), STATUS_SUCCESS);
    server_start(&w->server);
    world_run(w);
    server_start(&sub);
    world_run(w);
    CHECK_EQ(offer_of(w, 0)->subchannel, 0);
    CHECK_EQ(offer_of(w, 2)->subchannel, 2);
    CHECK_STATUS(kmcl_server_set_subchannel(sub.ch, 3),
                 STATUS_INVALID_PARAMETER_1);
    endpoint_end(&sub);
    endpoint_end(&w->server);
}

static void monitored_offer(struct world *w)
{
    struct endpoint plain = {0};

    server_make(w, &w->server, &test_instance);
    server_make(w, &plain, &test_instance);
    CHECK_STATUS(kmcl_server_set_subchannel(plain.ch, 1), STATUS_SUCCESS);
    CHECK_STATUS(kmcl_server_set_monitored(w->server.ch, TRUE), STATUS_SUCCESS);
    server_start(&w->server);
    world_run(w);
    CHECK_STATUS(kmcl_server_set_monitored(w->server.ch, FALSE),
                 STATUS_INVALID_PARAMETER_1);
    server_start(&plain);
    world_run(w);
    CHECK(offer_of(w, 0)->monitored);
    CHECK(!offer_of(w, 1)->monitored);
    endpoint_end(&plain);
    endpoint_end(&w->server);
}

static struct kmcl_wire seen;

static void look_at_wire(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    (void)e;
    kmcl_packet_wire(pc, &seen);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void wire(struct world *w)
{
    struct raw_guest *g = raw_guest_pair(w);

    w->server.on_packet = look_at_wire;
    CHECK_EQ(raw_guest_send(g, RING_PACKET_IN_BAND, ASKS, 77, "x", 1), 0);
    world_run(w);
    CHECK(seen.asks_completion && seen.transaction == 77);
    CHECK_EQ(raw_guest_send(g, RING_PACKET_IN_BAND, 0, 78, "x", 1), 0);
    world_run(w);
    CHECK(!seen.asks_completion && seen.transaction == 78);
    raw_guest_end(w, g);
}

/* The guest writes on when the server has just seen its ring empty: masked,
 * so there is no signal for it. */
static struct raw_guest *writer;

static VOID write_once_more(VMBCHANNEL ch, UINT32 packets)
{
    (void)ch, (void)packets;
    if (writer)
        CHECK_EQ(raw_guest_send(writer, RING_PACKET_IN_BAND, 0, 2, "x", 1), 0);
    writer = NULL;
}

static VOID count_only(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                       UINT32 size, UINT32 flags)
{
    struct endpoint *e = VmbChannelGetPointer(ch);

    (void)buffer, (void)size, (void)flags;
    e->packets++;
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void late_packet(struct world *w, bool passive)
{
    struct raw_guest *g;

    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbChannelInitSetProcessPacketCallbacks(
                     w->server.ch, count_only, write_once_more),
                 STATUS_SUCCESS);
    VmbChannelSetIncomingProcessingAtPassive(w->server.ch, passive);
    server_start(&w->server);
    g = raw_guest_open(w);
    writer = g;
    CHECK_EQ(raw_guest_send(g, RING_PACKET_IN_BAND, 0, 1, "x", 1), 0);
    world_run(w);
    CHECK_EQ(w->server.packets, 2);
    raw_guest_end(w, g);
}

static void late(struct world *w)
{
    late_packet(w, false);
}

static void late_passive(struct world *w)
{
    late_packet(w, true);
}

/* External data that was mapped is given back with the packet. */
static void fail_mapped(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    PMDL mdl;

    (void)e;
    CHECK_STATUS(VmbChannelPacketGetExternalData(pc, 0, &mdl), STATUS_SUCCESS);
    CHECK(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
    VmbChannelPacketFail(pc);
}

static void failed_with_data(struct world *w)
{
    void *page = world_pages(w, 1);
    struct raw_guest *g;

    server_make(w, &w->server, &test_instance);
    VmbChannelSetIncomingProcessingAtPassive(w->server.ch, TRUE);
    server_start(&w->server);
    g = raw_guest_open(w);
    w->server.on_packet = fail_mapped;
    raw_guest_lend(g, ASKS, world_pfn(w, page));
    world_run(w);
    CHECK_EQ(w->server.packets, 1);
    raw_guest_end(w, g); /* the host half asserts what is still mapped */
}

/* A guest that asks and asks, and reads no answer. */
static void slow_reader(struct world *w)
{
    struct raw_guest *g = raw_guest_pair(w);
    struct raw_packet got = {0};
    uint64_t sent = 0, read = 0;

    w->server.echo = true;
    while (sent < 5000 && !raw_guest_send(g, RING_PACKET_IN_BAND, ASKS, sent,
                                          got.body, 1000)) {
        sent++;
        world_run(w);
    }
    CHECK(sent > 256 && sent < 400);
    CHECK(w->server.packets < 300);
    while (raw_guest_read(g, &got)) {
        CHECK_EQ(got.transaction, read++);
        world_run(w);
    }
    CHECK_EQ(read, sent);
    raw_guest_end(w, g);
}

/* The guest's rings are smaller than the server's packets: one that never fits
 * is told like one that does not fit now. */
static void small_rings(struct world *w)
{
    static uint8_t bytes[20000];
    LARGE_INTEGER zero = {.QuadPart = 0};
    struct raw_guest *g;

    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(
        VmbChannelInitSetMaximumPacketSize(w->server.ch, sizeof(bytes)),
        STATUS_SUCCESS);
    server_start(&w->server);
    g = raw_guest_open(w);
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->server.ch, bytes,
                                                  sizeof(bytes), NULL, 0, NULL,
                                                  NULL, &zero),
                 STATUS_BUFFER_OVERFLOW);
    raw_guest_end(w, g);
}

const struct test kmcl_tests_server[] = {
    {0, "a pipe's offer says that it carries messages", pipe_offer},
    {0, "a socket's offer says who connects", socket_offer},
    {0, "a sub-channel is offered under its index", subchannel_offer},
    {0, "a monitored channel is offered as one", monitored_offer},
    {0, "kmcl_packet_wire returns what the sender's descriptor says", wire},
    {0, "a packet that arrives at the end of a batch is delivered", late},
    {0, "a packet that arrives at the end of a passive batch is delivered",
     late_passive},
    {0, "a packet that its server fails gives its external data back",
     failed_with_data},
    {0, "a server stops reading from a guest that reads no answers",
     slow_reader},
    {95, "a send that can never fit the guest's ring ends with an error",
     small_rings},
    {0, NULL, NULL},
};
