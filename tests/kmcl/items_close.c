/*
 * Acceptance items D (46..60): pause, suspend, close, disable, cleanup.
 */
#include "harness.h"

#define WAIT VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION

/* Completes what is held, when the time has come. */
static void complete_held(struct endpoint *e)
{
    for (uint32_t i = 0; i < e->held_count; i++)
        VmbChannelPacketComplete(e->held[i], NULL, 0);
    e->held_count = 0;
}

/* As a driver that finishes its packets a while after the suspend: work of
 * the platform's, run while the pause waits. */
static void later(struct endpoint *e)
{
    world_call_later(e->w, 50, (void (*)(void *))complete_held, e);
}

static void item_46(struct world *w)
{
    uint64_t before;

    pair_run(w);
    w->server.hold = true;
    w->server.on_suspend = later;
    CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    CHECK_STATUS(send_plain(&w->client, "y", 1), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.held_count, 2);
    before = world_now(w);
    VmbChannelPause(w->server.ch);
    CHECK_TEXT(w->server.trace, "OSPX");
    CHECK_EQ(w->server.held_count, 0);
    CHECK(world_now(w) - before >= 50 * 10000);
    pair_end(w);
}

static void no_more_packets(struct endpoint *e)
{
    uint32_t before = e->packets;

    CHECK_STATUS(send_plain(&e->w->client, "z", 1), STATUS_SUCCESS);
    world_advance(e->w, 20);
    CHECK_EQ(e->packets, before);
}

static void item_47(struct world *w)
{
    pair_run(w);
    w->server.on_suspend = no_more_packets;
    VmbChannelPause(w->server.ch);
    world_advance(w, 20);
    CHECK_EQ(w->server.packets, 0);
    w->server.on_suspend = NULL;
    VmbChannelStart(w->server.ch);
    world_run(w);
    CHECK_EQ(w->server.packets, 1);
    pair_end(w);
}

static void item_48(struct world *w)
{
    pair_run(w);
    w->server.hold = true;
    w->server.on_suspend = later;
    CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->server.held_count, 1);
    VmbChannelDisable(w->server.ch);
    CHECK_EQ(w->server.held_count, 0);
    CHECK_TEXT(w->server.trace, "OSPXC");
    pair_end(w);
}

static void item_49(struct world *w)
{
    pair_run(w);
    VmbChannelPause(w->server.ch);
    for (uint64_t i = 1; i <= 10; i++)
        CHECK_STATUS(send_plain(&w->client, &i, 8), STATUS_SUCCESS);
    world_advance(w, 10);
    CHECK_EQ(w->server.packets, 0);
    VmbChannelStart(w->server.ch);
    CHECK_TEXT(w->server.trace, "OSPXSP");
    world_run(w);
    CHECK_EQ(w->server.packets, 10);
    CHECK_EQ(w->server.bytes[0], 10); /* the last one last */
    pair_end(w);
}

static void item_50(struct world *w)
{
    pair_run(w);
    VmbChannelStart(w->client.ch);
    CHECK_TEXT(w->client.trace, "OSP");
    VmbChannelPause(w->client.ch);
    VmbChannelPause(w->client.ch);
    CHECK_TEXT(w->client.trace, "OSPX");
    VmbChannelStart(w->client.ch);
    VmbChannelStart(w->client.ch);
    CHECK_TEXT(w->client.trace, "OSPXSP");
    pair_end(w);
}

static void item_51(struct world *w)
{
    pair_run(w);
    VmbChannelDisable(w->client.ch);
    CHECK_TEXT(w->client.trace, "OSPXC");
    CHECK_STATUS(VmbChannelInitSetFlags(w->client.ch, 0), STATUS_SUCCESS);
    pair_end(w);
}

/* KMCL has no sub-channels, but others on the bus do. */
static void item_51_subchannel(struct world *w)
{
    (void)raw_host_offer(w, &test_instance);
    raw_host_subchannel(w, 1);
    (void)raw_host_offer(w, &test_instance);
    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    (void)raw_guest_open_subchannel(w, 1);
    CHECK_ASSERTS(w, "sub-channel", VmbChannelDisable(w->client.ch));
    world_abandon(w);
}

