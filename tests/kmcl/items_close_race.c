/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items 58..60: ends that come at a bad time: from inside a
 * callback, from both sides, under a request.
 */
#include "harness.h"
#include "raw.h"

static void misuse(struct endpoint *e)
{
    struct world *w = e->w;

    CHECK_ASSERTS(w, "state-change callback", VmbChannelStart(e->ch));
    CHECK_ASSERTS(w, "state-change callback", VmbChannelPause(e->ch));
    CHECK_ASSERTS(w, "state-change callback", VmbChannelDisable(e->ch));
    CHECK_ASSERTS(w, "state-change callback", VmbChannelCleanup(e->ch));
    e->context = (uint8_t *)e->context + 1;
}

static void item_58(struct world *w)
{
    pair_make(w);
    w->client.on_opened = misuse;
    w->client.on_started = misuse;
    w->client.on_post_started = misuse;
    w->client.on_suspend = misuse;
    w->client.on_closed = misuse;
    pair_run(w);
    VmbChannelDisable(w->client.ch);
    CHECK_EQ((uintptr_t)w->client.context, 5);
    pair_end(w);
}

static void pause_inside(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    CHECK_ASSERTS(e->w, "wait for itself", VmbChannelPause(e->ch));
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_58_packet(struct world *w)
{
    pair_make(w);
    VmbChannelSetIncomingProcessingAtPassive(w->server.ch, TRUE);
    w->server.on_packet = pause_inside;
    pair_run(w);
    client_send(w);
    CHECK_EQ(w->server.packets, 1);
    pair_end(w);
}

static void item_59(struct world *w)
{
    pair_run(w);
    VmbChannelDisable(w->client.ch);
    world_run(w);
    CHECK_TEXT(w->server.trace, "OSPXC");
    CHECK_STATUS(VmbChannelInitSetFlags(w->server.ch, 0),
                 STATUS_INVALID_PARAMETER_1); /* closed, not disabled */
    endpoint_enable(&w->client);
    CHECK_TEXT(w->server.trace, "OSPXCOSP");
    VmbChannelDisable(w->server.ch);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXCOSPXC");
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_advance(w, 100);
    CHECK_TEXT(w->client.trace, "OSPXCOSPXC"); /* the offer is gone */
    pair_end(w);
}

/* The guest closes while the server, disabled, still has a packet of its: the
 * offer is withdrawn all the same. */
static void item_59_both(struct world *w)
{
    pair_run(w);
    w->server.hold = true;
    client_send(w);
    world_call_later(w, 10, client_disable, w);
    world_call_later(w, 30, (void (*)(void *))endpoint_complete_all,
                     &w->server);
    VmbChannelDisable(w->server.ch);
    world_run(w);
    CHECK_TEXT(w->server.trace, "OSPXC");
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "OSPXCOSP");
    pair_end(w);
}

/* A signal that is on its way when the rings go finds them gone. */
static void item_59_signal(struct world *w)
{
    struct raw_guest *g;
    KIRQL irql;

    g = raw_guest_pair(w);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    raw_guest_signal(g);
    KeLowerIrql(irql);
    VmbChannelDisable(w->server.ch);
    world_run(w);
    CHECK_TEXT(w->server.trace, "OSPXC");
    raw_guest_end(w, g);
}

static struct raw_host *vanishing;

static void vanish(void *arg)
{
    (void)arg;
    raw_host_withdraw(vanishing);
}

static void ask_the_vanishing(struct endpoint *e)
{
    world_call_later(e->w, 10, vanish, NULL);
    CHECK_STATUS(VmbChannelSendSynchronousRequest(e->ch, "x", 1, NULL, WAIT,
                                                  NULL, NULL, NULL),
                 STATUS_DEVICE_REMOVED);
    CHECK_TEXT(e->trace, "OSP"); /* no suspend before this has returned */
}

static void item_60(struct world *w)
{
    vanishing = raw_host_offer(w, &test_instance);
    client_make(w, &w->client);
    w->client.on_post_started = ask_the_vanishing;
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_advance(w, 100);
    CHECK_TEXT(w->client.trace, "OSPXC");
    pair_end(w);
}

/* The host decides when, so it cannot be the driver's mistake. */
static void item_58_start(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    raw_host_withdraw(h);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    VmbChannelStart(w->client.ch);
    CHECK_TEXT(w->client.trace, "OSPXC");
    h = raw_host_offer(w, &test_instance);
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "OSPXCOSP");
    VmbChannelDisable(w->client.ch);
    CHECK_ASSERTS(w, "between VmbChannelEnable", VmbChannelStart(w->client.ch));
    raw_end(w, h);
}

const struct test kmcl_tests_close_race[] = {
    {58, "VmbChannelStart after the host has closed the channel does nothing",
     item_58_start},
    {58, "calls of a channel's life inside its state callbacks are asserted",
     item_58},
    {58, "VmbChannelPause inside a passive packet callback is asserted",
     item_58_packet},
    {59, "a guest's close keeps the offer, VmbChannelDisable withdraws it",
     item_59},
    {59, "the offer is withdrawn when close and VmbChannelDisable cross",
     item_59_both},
    {59, "a signal that arrives after the rings are gone does nothing",
     item_59_signal},
    {60, "a rescind ends a synchronous request", item_60},
    {0, NULL, NULL},
};
