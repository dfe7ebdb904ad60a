/*
 * Acceptance items J and K (144..150): getters, tuning, robustness.
 */
#include "harness.h"

#include "ring_wire.h"

static void look_at_mmio(struct endpoint *e)
{
    UINT64 address = 1, size = 1;

    VmbChannelGetMmioSpace(e->ch, &address, &size);
    CHECK_EQ(address, 0x1000000000);
    CHECK_EQ(size, 10 << 20);
    e->context = e;
}

static void item_144(struct world *w)
{
    UINT64 address = 1, size = 1;

    pair_make(w);
    CHECK_STATUS(VmbServerChannelInitSetMmioMegabytes(w->server.ch, 8, 2), 0);
    w->client.on_opened = look_at_mmio;
    pair_run(w);
    CHECK(w->client.context);
    pair_end(w);
    w->client.trace[0] = w->server.trace[0] = 0;
    pair_make(w);
    w->client.on_opened = NULL;
    pair_run(w);
    VmbChannelGetMmioSpace(w->client.ch, &address, &size);
    CHECK(!address && !size);
    pair_end(w);
}

/* Two that fit only without the optional part, and one that does not fit. */
static void item_144_shared(struct world *w)
{
    struct endpoint servers[3], clients[3];
    UINT64 address[3], size[3];
    GUID instance = test_instance;

    memset(servers, 0, sizeof(servers));
    memset(clients, 0, sizeof(clients));
    for (int i = 0; i < 3; i++) {
        instance.Data1 = (uint32_t)i + 1;
        server_make(w, &servers[i], &instance);
        CHECK_STATUS(VmbServerChannelInitSetMmioMegabytes(servers[i].ch, 30, 8),
                     STATUS_SUCCESS);
        CHECK_STATUS(VmbChannelEnable(servers[i].ch), STATUS_SUCCESS);
        client_make(w, &clients[i]);
        CHECK_STATUS(VmbChannelEnable(clients[i].ch), STATUS_SUCCESS);
        world_run(w);
        VmbChannelGetMmioSpace(clients[i].ch, &address[i], &size[i]);
    }
    CHECK_EQ(size[0], 38 << 20);
    CHECK_EQ(size[1], 0); /* 26 MiB are left of 64 */
    CHECK_TEXT(clients[1].trace, "F");
    CHECK(world_logged(w, "MMIO"));
    for (int i = 0; i < 3; i++) {
        endpoint_end(&clients[i]);
        endpoint_end(&servers[i]);
    }
}

static void latency_works(struct endpoint *e)
{
    UINT16 original = 0;

    CHECK_STATUS(VmbChannelSetInterruptLatency(e->ch, 500, &original),
                 STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelSetInterruptLatency(e->ch, 700, &original),
                 STATUS_SUCCESS);
    CHECK_EQ(original, 500);
    CHECK_STATUS(VmbChannelSetInterruptLatency(e->ch, 500, NULL),
                 STATUS_SUCCESS);
    e->context = (uint8_t *)e->context + 1;
}

static void item_145(struct world *w)
{
    struct raw_host *h;

    raw_host_monitor(NULL);
    h = raw_host_offer(w, &test_instance);
    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->client.ch, 1, NULL),
                 STATUS_INVALID_DEVICE_STATE);
    w->client.on_opened = latency_works;
    w->client.on_started = latency_works;
    w->client.on_suspend = latency_works;
    w->client.on_closed = latency_works;
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    latency_works(&w->client);
    VmbChannelDisable(w->client.ch);
    CHECK_EQ((uintptr_t)w->client.context, 5);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->client.ch, 1, NULL),
                 STATUS_INVALID_DEVICE_STATE);
    raw_end(w, h);
}

static void change_when_closed(struct endpoint *e)
{
    CHECK_STATUS(VmbChannelSetInterruptLatency(e->ch, 900, NULL),
                 STATUS_SUCCESS);
}