static void item_52(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    raw_host_withdraw(h);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    CHECK_STATUS(VmbChannelInitSetFlags(w->client.ch, 0), STATUS_SUCCESS);
    /* It stays so, though the device is offered again. */
    h = raw_host_offer(w, &test_instance);
    world_advance(w, 100);
    CHECK_TEXT(w->client.trace, "OSPXC");
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXCOSP");
    pair_end(w);
    raw_host_withdraw(h);
}

static void item_53(struct world *w)
{
    struct sent s;

    pair_run(w);
    VmbChannelDisable(w->client.ch);
    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, "x", 1, false), STATUS_SUCCESS);
    world_advance(w, 10);
    CHECK_EQ(s.ended, 0);
    CHECK_EQ(w->server.packets, 0);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(s.ended, 1);
    CHECK_EQ(w->server.packets, 1);
    sent_free(&s);
    pair_end(w);
}

static UINT32 shared;

static void share(struct endpoint *e)
{
    CHECK_STATUS(VmbChannelCreateGpadlFromBuffer(e->ch, 0, world_pages(e->w, 1),
                                                 4096, &shared),
                 STATUS_SUCCESS);
}

static void unshare(struct endpoint *e)
{
    VmbChannelDeleteGpadl(e->ch, shared);
}

static void item_54(struct world *w)
{
    pair_make(w);
    w->client.on_opened = share;
    w->client.on_closed = unshare;
    pair_run(w);
    pair_end(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
}

static void item_54_left(struct world *w)
{
    pair_make(w);
    w->client.on_opened = share;
    pair_run(w);
    CHECK_ASSERTS(w, "GPADLs are left", VmbChannelDisable(w->client.ch));
    world_abandon(w);
}

static void item_55(struct world *w)
{
    pair_run(w);
    VmbChannelPause(w->client.ch);
    VmbChannelDisable(w->client.ch);
    CHECK_TEXT(w->client.trace, "OSPXC");
    w->client.trace[0] = 0;
    VmbChannelDisable(w->server.ch);
    world_run(w);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    VmbChannelDisable(w->client.ch);
    CHECK_TEXT(w->client.trace, "");
    pair_end(w);
}

static void answer_open(void *host)
{
    raw_host_answer(host);
}

/* The host answers only when the channel is not wanted any more. */
static void item_55_opening(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    raw_host_hold_open(h);
    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    world_call_later(w, 20, answer_open, h);
    VmbChannelDisable(w->client.ch);
    CHECK_TEXT(w->client.trace, "");
    CHECK(!raw_host_is_open(h));
    /* Next time it opens. */
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSP");
    endpoint_end(&w->client);
    raw_host_withdraw(h);
}

/* One in each state: awaiting, queued behind a full ring, queued after. */
static void close_with_sends(struct world *w, bool by_peer)
{
    static uint8_t bytes[1000];
    static struct sent s[100];
    struct raw_host *h = raw_host_offer(w, &test_instance);
    uint32_t n = sizeof(s) / sizeof(s[0]);

    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    for (uint32_t i = 0; i < n; i++) {
        sent_make(&w->client, &s[i]);
        CHECK_STATUS(sent_send(&s[i], bytes, sizeof(bytes), true),
                     STATUS_SUCCESS);
    }
    world_run(w);
    if (by_peer) {
        raw_host_withdraw(h);
        world_run(w);
    } else {
        VmbChannelDisable(w->client.ch);
        raw_host_withdraw(h);
    }
    CHECK_TEXT(w->client.trace, "OSPXC");
    for (uint32_t i = 0; i < n; i++) {
        CHECK_EQ(s[i].ended, 1);
        CHECK_STATUS(s[i].status, STATUS_DEVICE_REMOVED);
        CHECK(!i || s[i].order == s[i - 1].order + 1);
        sent_free(&s[i]);
    }
    pair_end(w);
}

static void item_56(struct world *w)
{
    close_with_sends(w, false);
}

static void item_56_peer(struct world *w)
{
    close_with_sends(w, true);
}

static void item_57(struct world *w)
{
    struct sent s;

    pair_run(w);
    CHECK_ASSERTS(w, "Disable it first", VmbChannelCleanup(w->client.ch));
    VmbChannelDisable(w->client.ch);
    /* What was sent while Disabled ends with the channel. */
    sent_make(&w->client, &s);
    s.free_inside = true;
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_SUCCESS);
    VmbChannelCleanup(w->client.ch);
    CHECK_EQ(s.ended, 1);
    CHECK_STATUS(s.status, STATUS_DEVICE_REMOVED);
    w->client.ch = NULL;
    client_make(w, &w->client);
    sent_make(&w->client, &s);
    CHECK_ASSERTS(w, "VmbPacketFree", VmbChannelCleanup(w->client.ch));
    sent_free(&s);
    pair_end(w); /* the world's end checks for leaks */
}

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

