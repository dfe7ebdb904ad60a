/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items 115..119: batches, and the quota that ends them.
 */
#include "harness.h"
#include "raw.h"

static void item_115(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    raw_host_give_many(h, 7);
    world_run(w);
    CHECK_EQ(w->client.packets, 7);
    CHECK_EQ(w->client.batches, 1);
    CHECK_EQ(w->client.last_batch, 7);
    /* At the quota delivery pauses, which ends a batch. */
    w->client.hold = true;
    VmbChannelSetTransactionQuota(w->client.ch, 3);
    raw_host_give_many(h, 4);
    world_run(w);
    CHECK_EQ(w->client.batches, 2);
    CHECK_EQ(w->client.last_batch, 3);
    endpoint_complete_all(&w->client);
    world_run(w);
    CHECK_EQ(w->client.batches, 3);
    CHECK_EQ(w->client.last_batch, 1);
    endpoint_complete_all(&w->client);
    raw_end(w, h);
}

static void item_116(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    for (uint64_t i = 0; i < 9; i++) {
        raw_host_give(h, 0, i);
        world_run(w);
        CHECK_EQ(w->client.batches, i + 1);
        CHECK_EQ(w->client.last_batch, 1);
    }
    raw_host_signal(h); /* nothing there */
    world_run(w);
    raw_host_complete(h, 77, NULL, 0); /* nothing to deliver */
    world_run(w);
    CHECK_EQ(w->client.batches, 9);
    raw_end(w, h);
}

static void item_117(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.hold = true;
    VmbChannelSetTransactionQuota(w->client.ch, 3);
    for (uint64_t i = 0; i < 10; i++)
        raw_host_give(h, 0, i);
    world_run(w);
    CHECK_EQ(w->client.packets, 3);
    for (uint32_t i = 0; i < 7; i++) {
        VmbChannelPacketComplete(w->client.held[i], NULL, 0);
        world_run(w);
        CHECK_EQ(w->client.packets, i + 4);
    }
    for (uint32_t i = 7; i < 10; i++)
        VmbChannelPacketComplete(w->client.held[i], NULL, 0);
    raw_end(w, h);
}

/* While nothing can be delivered 256 packets are read, no more. */
static void item_117_held_back(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    VmbChannelSetTransactionQuota(w->client.ch, 1);
    w->client.hold = true;
    for (int i = 0; i < 2; i++) {
        raw_host_give_many(h, 150);
        world_run(w);
    }
    CHECK_EQ(w->client.packets, 1);
    /* 300 - 1 - 256 packets of 32 bytes. */
    CHECK_EQ((raw_host_out(h)[0] - raw_host_out(h)[1]) & 8191, 43 * 32);
    w->client.hold = false;
    endpoint_complete_all(&w->client);
    world_run(w);
    CHECK_EQ(w->client.packets, 300);
    raw_end(w, h);
}

static void item_118(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.hold = true;
    VmbChannelSetTransactionQuota(w->client.ch, 4);
    for (uint64_t i = 0; i < 10; i++)
        raw_host_give(h, 0, i);
    world_run(w);
    CHECK_EQ(w->client.packets, 4);
    VmbChannelSetTransactionQuota(w->client.ch, 2);
    for (uint32_t i = 0; i < 2; i++) { /* down to the new quota: none yet */
        VmbChannelPacketComplete(w->client.held[i], NULL, 0);
        world_run(w);
        CHECK_EQ(w->client.packets, 4);
    }
    VmbChannelPacketComplete(w->client.held[2], NULL, 0);
    world_run(w);
    CHECK_EQ(w->client.packets, 5);
    VmbChannelSetTransactionQuota(w->client.ch, 100);
    raw_host_give(h, 0, 10); /* and a signal comes */
    world_advance(w, 100);
    CHECK_EQ(w->client.packets, 5);
    VmbChannelPacketComplete(w->client.held[3], NULL, 0);
    world_run(w);
    CHECK_EQ(w->client.packets, 11);
    for (uint32_t i = 4; i < 11; i++)
        VmbChannelPacketComplete(w->client.held[i], NULL, 0);
    raw_end(w, h);
}

/* The quota's last packet is failed, so that no completion lifts it: the next
 * opening begins without it. */
static void item_117_failed(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.hold = true;
    VmbChannelSetTransactionQuota(w->client.ch, 1);
    raw_host_give_many(h, 2);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    VmbChannelPacketFail(w->client.held[0]);
    w->client.held_count = 0;
    VmbChannelDisable(w->client.ch);
    endpoint_enable(&w->client);
    raw_host_give(h, 0, 3);
    world_run(w);
    CHECK_EQ(w->client.packets, 2);
    endpoint_complete_all(&w->client);
    raw_end(w, h);
}

static void item_119(struct world *w)
{
    client_make(w, &w->client);
    CHECK_ASSERTS(w, "at least 1",
                  VmbChannelSetTransactionQuota(w->client.ch, 0));
    pair_end(w);
}

const struct test kmcl_tests_batch[] = {
    {115, "EvtChannelProcessingComplete runs once per batch, with its size",
     item_115},
    {116, "EvtChannelProcessingComplete runs at each empty ring, never with 0",
     item_116},
    {117, "at the quota one completion lets exactly one packet through",
     item_117},
    {117, "while a receiver is at its quota, the ring holds the sender back",
     item_117_held_back},
    {117, "a failed packet does not count for the quota any more",
     item_117_failed},
    {118, "a quota that is changed takes effect with the next completion",
     item_118},
    {119, "a quota of 0 is asserted", item_119},
    {0, NULL, NULL},
};