/* What was set last holds for the next opening, though the page had 300. */
static void item_145_again(struct world *w)
{
    UINT16 original = 0;
    struct raw_host *h;

    raw_host_monitor(NULL);
    h = raw_host_offer(w, &test_instance);
    client_make(w, &w->client);
    w->client.on_closed = change_when_closed;
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->client.ch, 300, NULL),
                 STATUS_SUCCESS);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->client.ch, 1, &original),
                 STATUS_SUCCESS);
    CHECK_EQ(original, 900);
    raw_end(w, h);
}

static void item_145_none(struct world *w)
{
    pair_run(w);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->client.ch, 1, NULL),
                 STATUS_NOT_SUPPORTED);
    CHECK_STATUS(VmbChannelSetInterruptLatency(w->server.ch, 1, NULL),
                 STATUS_NOT_SUPPORTED);
    CHECK_STATUS(VmbChannelSetInterruptLatency(NULL, 1, NULL),
                 STATUS_INVALID_PARAMETER_1);
    pair_end(w);
}

static void item_146(struct world *w)
{
    UINT64 value;

    client_make(w, &w->client);
    CHECK_ASSERTS(w, "NULL output",
                  VmbChannelGetInterfaceInstance(w->client.ch, NULL));
    CHECK_ASSERTS(w, "NULL output",
                  VmbChannelGetMmioSpace(w->client.ch, NULL, &value));
    CHECK_ASSERTS(w, "NULL output",
                  VmbChannelGetMmioSpace(w->client.ch, &value, NULL));
    CHECK_ASSERTS(w, "not a live channel", (void)VmbChannelGetPointer(NULL));
    pair_end(w);
}

/* What a host may write: the control word, its value; or a descriptor. */
static void broken_by(struct world *w, void (*spoil)(struct raw_host *h))
{
    struct raw_host *h = raw_pair(w, 2);
    struct sent s;

    w->client.trace[0] = 0;
    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_SUCCESS);
    spoil(h);
    raw_host_signal(h);
    world_run(w);
    CHECK_TEXT(w->client.trace, "XC");
    CHECK_EQ(w->client.packets, 0);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_rings, 1);
    CHECK(world_logged(w, "ring is broken"));
    CHECK_EQ(s.ended, 1);
    CHECK_STATUS(s.status, STATUS_DEVICE_REMOVED);
    sent_free(&s);
    /* And the device can be used again. */
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_TEXT(w->client.trace, "XCOSP");
    raw_end(w, h);
}

static void index_range(struct raw_host *h)
{
    raw_host_out(h)[0] = 8192;
}

static void index_unit(struct raw_host *h)
{
    raw_host_out(h)[0] = 12;
}

static void descriptor(struct raw_host *h, uint16_t offset8, uint16_t length8)
{
    struct ring_descriptor d = {
        .type = RING_PACKET_IN_BAND,
        .offset8 = offset8,
        .length8 = length8,
    };

    memcpy(raw_host_out_data(h), &d, sizeof(d));
    raw_host_out(h)[0] = 64;
}

static void short_offset(struct raw_host *h)
{
    descriptor(h, 1, 4);
}

static void long_offset(struct raw_host *h)
{
    descriptor(h, 5, 4);
}

static void long_packet(struct raw_host *h)
{
    descriptor(h, 2, 9);
}

static void item_147_range(struct world *w)
{
    broken_by(w, index_range);
}

static void item_147_unit(struct world *w)
{
    broken_by(w, index_unit);
}

static void item_147_short(struct world *w)
{
    broken_by(w, short_offset);
}

static void item_147_offset(struct world *w)
{
    broken_by(w, long_offset);
}

static void item_147_length(struct world *w)
{
    broken_by(w, long_packet);
}

/* The outgoing ring's read index, found when a send wants room. */
static void item_147_outgoing(struct world *w)
{
    static uint8_t bytes[1024];
    struct raw_host *h = raw_pair(w, 2);

    w->client.trace[0] = 0;
    raw_host_in(h)[1] = 4;
    for (int i = 0; i < 20; i++)
        CHECK_STATUS(send_plain(&w->client, bytes, sizeof(bytes)),
                     STATUS_SUCCESS);
    world_run(w);
    CHECK_TEXT(w->client.trace, "XC");
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_rings, 1);
    raw_end(w, h);
}

