/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items G, first part (104, 105, 110, 120): what comes in.
 */
#include "harness.h"
#include "raw.h"

#include "vmbus/ring_wire.h"

static uint64_t order[64];

static void note_order(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    CHECK_EQ(e->size, 8);
    memcpy(&order[e->packets - 1], e->buffer, 8);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_104(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.on_packet = note_order;
    for (uint64_t i = 0; i < 30; i++)
        raw_host_give(h, 0, i);
    world_run(w);
    CHECK_EQ(w->client.packets, 30);
    for (uint64_t i = 0; i < 30; i++)
        CHECK_EQ(order[i], i);
    raw_end(w, h);
}

/* A pipe's frame header is not shown, and its length is exact. */
static void item_104_pipe(struct world *w)
{
    VMBPACKET p;

    pair_make(w);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->client.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    CHECK_STATUS(
        VmbServerChannelInitSetFlags(
            w->server.ch, VMBUS_SERVER_CHANNEL_INIT_FLAG_OFFER_AS_PIPE),
        STATUS_SUCCESS);
    pair_run(w);
    CHECK_STATUS(send_plain(&w->client, "seven b", 7), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.size, 7);
    CHECK(!memcmp(w->server.bytes, "seven b", 7));
    CHECK_STATUS(send_plain(&w->server, "abc", 3), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->client.size, 3);
    p = VmbPacketAllocate(w->client.ch); /* no transactions in a pipe */
    CHECK_STATUS(VmbPacketSend(p, "x", 1, NULL, WAIT),
                 STATUS_INVALID_PARAMETER_5);
    VmbPacketFree(p);
    pair_end(w);
}

/* A frame that is no data, or says more than there is, is not delivered. */
static void item_104_bad_pipe(struct world *w)
{
    static const uint32_t frames[][2] = {{9, 4}, {1, 100}, {1, 0xffffffff}};
    struct raw_host *h = raw_host_offer(w, &test_instance);
    uint32_t good[4] = {1, 4, 0x64636261, 0};

    client_make(w, &w->client);
    CHECK_STATUS(
        VmbChannelInitSetFlags(w->client.ch, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE),
        STATUS_SUCCESS);
    endpoint_enable(&w->client);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, frames[i], 8), 0);
    world_run(w);
    CHECK_EQ(w->client.packets, 0);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 3);
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, good, 16), 0);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    CHECK(!memcmp(w->client.bytes, "abcd", 4));
    raw_end(w, h);
}

/* Larger than what we send ourselves: read all the same. */
static void item_104_large(struct world *w)
{
    static uint8_t bytes[5000];
    struct raw_host *h = raw_pair(w, 2);

    memset(bytes, 0x77, sizeof(bytes));
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, bytes, 5000), 0);
    world_run(w);
    CHECK_EQ(w->client.size, 5000);
    CHECK_EQ(w->client.bytes[4999], 0x77);
    raw_end(w, h);
}

/* No memory for it now: it stays in the ring, and a timer looks again. */
static void item_104_memory(struct world *w)
{
    static uint8_t bytes[5000];
    struct raw_host *h = raw_pair(w, 2);

    raw_host_give(h, 0, 1);
    world_run(w);
    world_fail_allocation(w, 1);
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, bytes, 5000), 0);
    world_run(w);
    world_fail_allocation(w, 0);
    world_advance(w, 15);
    CHECK_EQ(w->client.packets, 2);
    CHECK_EQ(w->client.size, 5000);
    raw_end(w, h);
}

/* What nobody knows is skipped, and not even answered. */
static void item_104_unknown(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;

    CHECK_EQ(raw_host_send(h, 0x77, RING_FLAG_COMPLETION_REQUESTED, 5, "x", 1),
             0);
    raw_host_give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_packets, 1);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_packets, 0);
    CHECK(!raw_host_read(h, &got));
    raw_end(w, h);
}

static void item_105(struct world *w)
{
    void *page = world_pages(w, 1);
    PMDL mdl = mdl_of(page, 100);
    struct sent s;

    pair_run(w);
    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.flags, 0);
    CHECK_STATUS(VmbPacketSend(s.packet, "x", 1, mdl, 1), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.flags, 1);
    sent_free(&s);
    IoFreeMdl(mdl);
    pair_end(w);
}

static const uint8_t *kept;

static void keep(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    kept = e->buffer;
    e->held[e->held_count++] = pc;
}

static void item_110(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.on_packet = keep;
    raw_host_give(h, 0, 0x5a);
    world_run(w);
    memset(raw_host_out_data(h), 0xff, 8192);
    CHECK_EQ(kept[0], 0x5a);
    CHECK_EQ(kept[1], 0);
    endpoint_complete_all(&w->client);
    raw_end(w, h);
}

/* As many objects are kept for reuse, no more. */
static void item_104_kept(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    uint64_t before;

    w->client.hold = true;
    raw_host_give(h, 0, 0);
    world_run(w);
    before = world_blocks(w);
    for (uint64_t i = 1; i < 200; i++) {
        raw_host_give(h, 0, i);
        world_run(w);
    }
    CHECK(world_blocks(w) > before + 190);
    endpoint_complete_all(&w->client);
    CHECK(world_blocks(w) < before + 70);
    raw_end(w, h);
}

/* Context bytes are reserved, though no V1 function reaches them. */
static void item_104_context(struct world *w)
{
    pair_make(w);
    CHECK_STATUS(VmbChannelInitSetClientContextSize(w->server.ch, 4096), 0);
    pair_run(w);
    client_send(w);
    CHECK_EQ(w->server.packets, 1);
    pair_end(w);
}

static void item_120(struct world *w)
{
    pair_run(w);
    for (UINT32 size = 0; size <= 32; size++) {
        CHECK_STATUS(
            send_plain(&w->client, "0123456789abcdef0123456789abcdef", size),
            STATUS_SUCCESS);
        world_run(w);
        CHECK(w->server.size >= size && w->server.size <= size + 7);
        CHECK_EQ(w->server.size % 8, 0);
    }
    pair_end(w);
}

const struct test kmcl_tests_incoming[] = {
    {104, "each packet is delivered once, in the order of the ring", item_104},
    {104, "a pipe's message is delivered without its frame header",
     item_104_pipe},
    {104, "bad pipe frames are refused, and good ones after them delivered",
     item_104_bad_pipe},
    {104, "a packet above the receiver's own maximum is delivered",
     item_104_large},
    {104, "packets are delivered with a client context as well",
     item_104_context},
    {104, "packets that found no memory are delivered when there is some",
     item_104_memory},
    {104, "a packet of an unknown type is skipped", item_104_unknown},
    {104, "only a few objects of incoming packets are kept for reuse",
     item_104_kept},
    {105, "the flag for external data is set only for packets that have some",
     item_105},
    {110, "a packet's buffer stays unchanged until it is completed", item_110},
    {120, "the length of a packet is padded by at most 7 bytes", item_120},
    {0, NULL, NULL},
};
