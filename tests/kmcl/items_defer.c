/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items 111, 112 and 114: packets that are deferred, and failed.
 */
#include "harness.h"
#include "raw.h"

static uint64_t order[64];

static uint32_t deferred;

static void defer_first(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    if (KeGetCurrentIrql() != PASSIVE_LEVEL && *(uint8_t *)e->buffer == 1) {
        deferred++;
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    CHECK_EQ(e->size, 8);
    memcpy(&order[e->held_count++], e->buffer, 8);
    if (*(uint8_t *)e->buffer == 1)
        CHECK_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_111(struct world *w)
{
    struct raw_host *h;

    deferred = 0;
    h = raw_pair_given(w, false, defer_first);
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
static void complete_other_and_defer(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
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

static void defer_and_complete(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    if (e->packets == 1)
        VmbChannelPacketDeferToPassive(pc);
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_111_completed(struct world *w)
{
    struct raw_host *h = raw_pair_given(w, false, defer_and_complete);

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

static void fail_second(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
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
    endpoint_enable(&w->client);
    raw_host_give(h, 0, 9);
    world_run(w);
    CHECK_EQ(w->client.packets, 3);
    endpoint_end(&second);
    raw_host_withdraw(other);
    raw_end(w, h);
}

/* Deferred before it is failed: it does not come again. */
static void defer_and_fail(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    (void)e;
    VmbChannelPacketDeferToPassive(pc);
    VmbChannelPacketFail(pc);
}

static void item_114_deferred(struct world *w)
{
    struct raw_host *h = raw_pair_given(w, false, defer_and_fail);

    CHECK_EQ(w->client.packets, 1);
    raw_end(w, h);
}

const struct test kmcl_tests_defer[] = {
    {111, "a deferred packet is delivered again at PASSIVE", item_111},
    {111, "deferring a packet outside its callback is asserted", item_111_late},
    {111, "a packet is deferred although its callback completes another one",
     item_111_other},
    {111, "a packet that its callback defers and completes is not deferred",
     item_111_completed},
    {112, "later packets do not overtake a deferred one", item_112},
    {114, "VmbChannelPacketFail stops its channel and no other", item_114},
    {114, "a failed packet that was deferred before does not come again",
     item_114_deferred},
    {0, NULL, NULL},
};
