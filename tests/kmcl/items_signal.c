/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items 149 and 150: signals.
 */
#include "harness.h"
#include "raw.h"

#include "vmbus/ring_wire.h"

static void item_149(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    for (int i = 0; i < 20; i++) {
        raw_host_signal(h);
        world_run(w);
    }
    CHECK_EQ(w->client.packets, 0);
    CHECK_EQ(w->client.batches, 0);
    raw_end(w, h);
}

static void item_150(struct world *w)
{
    static uint8_t bytes[1024];
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;
    uint32_t before;

    before = raw_host_signals(h);
    for (int i = 0; i < 5; i++) /* empty to non-empty: one of them */
        CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    CHECK_EQ(raw_host_signals(h), before + 1);
    while (raw_host_read(h, &got))
        continue;
    raw_host_in(h)[2] = 1; /* masked: none */
    CHECK_STATUS(send_plain(&w->client, "x", 1), STATUS_SUCCESS);
    CHECK_EQ(raw_host_signals(h), before + 1);
    raw_host_in(h)[2] = 0;
    while (raw_host_read(h, &got))
        continue;
    /* Reading what the host sent signals only for room that it asked for. */
    for (int i = 0; i < 5; i++)
        CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, bytes, 1024), 0);
    world_run(w);
    CHECK_EQ(raw_host_signals(h), before + 1);
    w->client.hold = true;
    VmbChannelPause(w->client.ch);
    for (int i = 0; i < 7; i++)
        CHECK_EQ(raw_host_send(h, RING_PACKET_IN_BAND, 0, 0, bytes, 1024), 0);
    raw_host_out(h)[3] = 1048; /* the host wants room for one */
    w->client.hold = false;
    VmbChannelStart(w->client.ch);
    world_run(w);
    CHECK_EQ(w->client.packets, 12);
    CHECK_EQ(raw_host_signals(h), before + 2);
    raw_end(w, h);
}

const struct test kmcl_tests_signal[] = {
    {149, "a signal for an empty ring does nothing", item_149},
    {150, "a sender signals only when the other side needs it", item_150},
    {0, NULL, NULL},
};
