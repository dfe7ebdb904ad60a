/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items 46..50: pause, suspend, start again.
 */
#include "harness.h"

/* As a driver that finishes its packets a while after the suspend: work of
 * the platform's, run while the pause waits. */
static void later(struct endpoint *e)
{
    world_call_later(e->w, 50, (void (*)(void *))endpoint_complete_all, e);
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
    client_send(w);
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

const struct test kmcl_tests_pause[] = {
    {46, "VmbChannelPause waits for outstanding packets", item_46},
    {47, "no packet callback runs from Suspend to the next Started", item_47},
    {48, "VmbChannelDisable waits for a packet that is held over Suspend",
     item_48},
    {49, "VmbChannelStart delivers the packets that waited, once, in order",
     item_49},
    {50, "a second VmbChannelPause or VmbChannelStart does nothing", item_50},
    {0, NULL, NULL},
};
