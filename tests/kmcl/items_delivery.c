/*
 * Acceptance items G, second part (111..119): deferring, passive processing,
 * failing, batches and quota.
 */
#include "harness.h"

#include "ring_wire.h"

#define WAIT RING_FLAG_COMPLETION_REQUESTED

static uint64_t order[64];

static uint32_t deferred;

static void defer_first(struct endpoint *e, VMBPACKETCOMPLETION pc,
                        PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)flags;
    if (KeGetCurrentIrql() != PASSIVE_LEVEL && *(uint8_t *)buffer == 1) {
        deferred++;
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    CHECK_EQ(size, 8);
    memcpy(&order[e->held_count++], buffer, 8);
    if (*(uint8_t *)buffer == 1)
        CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_111(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    deferred = 0;
    w->client.on_packet = defer_first;
    raw_host_give(h, 0, 1);
    world_run(w);
    CHECK_EQ(deferred, 1);
    CHECK_EQ(w->client.packets, 2);
    CHECK_EQ(order[0], 1);
    CHECK_EQ(w->client.batched, 1); /* it counts once */
    raw_end(w, h);
}

static void defer_late(struct endpoint *e)
{
    CHECK_ASSERTS(e->w, "directly inside",
                  VmbChannelPacketDeferToPassive(e->held[0]));
}

static void item_111_late(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.hold = true;
    raw_host_give(h, 0, 1);
    world_run(w);
    defer_late(&w->client);
    endpoint_complete_all(&w->client);
    raw_end(w, h);
}

/* Another packet is completed first; that does not end the callback's own. */
static void complete_other_and_defer(struct endpoint *e, VMBPACKETCOMPLETION pc,
                                     PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    if (e->packets == 1) {
        e->held[0] = pc;
    } else if (e->packets == 2) {
        VmbChannelPacketComplete(e->held[0], NULL, 0);
        VmbChannelPacketDeferToPassive(pc);
    } else {
        VmbChannelPacketComplete(pc, NULL, 0);
    }
}

static void item_111_other(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.on_packet = complete_other_and_defer;
    raw_host_give(h, 0, 1);
    raw_host_give(h, 0, 2);
    world_run(w);
    CHECK_EQ(w->client.packets, 3);
    CHECK_EQ(w->client.packet_irql, PASSIVE_LEVEL);
    raw_end(w, h);
}

static void defer_and_complete(struct endpoint *e, VMBPACKETCOMPLETION pc,
                               PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    if (e->packets == 1)
        VmbChannelPacketDeferToPassive(pc);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_111_completed(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.on_packet = defer_and_complete;
    raw_host_give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    raw_host_give(h, 0, 2);
    world_run(w);
    CHECK_EQ(w->client.packets, 2);
    raw_end(w, h);
}

static void item_112(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    deferred = 0;
    w->client.on_packet = defer_first;
    for (uint64_t i = 0; i < 5; i++)
        raw_host_give(h, 0, i);
    world_run(w);
    CHECK_EQ(deferred, 1);
    CHECK_EQ(w->client.held_count, 5);
    for (uint64_t i = 0; i < 5; i++)
        CHECK_EQ(order[i], i);
    raw_end(w, h);
}

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
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
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
static void wait_inside(struct endpoint *e, VMBPACKETCOMPLETION pc,
                        PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    if (e->packets == 1) {
        raw_host_give(e->context, 0, 2);
        world_run(e->w);
        CHECK_EQ(e->packets, 1);
    }
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_113_wait(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, TRUE);
    w->client.on_packet = wait_inside;
    w->client.context = h;
    raw_host_give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packets, 2);
    raw_end(w, h);
}

/* ... or the host takes the channel away. */
static void vanish_inside(struct endpoint *e, VMBPACKETCOMPLETION pc,
                          PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    VmbChannelPacketComplete(pc, NULL, 0);
    world_run(e->w);
    raw_host_withdraw(e->context);
    world_run(e->w);
    CHECK_TEXT(e->trace, "OSP"); /* no suspend while a callback runs */
}

static void item_113_vanish(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, TRUE);
    w->client.on_packet = vanish_inside;
    w->client.context = h;
    raw_host_give(h, 0, 1);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    endpoint_end(&w->client);
}

/* What comes while the ring is masked comes without a signal: more completions
 * than one go takes, and a packet behind them. */
static void write_more(struct endpoint *e, VMBPACKETCOMPLETION pc, PVOID buffer,
                       UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    if (e->packets == 1) {
        for (uint32_t i = 0; i < 100; i++)
            raw_host_complete_quietly(e->context, i, NULL, 0);
        raw_host_give(e->context, 0, 2);
    }
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_113_masked(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.on_packet = write_more;
    w->client.context = h;
    raw_host_give(h, 0, 1);
    world_run(w);
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_completions, 100);
    CHECK_EQ(w->client.packets, 2);
    raw_end(w, h);
}

