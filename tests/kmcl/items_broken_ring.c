/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance item 147: a peer that breaks its ring.
 */
#include "harness.h"
#include "raw.h"

#include "vmbus/ring_wire.h"

/* What a host may write: the control word, its value; or a descriptor. */
static void broken_by(struct world *w, void (*spoil)(struct raw_host *h))
{
    struct raw_host *h = raw_pair(w, 2);
    struct sent s;

    w->client.trace[0] = 0;
    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_SUCCESS);
    spoil(h);
    raw_host_signal(h);
    world_run(w);
    CHECK_TEXT(w->client.trace, "XC");
    CHECK_EQ(w->client.packets, 0);
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_rings, 1);
    CHECK(world_logged(w, "ring is broken"));
    CHECK_EQ(s.ended, 1);
    CHECK_STATUS(s.status, STATUS_DEVICE_REMOVED);
    sent_free(&s);
    /* And the device can be used again. */
    endpoint_enable(&w->client);
    CHECK_TEXT(w->client.trace, "XCOSP");
    raw_end(w, h);
}

static void index_range(struct raw_host *h)
{
    raw_host_out(h)[0] = 8192;
}

static void index_unit(struct raw_host *h)
{
    raw_host_out(h)[0] = 12;
}

static void descriptor(struct raw_host *h, uint16_t offset8, uint16_t length8)
{
    struct ring_descriptor d = {
        .type = RING_PACKET_IN_BAND,
        .offset8 = offset8,
        .length8 = length8,
    };

    memcpy(raw_host_out_data(h), &d, sizeof(d));
    raw_host_out(h)[0] = 64;
}

static void short_offset(struct raw_host *h)
{
    descriptor(h, 1, 4);
}

static void long_offset(struct raw_host *h)
{
    descriptor(h, 5, 4);
}

static void long_packet(struct raw_host *h)
{
    descriptor(h, 2, 9);
}

static void item_147_range(struct world *w)
{
    broken_by(w, index_range);
}

static void item_147_unit(struct world *w)
{
    broken_by(w, index_unit);
}

static void item_147_short(struct world *w)
{
    broken_by(w, short_offset);
}

static void item_147_offset(struct world *w)
{
    broken_by(w, long_offset);
}

static void item_147_length(struct world *w)
{
    broken_by(w, long_packet);
}

/* The outgoing ring's read index, found when a send wants room. */
static void item_147_outgoing(struct world *w)
{
    static uint8_t bytes[1024];
    struct raw_host *h = raw_pair(w, 2);

    w->client.trace[0] = 0;
    raw_host_in(h)[1] = 4;
    for (int i = 0; i < 20; i++)
        CHECK_STATUS(send_plain(&w->client, bytes, sizeof(bytes)),
                     STATUS_SUCCESS);
    world_run(w);
    CHECK_TEXT(w->client.trace, "XC");
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_rings, 1);
    raw_end(w, h);
}

/* A guest that breaks its ring is taken off; the offer comes back. */
static void item_147_server(struct world *w)
{
    struct raw_guest *g;

    g = raw_guest_pair(w);
    CHECK_TEXT(w->server.trace, "OSP");
    raw_guest_out(g)[0] = 4;
    raw_guest_signal(g);
    world_run(w);
    CHECK_TEXT(w->server.trace, "OSPXC");
    raw_guest_close(g);
    g = raw_guest_open(w);
    CHECK_TEXT(w->server.trace, "OSPXCOSP");
    raw_guest_end(w, g);
}

static void spoil_later(void *arg)
{
    index_unit(arg);
    raw_host_signal(arg);
}

static void complete_later(void *arg)
{
    struct endpoint *e = arg;

    VmbChannelPacketComplete(e->held[0], "too late", 8);
    e->held_count = 0;
}

/* A request that waits ends at once, though the channel cannot close yet. */
static void item_147_request(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    w->client.hold = true;
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 1, "x", 1), 0);
    world_run(w);
    world_call_later(w, 10, spoil_later, h);
    world_call_later(w, 50, complete_later, &w->client);
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, "x", 1, NULL,
                                                  WAIT, NULL, NULL, NULL),
                 STATUS_DEVICE_REMOVED);
    CHECK_EQ(w->client.held_count, 1);
    world_advance(w, 100);
    CHECK_TEXT(w->client.trace, "OSPXC");
    raw_end(w, h);
}

/* Nothing is written any more, not even an answer. */
static void item_147_answer(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;

    w->client.hold = true;
    CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND,
                           RING_FLAG_COMPLETION_REQUESTED, 1, "x", 1),
             0);
    world_run(w);
    spoil_later(h);
    world_run(w);
    complete_later(&w->client);
    CHECK(!raw_host_read(h, &got));
    world_run(w);
    CHECK_TEXT(w->client.trace, "OSPXC");
    raw_end(w, h);
}

const struct test kmcl_tests_broken_ring[] = {
    {147, "a write index out of range closes the channel", item_147_range},
    {147, "a write index that is no multiple of 8 closes the channel",
     item_147_unit},
    {147, "a payload that starts inside the descriptor closes the channel",
     item_147_short},
    {147, "a payload that starts after the packet closes the channel",
     item_147_offset},
    {147, "a packet longer than what was written closes the channel",
     item_147_length},
    {147, "a bad read index of the outgoing ring closes the channel",
     item_147_outgoing},
    {147, "the host half closes the channel of a guest that breaks its ring",
     item_147_server},
    {147, "a synchronous request ends when the peer breaks the ring",
     item_147_request},
    {147, "a completion after the ring broke is not sent", item_147_answer},
    {0, NULL, NULL},
};