static void pause_inside(struct endpoint *e, VMBPACKETCOMPLETION pc,
                         PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    CHECK_ASSERTS(e->w, "wait for itself", VmbChannelPause(e->ch));
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_58_packet(struct world *w)
{
    pair_make(w);
    VmbChannelSetIncomingProcessingAtPassive(w->server.ch, TRUE);
    w->server.on_packet = pause_inside;
    pair_run(w);
    CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    world_run(w);
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
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_TEXT(w->server.trace, "OSPXCOSP");
    VmbChannelDisable(w->server.ch);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXCOSPXC");
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_advance(w, 100);
    CHECK_TEXT(w->client.trace, "OSPXCOSPXC"); /* the offer is gone */
    pair_end(w);
}

static void disable_client(void *world)
{
    struct world *w = world;

    VmbChannelDisable(w->client.ch);
}

/* The guest closes while the server, disabled, still has a packet of its: the
 * offer is withdrawn all the same. */
static void item_59_both(struct world *w)
{
    pair_run(w);
    w->server.hold = true;
    CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    world_run(w);
    world_call_later(w, 10, disable_client, w);
    world_call_later(w, 30, (void (*)(void *))complete_held, &w->server);
    VmbChannelDisable(w->server.ch);
    world_run(w);
    CHECK_TEXT(w->server.trace, "OSPXC");
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXCOSP");
    pair_end(w);
}

/* A signal that is on its way when the rings go finds them gone. */
static void item_59_signal(struct world *w)
{
    struct raw_guest *g;
    KIRQL irql;

    server_make(w, &w->server, &test_instance);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    VmbChannelStart(w->server.ch);
    g = raw_guest_open(w);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    raw_guest_signal(g);
    KeLowerIrql(irql);
    VmbChannelDisable(w->server.ch);
    world_run(w);
    CHECK_TEXT(w->server.trace, "OSPXC");
    raw_guest_close(g);
    endpoint_end(&w->server);
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

const struct test kmcl_tests_close[] = {
    {46, "pause waits for outstanding packets", item_46},
    {47, "no packet callback from suspend to the next started", item_47},
    {48, "a packet held over suspend holds the disable up", item_48},
    {49, "start delivers what waited, once and in order", item_49},
    {50, "a second pause or start does nothing", item_50},
    {51, "disable: suspend, closed, Disabled", item_51},
    {51, "a sub-channel left open is asserted", item_51_subchannel},
    {52, "a rescind: suspend, closed, Disabled until enabled", item_52},
    {53, "a send after closed queues for the next opening", item_53},
    {54, "GPADLs can be deleted inside closed", item_54},
    {54, "GPADLs left over are asserted", item_54_left},
    {55, "no second suspend, and nothing before opening", item_55},
    {55, "nothing when disabled before the host answers", item_55_opening},
    {56, "disable completes each packet once", item_56},
    {56, "a rescind completes each packet once", item_56_peer},
    {57, "cleanup releases everything, and only when Disabled", item_57},
    {58, "lifetime calls inside state callbacks are asserted", item_58},
    {58, "a pause inside a passive packet callback too", item_58_packet},
    {59, "a guest's close keeps the offer, disable withdraws it", item_59},
    {59, "both at once: the offer goes", item_59_both},
    {59, "a signal that comes too late does nothing", item_59_signal},
    {60, "a rescind ends a synchronous request", item_60},
    {0, NULL, NULL},
};