/* A server reads on by itself when there is more than one go takes. */
static void item_113_server(struct world *w)
{
    struct raw_guest *g;
    KIRQL irql;

    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    VmbChannelStart(w->server.ch);
    g = raw_guest_open(w);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    for (uint64_t i = 0; i < 300; i++)
        CHECK_EQ(raw_guest_send(g, RING_PACKET_IN_BAND, 0, i, &i, 8), 0);
    KeLowerIrql(irql);
    world_run(w);
    CHECK_EQ(w->server.packets, 300);
    raw_guest_close(g);
    endpoint_end(&w->server);
}

static void fail_second(struct endpoint *e, VMBPACKETCOMPLETION pc,
                        PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    if (e->packets == 2)
        VmbChannelPacketFail(pc);
    else
        VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_114(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2), *other;
    struct endpoint second = {0};
    uint32_t read;

    other = raw_host_offer(w, &other_instance);
    client_make(w, &second);
    CHECK_STATUS(VmbChannelEnable(second.ch), STATUS_SUCCESS);
    w->client.on_packet = fail_second;
    for (uint64_t i = 0; i < 5; i++)
        raw_host_give(h, 0, i);
    world_advance(w, 100);
    CHECK_EQ(w->client.packets, 2);
    read = raw_host_out(h)[1];
    raw_host_give(h, 0, 9);
    world_advance(w, 100);
    CHECK_EQ(w->client.packets, 2);
    CHECK_EQ(raw_host_out(h)[1], read); /* it stays in the ring */
    CHECK_EQ(raw_host_send(other, 6, 0, 0, "x", 1), 0);
    world_run(w);
    CHECK_EQ(second.packets, 1);
    w->client.on_packet = NULL;
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    raw_host_give(h, 0, 9);
    world_run(w);
    CHECK_EQ(w->client.packets, 3);
    endpoint_end(&second);
    raw_host_withdraw(other);
    raw_end(w, h);
}

/* Deferred before it is failed: it does not come again. */
static void defer_and_fail(struct endpoint *e, VMBPACKETCOMPLETION pc,
                           PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)e;
    (void)buffer;
    (void)size;
    (void)flags;
    VmbChannelPacketDeferToPassive(pc);
    VmbChannelPacketFail(pc);
}

static void item_114_deferred(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.on_packet = defer_and_fail;
    raw_host_give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    raw_end(w, h);
}

/* All at once, before anybody looks. */
static void give_many(struct raw_host *h, uint32_t count)
{
    KIRQL irql;

    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    for (uint64_t i = 0; i < count; i++)
        raw_host_give(h, 0, i);
    KeLowerIrql(irql);
}

static void item_115(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    give_many(h, 7);
    world_run(w);
    CHECK_EQ(w->client.packets, 7);
    CHECK_EQ(w->client.batches, 1);
    CHECK_EQ(w->client.last_batch, 7);
    /* At the quota delivery pauses, which ends a batch. */
    w->client.hold = true;
    VmbChannelSetTransactionQuota(w->client.ch, 3);
    give_many(h, 4);
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
        give_many(h, 150);
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

static void item_119(struct world *w)
{
    client_make(w, &w->client);
    CHECK_ASSERTS(w, "at least 1",
                  VmbChannelSetTransactionQuota(w->client.ch, 0));
    pair_end(w);
}

const struct test kmcl_tests_delivery[] = {
    {111, "a deferred packet comes again at PASSIVE", item_111},
    {111, "deferring outside the callback is asserted", item_111_late},
    {111, "also when another is completed before", item_111_other},
    {111, "but not when it was completed", item_111_completed},
    {112, "a deferred packet is not overtaken", item_112},
    {113, "passive processing keeps both callbacks at PASSIVE", item_113},
    {113, "also for more than is read ahead", item_113_many},
    {113, "one at a time, when the callback waits", item_113_wait},
    {113, "a callback that waits holds the suspend up", item_113_vanish},
    {113, "what comes during a callback is found", item_113_masked},
    {113, "at DISPATCH a server takes any number", item_113_server},
    {114, "a failed packet stops its channel, no other", item_114},
    {114, "one that was deferred before does not come again",
     item_114_deferred},
    {115, "the end of a batch is told once, with its size", item_115},
    {116, "each time the ring goes empty, never with 0", item_116},
    {117, "at the quota one completion lets one packet through", item_117},
    {117, "meanwhile the ring holds the peer back", item_117_held_back},
    {118, "a changed quota waits for completions", item_118},
    {119, "a quota of 0 is asserted", item_119},
    {0, NULL, NULL},
};
