/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items 34..45: opened, started, post started.
 */
#include "harness.h"
#include "raw.h"
#include "request.h"
#include "runner.h"

#include "vmbus/vmbus.h"

static void item_34(struct world *w)
{
    pair_run(w);
    pair_end(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    CHECK_TEXT(w->server.trace, "OSPXC");
    CHECK(!w->client.not_passive && !w->server.not_passive);
}

static void refuse_open(struct world *w, struct endpoint *e)
{
    pair_make(w);
    e->open_status = STATUS_UNSUCCESSFUL;
    CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    CHECK_STATUS(send_plain(&w->server, "y", 1), STATUS_SUCCESS);
    server_start(&w->server);
    endpoint_enable(&w->client);
    CHECK_EQ(w->client.packets + w->server.packets, 0);
    CHECK_STATUS(VmbChannelInitSetFlags(w->client.ch, 0), STATUS_SUCCESS);
}

static void item_35_client(struct world *w)
{
    refuse_open(w, &w->client);
    CHECK_TEXT(w->client.trace, "O");
    CHECK_TEXT(w->server.trace, "OSPXC"); /* it saw the guest close again */
    pair_end(w);
}

/* Inside Opened the rings are there, but nothing goes out yet. */
static void send_early(struct endpoint *e)
{
    CHECK_STATUS(send_plain(e, "z", 1), STATUS_SUCCESS);
}

static void item_35_early(struct world *w)
{
    pair_make(w);
    w->client.open_status = STATUS_UNSUCCESSFUL;
    w->client.on_opened = send_early;
    server_start(&w->server);
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "O");
    CHECK_EQ(w->server.packets, 0);
    pair_end(w);
}

static void item_35_server(struct world *w)
{
    refuse_open(w, &w->server);
    CHECK_TEXT(w->server.trace, "O");
    CHECK_TEXT(w->client.trace, "F");
    /* One offer all the time; the guest may try again. */
    CHECK_EQ(vmbus_bus_stats(world_bus(w))->offers, 1);
    CHECK_EQ(vmbus_bus_stats(world_bus(w))->rescinds, 0);
    w->server.open_status = STATUS_SUCCESS;
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "FOSP");
    pair_end(w);
}

static void item_36(struct world *w)
{
    static const uint64_t numbers[] = {1, 2, 3};
    struct raw_host *h;
    struct raw_packet p;

    client_make(w, &w->client);
    CHECK_STATUS(send_plain(&w->client, &numbers[0], 8), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    CHECK_STATUS(send_plain(&w->client, &numbers[1], 8), STATUS_SUCCESS);
    CHECK_STATUS(send_plain(&w->client, &numbers[2], 8), STATUS_SUCCESS);
    world_run(w);
    h = raw_host_offer(w, &test_instance);
    world_run(w);
    for (uint64_t n = 1; n <= 3; n++) {
        CHECK(raw_host_read(h, &p));
        CHECK(!memcmp(p.body, &n, 8));
    }
    CHECK(!raw_host_read(h, &p));
    pair_end(w);
    raw_host_withdraw(h);
}

/* Sends from Opened must not go out before it has agreed. */
static struct sent early;

static void send_and_wait(struct endpoint *e)
{
    sent_make(e, &early);
    CHECK_STATUS(sent_send(&early, "request", 8, true), STATUS_SUCCESS);
    world_advance(e->w, 10); /* the server has long answered */
    CHECK_EQ(early.ended, 0);
}

static void item_37(struct world *w)
{
    pair_make(w);
    w->server.echo = true;
    w->client.on_started = send_and_wait;
    server_start(&w->server);
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "OSP");
    CHECK_EQ(early.ended, 1);
    CHECK_STATUS(early.status, STATUS_SUCCESS);
    sent_free(&early);
    pair_end(w);
}

static void negotiate(struct endpoint *e)
{
    CHECK_STATUS(ask(e->ch, WAIT, NULL), STATUS_SUCCESS);
    e->context = e;
}

static void item_38(struct world *w)
{
    pair_make(w);
    w->server.echo = true;
    w->client.on_post_started = negotiate;
    pair_run(w);
    CHECK(w->client.context);
    pair_end(w);
}

static void try_to_wait(struct endpoint *e)
{
    CHECK_STATUS(ask(e->ch, WAIT, NULL), STATUS_INVALID_DEVICE_STATE);
    e->context = e;
}

static void item_39(struct world *w)
{
    pair_make(w);
    w->server.echo = true;
    w->client.on_started = try_to_wait;
    pair_run(w);
    CHECK(w->client.context);
    CHECK_EQ(w->server.packets, 0); /* nothing was sent */
    pair_end(w);
}

static void no_packets_yet(struct endpoint *e)
{
    world_advance(e->w, 10);
    CHECK_EQ(e->packets, 0);
}