/* A guest that breaks its ring is taken off; the offer comes back. */
static void item_147_server(struct world *w)
{
    struct raw_guest *g;

    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    VmbChannelStart(w->server.ch);
    g = raw_guest_open(w);
    CHECK_TEXT(w->server.trace, "OSP");
    raw_guest_out(g)[0] = 4;
    raw_guest_signal(g);
    world_run(w);
    CHECK_TEXT(w->server.trace, "OSPXC");
    raw_guest_close(g);
    g = raw_guest_open(w);
    CHECK_TEXT(w->server.trace, "OSPXCOSP");
    raw_guest_close(g);
    endpoint_end(&w->server);
}

static void spoil_later(void *arg)
{
    index_unit(arg);
    raw_host_signal(arg);
}

static void complete_later(void *arg)
{
    struct endpoint *e = arg;

    VmbChannelPacketComplete(e->held[0], "too late", 8);
    e->held_count = 0;
}

/* A request that waits ends at once, though the channel cannot close yet. */
static void item_147_request(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.hold = true;
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 1, "x", 1), 0);
    world_run(w);
    world_call_later(w, 10, spoil_later, h);
    world_call_later(w, 50, complete_later, &w->client);
    CHECK_STATUS(VmbChannelSendSynchronousRequest(
                     w->client.ch, "x", 1, NULL,
                     VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION, NULL, NULL,
                     NULL),
                 STATUS_DEVICE_REMOVED);
    CHECK_EQ(w->client.held_count, 1);
    world_advance(w, 100);
    CHECK_TEXT(w->client.trace, "OSPXC");
    raw_end(w, h);
}

/* Nothing is written any more, not even an answer. */
static void item_147_answer(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;

    w->client.hold = true;
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND,
                           RING_FLAG_COMPLETION_REQUESTED, 1, "x", 1),
             0);
    world_run(w);
    spoil_later(h);
    world_run(w);
    complete_later(&w->client);
    CHECK(!raw_host_read(h, &got));
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    raw_end(w, h);
}

/* A guest with rings smaller than our packets gets none of these, but the
 * others. */
static void item_147_small(struct world *w)
{
    static uint8_t bytes[20000];
    struct raw_packet got;
    struct raw_guest *g;
    struct sent s;

    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbChannelInitSetMaximumPacketSize(w->server.ch, 32768), 0);
    w->server.hold = true;
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    VmbChannelStart(w->server.ch);
    g = raw_guest_open(w); /* 4 pages each way */
    CHECK_EQ(raw_guest_send(g, RING_PACKET_IN_BAND,
                            RING_FLAG_COMPLETION_REQUESTED, 1, "x", 1),
             0);
    world_run(w);
    sent_make(&w->server, &s);
    CHECK_STATUS(sent_send(&s, bytes, sizeof(bytes), false), STATUS_SUCCESS);
    CHECK_EQ(s.ended, 1);
    CHECK_STATUS(s.status, STATUS_BUFFER_OVERFLOW);
    VmbChannelPacketComplete(w->server.held[0], bytes, sizeof(bytes));
    world_run(w);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 2);
    CHECK_STATUS(sent_send(&s, "fits", 4, false), STATUS_SUCCESS);
    CHECK(raw_guest_read(g, &got));
    CHECK(!memcmp(got.body, "fits", 4));
    CHECK_TEXT(w->server.trace, "OSP");
    sent_free(&s);
    raw_guest_close(g);
    endpoint_end(&w->server);
}

/* External ranges that say more than the packet holds. */
static void item_147_ranges(struct world *w)
{
    struct ring_gpa_header header = {.range_count = 1000};
    struct raw_guest *g;
    uint8_t body[64] = {0};

    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    VmbChannelStart(w->server.ch);
    g = raw_guest_open(w);
    memcpy(body, &header, sizeof(header));
    CHECK_EQ(raw_guest_send(g, RING_PACKET_GPA_DIRECT, 1, 5, body, 64), 0);
    world_run(w);
    CHECK_EQ(w->server.packets, 0);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 1);
    CHECK_TEXT(w->server.trace, "OSP"); /* the ring itself is sound */
    raw_guest_close(g);
    endpoint_end(&w->server);
}

