/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance item 113: passive processing, and what comes meanwhile.
 */
#include "harness.h"
#include "raw.h"

#include "vmbus/ring_wire.h"

static void item_113(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    raw_host_give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packet_irql, DISPATCH_LEVEL);
    CHECK_EQ(w->client.batch_irql, DISPATCH_LEVEL);
    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, TRUE);
    for (uint64_t i = 0; i < 20; i++) {
        raw_host_give(h, 0, i);
        world_run(w);
        CHECK_EQ(w->client.packets, i + 2);
        CHECK_EQ(w->client.packet_irql, PASSIVE_LEVEL);
        CHECK_EQ(w->client.batch_irql, PASSIVE_LEVEL);
    }
    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, FALSE);
    raw_host_give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packet_irql, DISPATCH_LEVEL);
    raw_end(w, h);
}

/* More than is read ahead, before anybody looks: the ring stays masked until
 * PASSIVE has delivered, and then a signal is seen again. */
static void item_113_many(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    KIRQL irql;

    client_make(w, &w->client);
    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, TRUE);
    endpoint_enable(&w->client);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    for (uint64_t i = 0; i < 300; i++)
        raw_host_give(h, 0, i);
    KeLowerIrql(irql);
    world_run(w);
    CHECK_EQ(w->client.packets, 300);
    raw_host_give(h, 0, 300);
    world_run(w);
    CHECK_EQ(w->client.packets, 301);
    raw_end(w, h);
}

/* The callback waits, and the next packet comes meanwhile: it has to wait. */
static void wait_inside(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    if (e->packets == 1) {
        raw_host_give(e->context, 0, 2);
        world_run(e->w);
        CHECK_EQ(e->packets, 1);
    }
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_113_wait(struct world *w)
{
    struct raw_host *h = raw_pair_given(w, true, wait_inside);

    CHECK_EQ(w->client.packets, 2);
    raw_end(w, h);
}

/* ... or the host takes the channel away. */
static void vanish_inside(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    VmbChannelPacketComplete(pc, NULL, 0);
    world_run(e->w);
    raw_host_withdraw(e->context);
    world_run(e->w);
    CHECK_TEXT(e->trace, "OSP"); /* no suspend while a callback runs */
}

static void item_113_vanish(struct world *w)
{
    (void)raw_pair_given(w, true, vanish_inside);
    CHECK_TEXT(w->client.trace, "OSPXC");
    endpoint_end(&w->client);
}

/* What comes while the ring is masked comes without a signal: more completions
 * than one go takes, and a packet behind them. */
static void write_more(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    if (e->packets == 1) {
        for (uint32_t i = 0; i < 100; i++)
            raw_host_complete_quietly(e->context, i, NULL, 0);
        raw_host_give(e->context, 0, 2);
    }
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_113_masked(struct world *w)
{
    struct raw_host *h = raw_pair_given(w, false, write_more);

    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_completions, 100);
    CHECK_EQ(w->client.packets, 2);
    raw_end(w, h);
}

/* A server reads on by itself when there is more than one go takes. */
static void item_113_server(struct world *w)
{
    struct raw_guest *g;
    KIRQL irql;

    g = raw_guest_pair(w);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    for (uint64_t i = 0; i < 300; i++)
        CHECK_EQ(raw_guest_send(g, RING_PACKET_IN_BAND, 0, i, &i, 8), 0);
    KeLowerIrql(irql);
    world_run(w);
    CHECK_EQ(w->server.packets, 300);
    raw_guest_end(w, g);
}

const struct test kmcl_tests_passive[] = {
    {113, "with passive processing both packet callbacks run at PASSIVE",
     item_113},
    {113, "passive processing delivers more packets than are read ahead",
     item_113_many},
    {113, "a passive callback that waits is not entered again", item_113_wait},
    {113, "EvtChannelSuspend waits for a passive callback that waits",
     item_113_vanish},
    {113, "packets that arrive during a passive callback are delivered",
     item_113_masked},
    {113, "a server at DISPATCH delivers any number of packets",
     item_113_server},
    {0, NULL, NULL},
};
