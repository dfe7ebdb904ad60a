/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items 51..57: disable and rescind, closed, cleanup.
 */
#include "harness.h"
#include "raw.h"

static void item_51(struct world *w)
{
    pair_run(w);
    VmbChannelDisable(w->client.ch);
    CHECK_TEXT(w->client.trace, "OSPXC");
    CHECK_STATUS(VmbChannelInitSetFlags(w->client.ch, 0), STATUS_SUCCESS);
    pair_end(w);
}

/* The owner of a sub-channel need not be a client of KMCL. */
static void item_51_subchannel(struct world *w)
{
    (void)raw_host_offer(w, &test_instance);
    raw_host_subchannel(w, 1);
    (void)raw_host_offer(w, &test_instance);
    client_make(w, &w->client);
    endpoint_enable(&w->client);
    (void)raw_guest_open_subchannel(w, 1);
    CHECK_ASSERTS(w, "sub-channel", VmbChannelDisable(w->client.ch));
    world_abandon(w);
}

/* The host ends the primary while the sub-channel is open. */
static void item_52_subchannel(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);
    struct raw_host *of_sub;
    struct raw_guest *g;

    raw_host_subchannel(w, 1);
    of_sub = raw_host_offer(w, &test_instance);
    client_make(w, &w->client);
    endpoint_enable(&w->client);
    g = raw_guest_open_subchannel(w, 1);
    raw_host_out(h)[0] = 4;
    raw_host_signal(h);
    world_advance(w, 100);
    CHECK_TEXT(w->client.trace, "OSPX");
    raw_guest_close(g);
    world_advance(w, 20);
    CHECK_TEXT(w->client.trace, "OSPXC");
    endpoint_end(&w->client);
    raw_host_withdraw(of_sub);
    raw_host_withdraw(h);
}

static void item_52(struct world *w)
{
    struct raw_host *h = raw_pair(w, 0);

    raw_host_withdraw(h);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    CHECK_STATUS(VmbChannelInitSetFlags(w->client.ch, 0), STATUS_SUCCESS);
    /* It stays so, though the device is offered again. */
    h = raw_host_offer(w, &test_instance);
    world_advance(w, 100);
    CHECK_TEXT(w->client.trace, "OSPXC");
    endpoint_enable(&w->client);
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
    endpoint_enable(&w->client);
    CHECK_EQ(s.ended, 1);
    CHECK_EQ(w->server.packets, 1);
    sent_free(&s);
    pair_end(w);
}

static UINT32 shared;

static void share(struct endpoint *e)
{
    shared = gpadl_of(e->w, world_pages(e->w, 1), 4096);
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
    endpoint_enable(&w->client);
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
    endpoint_enable(&w->client);
    world_call_later(w, 20, answer_open, h);
    VmbChannelDisable(w->client.ch);
    CHECK_TEXT(w->client.trace, "");
    CHECK(!raw_host_is_open(h));
    /* Next time it opens. */
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "OSP");
    raw_end(w, h);
}

/* One in each state: awaiting, queued behind a full ring, queued after. */
static void close_with_sends(struct world *w, bool by_peer)
{
    static uint8_t bytes[1000];
    static struct sent s[100];
    struct raw_host *h = raw_pair(w, 0);
    uint32_t n = sizeof(s) / sizeof(s[0]);

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
    pair_end(w); /* the world's end checks for leaks */
}

static void item_57_packet_out(struct world *w)
{
    struct sent s;

    client_make(w, &w->client);
    sent_make(&w->client, &s);
    CHECK_ASSERTS(w, "VmbPacketFree", VmbChannelCleanup(w->client.ch));
    world_abandon(w);
}

/* Sends again as long as that is accepted. */
static NTSTATUS sent_again;

static VOID send_again(VMBPACKET packet, NTSTATUS status, PVOID buffer,
                       UINT32 size)
{
    uint32_t *calls = VmbPacketGetPointer(packet);

    (void)status, (void)buffer, (void)size;
    (*calls)++;
    sent_again = VmbPacketSend(packet, "x", 1, NULL, 0);
    if (!NT_SUCCESS(sent_again))
        VmbPacketFree(packet);
}

static void item_57_resend(struct world *w)
{
    uint32_t calls = 0;
    VMBPACKET packet;

    client_make(w, &w->client);
    packet = VmbPacketAllocate(w->client.ch);
    VmbPacketSetPointer(packet, &calls);
    VmbPacketSetCompletionRoutine(packet, send_again);
    CHECK_STATUS(VmbPacketSend(packet, "x", 1, NULL, 0), STATUS_SUCCESS);
    VmbChannelCleanup(w->client.ch);
    CHECK_EQ(calls, 1);
    CHECK_STATUS(sent_again, STATUS_DEVICE_REMOVED);
    w->client.ch = NULL;
}

const struct test kmcl_tests_close[] = {
    {51, "VmbChannelDisable runs Suspend, then Closed, and ends Disabled",
     item_51},
    {51, "VmbChannelDisable asserts that no sub-channel is left open",
     item_51_subchannel},
    {52, "a channel that its host ends closes after its open sub-channel",
     item_52_subchannel},
    {52,
     "a rescind runs Suspend, then Closed; the client is Disabled until Enable",
     item_52},
    {53, "a send after EvtChannelClosed is queued for the next opening",
     item_53},
    {54, "GPADLs can be deleted inside EvtChannelClosed", item_54},
    {54, "GPADLs that are left after EvtChannelClosed are asserted",
     item_54_left},
    {55, "a paused channel closes without a second Suspend", item_55},
    {55, "no callback runs when a client is disabled before the host answers",
     item_55_opening},
    {56, "VmbChannelDisable completes each packet exactly once", item_56},
    {56, "a rescind completes each packet exactly once", item_56_peer},
    {57, "VmbChannelCleanup frees everything, and only a Disabled channel",
     item_57},
    {57, "VmbChannelCleanup asserts that every allocated packet was freed",
     item_57_packet_out},
    {57, "a send in a routine that VmbChannelCleanup calls is refused",
     item_57_resend},
    {0, NULL, NULL},
};