/* The host changes a packet after it was read: what the application has does
 * not change, and its length was taken from what was checked. */
static const uint8_t *given;
static UINT32 given_size;

static void spoil_while_given(struct endpoint *e, VMBPACKETCOMPLETION pc,
                              PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)flags;
    given = buffer;
    given_size = size;
    memset(raw_host_out_data(e->context), 0xff, 8192);
    CHECK_EQ(given[0], 0x11);
    CHECK_EQ(given[size - 1], 0x11);
    VmbChannelPacketComplete(pc, buffer, size);
}

static void item_148(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;
    uint8_t bytes[64];

    memset(bytes, 0x11, sizeof(bytes));
    w->client.context = h;
    w->client.on_packet = spoil_while_given;
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 1, 99, bytes, 64), 0);
    world_run(w);
    CHECK_EQ(given_size, 64);
    CHECK(raw_host_read(h, &got));
    CHECK_EQ(got.transaction, 99); /* not the spoiled one */
    CHECK_EQ(got.body[63], 0x11);
    raw_end(w, h);
}

static void item_149(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    for (int i = 0; i < 20; i++) {
        raw_host_signal(h);
        world_run(w);
    }
    CHECK_EQ(w->client.packets, 0);
    CHECK_EQ(w->client.batches, 0);
    raw_end(w, h);
}

static void item_150(struct world *w)
{
    static uint8_t bytes[1024];
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;
    uint32_t before;

    before = raw_host_signals(h);
    for (int i = 0; i < 5; i++) /* empty to non-empty: one of them */
        CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    CHECK_EQ(raw_host_signals(h), before + 1);
    while (raw_host_read(h, &got))
        continue;
    raw_host_in(h)[2] = 1; /* masked: none */
    CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    CHECK_EQ(raw_host_signals(h), before + 1);
    raw_host_in(h)[2] = 0;
    while (raw_host_read(h, &got))
        continue;
    /* Reading what the host sent signals only for room that it asked for. */
    for (int i = 0; i < 5; i++)
        CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, bytes, 1024), 0);
    world_run(w);
    CHECK_EQ(raw_host_signals(h), before + 1);
    w->client.hold = true;
    VmbChannelPause(w->client.ch);
    for (int i = 0; i < 7; i++)
        CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, bytes, 1024), 0);
    raw_host_out(h)[3] = 1048; /* the host wants room for one */
    w->client.hold = false;
    VmbChannelStart(w->client.ch);
    world_run(w);
    CHECK_EQ(w->client.packets, 12);
    CHECK_EQ(raw_host_signals(h), before + 2);
    raw_end(w, h);
}

const struct test kmcl_tests_misc[] = {
    {144, "MMIO space is there from opened on, or zeros", item_144},
    {144, "MMIO space that is not there fails the opening", item_144_shared},
    {145, "latency from opened to closed, with the old value", item_145},
    {145, "the last one set holds for the next opening", item_145_again},
    {145, "without a monitor it is not supported", item_145_none},
    {146, "getters assert on NULL output pointers", item_146},
    {147, "a write index out of range", item_147_range},
    {147, "a write index that is no multiple of 8", item_147_unit},
    {147, "a payload that starts inside the descriptor", item_147_short},
    {147, "a payload that starts behind the packet", item_147_offset},
    {147, "a packet longer than what was written", item_147_length},
    {147, "a bad read index of the outgoing ring", item_147_outgoing},
    {147, "a guest that breaks its ring is taken off", item_147_server},
    {147, "a request that waits ends when the ring breaks", item_147_request},
    {147, "and nothing is answered any more", item_147_answer},
    {147, "what a guest's rings cannot hold is dropped", item_147_small},
    {147, "ranges beyond the packet refuse the packet", item_147_ranges},
    {148, "what was read does not change with the ring", item_148},
    {149, "a signal with nothing in the ring does nothing", item_149},
    {150, "signals only when the other side needs one", item_150},
    {0, NULL, NULL},
};
