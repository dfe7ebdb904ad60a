/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items 106..109: the completion of what came in.
 */
#include "harness.h"
#include "raw.h"

#include "vmbus/ring_wire.h"

#define ASKS RING_FLAG_COMPLETION_REQUESTED

static void item_106(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;

    w->client.echo = true;
    raw_host_give(h, 0, 1);
    world_run(w);
    CHECK(!raw_host_read(h, &got));
    raw_host_give(h, ASKS, 2);
    world_run(w);
    CHECK(raw_host_read(h, &got));
    CHECK_EQ(got.type, RING_PACKET_COMPLETION);
    CHECK_EQ(got.flags, 0);
    CHECK_EQ(got.transaction, 1002);
    CHECK_EQ(got.size, 8);
    CHECK_EQ(got.body[0], 2);
    CHECK(!raw_host_read(h, &got));
    raw_end(w, h);
}

static void item_107(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;

    raw_host_give(h, ASKS, 1);
    world_run(w);
    CHECK(raw_host_read(h, &got));
    CHECK_EQ(got.size, 0);
    raw_end(w, h);
}

static void item_108(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;
    KIRQL irql;

    w->client.hold = true;
    for (uint64_t i = 0; i < 3; i++)
        raw_host_give(h, ASKS, i);
    world_run(w);
    CHECK_EQ(w->client.held_count, 3);
    VmbChannelPacketComplete(w->client.held[1], "at level", 8);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    VmbChannelPacketComplete(w->client.held[2], "dispatch", 8);
    KeLowerIrql(irql);
    VmbChannelPacketComplete(w->client.held[0], NULL, 0);
    for (int i = 0; i < 3; i++) {
        static const uint64_t expected[] = {1001, 1002, 1000};

        CHECK(raw_host_read(h, &got));
        CHECK_EQ(got.transaction, expected[i]);
    }
    CHECK_ASSERTS(w, "complete it once",
                  VmbChannelPacketComplete(w->client.held[0], NULL, 0));
    CHECK_ASSERTS(w, "complete it once",
                  VmbChannelPacketComplete(NULL, NULL, 0));
    raw_end(w, h);
}

static void complete_foreign(struct world *w, int fill)
{
    static uint64_t memory[64];

    memset(memory, fill, sizeof(memory));
    CHECK_ASSERTS(
        w, "complete it once",
        VmbChannelPacketComplete((VMBPACKETCOMPLETION)(void *)memory, NULL, 0));
}

static void item_108_misuse(struct world *w)
{
    static uint8_t bytes[1025];
    struct raw_host *h = raw_pair(w, 2);
    struct kmcl_wire wire;

    for (int fill = 0; fill < 8; fill++)
        complete_foreign(w, fill);
    CHECK_ASSERTS(w, "complete it once", VmbChannelPacketDeferToPassive(NULL));
    CHECK_ASSERTS(w, "complete it once", VmbChannelPacketFail(NULL));
    CHECK_ASSERTS(w, "not a packet", kmcl_packet_wire(NULL, &wire));
    w->client.hold = true;
    raw_host_give(h, ASKS, 1);
    world_run(w);
    CHECK_ASSERTS(w, "maximum packet size",
                  VmbChannelPacketComplete(w->client.held[0], bytes, 1025));
    CHECK_ASSERTS(w, "needs a buffer",
                  VmbChannelPacketComplete(w->client.held[0], NULL, 8));
    endpoint_complete_all(&w->client);
    raw_end(w, h);
}

/* A host that reads nothing, as it waits for the client to read: it does. */
static void item_109_unread(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    for (uint64_t i = 0; i < 600; i++) { /* the ring holds 255 answers */
        raw_host_give(h, ASKS, i);
        world_run(w);
        CHECK_EQ(w->client.packets, i + 1);
    }
    raw_end(w, h);
}

/* The ring is full to the last completion, and nothing waits yet. */
static void item_109_first(struct world *w)
{
    static uint8_t bytes[1000];
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got = {0};

    w->client.hold = true;
    raw_host_give(h, ASKS, 1);
    world_run(w);
    for (int i = 0; i < 7; i++) /* 1,024 bytes of ring each, of 8,192 */
        CHECK_STATUS(send_plain(&w->client, bytes, 1000), STATUS_SUCCESS);
    for (int i = 0; i < 31; i++) /* 32 each */
        CHECK_STATUS(send_plain(&w->client, bytes, 8), STATUS_SUCCESS);
    CHECK_EQ(kmcl_stats(w->kmcl)->packets_queued, 0);
    VmbChannelPacketComplete(w->client.held[0], "response", 8);
    CHECK_EQ(kmcl_stats(w->kmcl)->packets_queued, 1);
    world_run(w);
    for (int i = 0; i < 38; i++)
        CHECK(raw_host_read(h, &got));
    world_run(w);
    CHECK(raw_host_read(h, &got));
    CHECK_EQ(got.type, RING_PACKET_COMPLETION);
    CHECK(!memcmp(got.body, "response", 8));
    raw_end(w, h);
}

static void item_109(struct world *w)
{
    static uint8_t bytes[1024];
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;
    uint32_t packets = 0, completions = 0;

    w->client.echo = true;
    for (int i = 0; i < 8; i++) /* one more than the ring holds */
        CHECK_STATUS(send_plain(&w->client, bytes, sizeof(bytes)),
                     STATUS_SUCCESS);
    for (uint64_t i = 0; i < 5; i++)
        raw_host_give(h, ASKS, i);
    world_run(w);
    CHECK_EQ(w->client.packets, 5);
    while (raw_host_read(h, &got)) {
        if (got.type == RING_PACKET_COMPLETION) {
            CHECK_EQ(got.transaction, 1000 + completions);
            CHECK_EQ(got.body[0], completions);
            completions++;
        } else {
            packets++;
        }
        world_run(w);
    }
    CHECK_EQ(packets, 8);
    CHECK_EQ(completions, 5);
    raw_end(w, h);
}

const struct test kmcl_tests_completion[] = {
    {106, "a completion packet is sent only if the sender asked for one",
     item_106},
    {107, "VmbChannelPacketComplete without a response is valid", item_107},
    {108, "packets can be completed later, out of order, at DISPATCH, once",
     item_108},
    {108, "VmbChannelPacketComplete asserts on a bad handle, size or buffer",
     item_108_misuse},
    {109, "a completion that is the first in the waiting queue is sent as well",
     item_109_first},
    {109, "a client goes on reading while its answers wait for room",
     item_109_unread},
    {109, "a completion waits for room in the ring and is not dropped",
     item_109},
    {0, NULL, NULL},
};