static void item_40(struct world *w)
{
    pair_make(w);
    w->client.on_started = no_packets_yet;
    w->client.on_opened = no_packets_yet;
    CHECK_STATUS(send_plain(&w->server, "x", 1), STATUS_SUCCESS);
    pair_run(w);
    CHECK_EQ(w->client.packets, 1);
    pair_end(w);
}

static void packets_arrive(struct endpoint *e)
{
    CHECK_STATUS(ask(e->ch, WAIT, NULL), STATUS_SUCCESS);
    CHECK_EQ(e->packets, 1);
}

static void item_41(struct world *w)
{
    pair_make(w);
    w->server.echo = true;
    w->client.on_post_started = packets_arrive;
    CHECK_STATUS(send_plain(&w->server, "x", 1), STATUS_SUCCESS);
    pair_run(w);
    CHECK_EQ(w->client.packets, 1);
    pair_end(w);
}

/* The same with packet callbacks that come only at PASSIVE: the completion
 * may overtake the packet, which comes as soon as somebody waits again. */
static void packets_arrive_at_passive(struct endpoint *e)
{
    CHECK_STATUS(ask(e->ch, WAIT, NULL), STATUS_SUCCESS);
    world_run(e->w);
    CHECK_EQ(e->packets, 1);
    CHECK_EQ(e->packet_irql, PASSIVE_LEVEL);
}

static void item_41_passive(struct world *w)
{
    pair_make(w);
    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, TRUE);
    w->server.echo = true;
    w->client.on_post_started = packets_arrive_at_passive;
    CHECK_STATUS(send_plain(&w->server, "x", 1), STATUS_SUCCESS);
    pair_run(w);
    pair_end(w);
}

static void item_42(struct world *w)
{
    pair_make(w);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_SUCCESS);
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "OSP");
    CHECK_TEXT(w->server.trace, "O");
    CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    world_advance(w, 100);
    CHECK_EQ(w->server.packets, 0);
    VmbChannelStart(w->server.ch);
    world_run(w);
    CHECK_TEXT(w->server.trace, "OSP");
    CHECK_EQ(w->server.packets, 1);
    pair_end(w);
}

static void item_43(struct world *w)
{
    pair_make(w);
    VmbChannelPause(w->client.ch);
    CHECK_STATUS(send_plain(&w->server, "x", 1), STATUS_SUCCESS);
    server_start(&w->server);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_advance(w, 100);
    CHECK_TEXT(w->client.trace, "O");
    CHECK_EQ(w->client.packets, 0);
    VmbChannelStart(w->client.ch);
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSP");
    CHECK_EQ(w->client.packets, 1);
    pair_end(w);
}

static void item_44(struct world *w)
{
    pair_run(w);
    for (int i = 0; i < 3; i++) {
        VmbChannelDisable(w->client.ch);
        CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
        world_run(w);
    }
    CHECK_TEXT(w->client.trace, "OSPXCOSPXCOSPXCOSP");
    CHECK_TEXT(w->server.trace, "OSPXCOSPXCOSPXCOSP");
    client_send(w);
    CHECK_EQ(w->server.packets, 1);
    pair_end(w);
}

static void item_45(struct world *w)
{
    pair_make(w);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_INVALID_DEVICE_STATE);
    server_start(&w->server);
    world_run(w);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_INVALID_DEVICE_STATE);
    CHECK_STATUS(VmbChannelEnable(w->server.ch), STATUS_INVALID_DEVICE_STATE);
    CHECK_TEXT(w->client.trace, "OSP");
    pair_end(w);
}

const struct test kmcl_tests_open[] = {
    {34, "Opened, Started and PostStarted run once each, at PASSIVE", item_34},
    {35, "a client whose EvtChannelOpened fails lets no packet flow",
     item_35_client},
    {35, "packets sent inside an EvtChannelOpened that fails are not sent",
     item_35_early},
    {35, "a server whose EvtChannelOpened fails lets no packet flow",
     item_35_server},
    {36, "packets sent before the opening are sent then, in order", item_36},
    {37, "a completion arrives only after EvtChannelStarted has returned",
     item_37},
    {38, "a synchronous request in EvtChannelPostStarted completes", item_38},
    {39, "a synchronous request in EvtChannelStarted fails at once", item_39},
    {40, "no packet callback runs before EvtChannelStarted has returned",
     item_40},
    {41, "packets and completions arrive during EvtChannelPostStarted",
     item_41},
    {41, "passive packet callbacks run during EvtChannelPostStarted",
     item_41_passive},
    {42, "a client is active after Enable, a server after VmbChannelStart",
     item_42},
    {43, "VmbChannelPause before Enable makes the channel come up paused",
     item_43},
    {44, "VmbChannelEnable after a close reconnects", item_44},
    {45, "VmbChannelEnable of an enabled channel fails", item_45},
    {0, NULL, NULL},
};
