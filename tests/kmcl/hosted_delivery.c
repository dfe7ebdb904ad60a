/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is delivered when, and what never waits for ever: PASSIVE processing on
 * another processor, the order of packets and completions, callbacks that wait,
 * and the memory that a peer can make a channel hold.
 */
#include <stdio.h>

#include "tests/peer/hosted.h"
#include "hosted_peek.h"
#include "kmcl/base/incoming.h"
#include "kmcl/types.h"
#include "raw.h"
#include "runner.h"
#include "vmbus/ring.h"
#include "vmbus/vmbus.h"

static struct {
    struct world *w;
    struct raw_host *h;
    struct raw_host *other;
    struct endpoint second;
    uint32_t step; /* of what the client is told */
    uint32_t packet_steps[8];
    uint32_t completion_step;
    uint32_t packets_at_completion;
    bool armed;
} d;

static void begin(struct world *w)
{
    memset(&d, 0, sizeof(d));
    d.w = w;
}

/* ---- PASSIVE processing on another processor ----------------------------- */

/* Processor 1 has just given a lock back and is preempted: processor 0 does all
 * that is to do at PASSIVE, and the host writes one more packet. */
static void preempt(struct seam *s)
{
    uint8_t irql = s->irql;
    uint32_t cpu = s->cpu;

    if (!d.armed || cpu != 1 || !peek_passive_waits(d.second.ch))
        return;
    d.armed = false;
    s->cpu = 0;
    s->irql = SEAM_PASSIVE;
    hosted_run(s);
    raw_host_give(d.h, 0, 2);
    s->cpu = cpu;
    s->irql = irql;
}

/* The first channel of a bus of two processors is on processor 0, the second on
 * processor 1. */
static void make_second(struct world *w)
{
    d.other = raw_host_offer(w, &other_instance);
    world_seam(w)->cpus = 2;
    client_make(w, &w->client);
    CHECK_STATUS(VmbClientChannelInitSetTargetPnp(w->client.ch, &test_type,
                                                  &other_instance, NULL),
                 STATUS_SUCCESS);
    endpoint_enable(&w->client);
    d.h = raw_host_offer(w, &test_instance);
    client_make(w, &d.second);
    CHECK_STATUS(VmbClientChannelInitSetTargetPnp(d.second.ch, &test_type,
                                                  &test_instance, NULL),
                 STATUS_SUCCESS);
}

static void passive_elsewhere(struct world *w)
{
    begin(w);
    make_second(w);
    VmbChannelSetIncomingProcessingAtPassive(d.second.ch, TRUE);
    endpoint_enable(&d.second);
    raw_host_give(d.h, 0, 0);
    world_run(w);
    CHECK_EQ(d.second.packets, 1);
    world_seam(w)->on_unlock = preempt;
    d.armed = true;
    raw_host_give(d.h, 0, 1);
    world_run(w);
    world_seam(w)->on_unlock = NULL;
    CHECK(!d.armed);
    CHECK_EQ(d.second.packets, 3);
    CHECK_EQ(raw_host_out(d.h)[2], 0); /* signals are asked for again */
    endpoint_end(&d.second);
    endpoint_end(&w->client);
    raw_host_withdraw(d.h);
    raw_host_withdraw(d.other);
}

/* ---- order --------------------------------------------------------------- */

static VOID note_completion(VMBPACKET p, NTSTATUS status, PVOID buffer,
                            UINT32 size)
{
    (void)p, (void)status, (void)buffer, (void)size;
    d.completion_step = ++d.step;
    d.packets_at_completion = d.w->client.packets;
}

static void note_packet(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    d.packet_steps[e->packets - 1] = ++d.step;
    VmbChannelPacketComplete(pc, NULL, 0);
}

/* One send is with the host, which has not answered. */
static VMBPACKET send_one(struct world *w, uint64_t *transaction)
{
    VMBPACKET p = VmbPacketAllocate(w->client.ch);
    struct raw_packet got;

    VmbPacketSetCompletionRoutine(p, note_completion);
    CHECK_STATUS(VmbPacketSend(p, "read", 4, NULL, WAIT), STATUS_SUCCESS);
    world_run(w);
    CHECK(raw_host_read(d.h, &got));
    *transaction = got.transaction;
    return p;
}

/* The host writes two packets and the completion, then signals once. */
static void in_ring_order(struct world *w, bool passive)
{
    uint64_t transaction;
    VMBPACKET p;

    begin(w);
    d.h = raw_pair(w, 0);
    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, passive);
    w->client.on_packet = note_packet;
    p = send_one(w, &transaction);
    raw_host_give_many(d.h, 2);
    raw_host_complete(d.h, transaction, "done", 4);
    world_run(w);
    CHECK_EQ(d.packet_steps[0], 1);
    CHECK_EQ(d.packet_steps[1], 2);
    CHECK_EQ(d.completion_step, 3);
    VmbPacketFree(p);
    raw_end(w, d.h);
}

static void order_at_dispatch(struct world *w)
{
    in_ring_order(w, false);
}

static void order_at_passive(struct world *w)
{
    in_ring_order(w, true);
}

static void answer_packet(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    (void)e;
    VmbChannelPacketComplete(pc, NULL, 0);
}

/* More packets than are taken at once. */
static void order_past_a_budget(struct world *w)
{
    uint64_t transaction;
    VMBPACKET p;

    begin(w);
    d.h = raw_pair(w, 0);
    w->client.on_packet = answer_packet;
    p = send_one(w, &transaction);
    raw_host_give_many(d.h, KMCL_BUDGET + 8);
    raw_host_complete(d.h, transaction, "done", 4);
    world_run(w);
    CHECK_EQ(w->client.packets, KMCL_BUDGET + 8);
    CHECK_EQ(d.completion_step, 1);
    CHECK_EQ(d.packets_at_completion, KMCL_BUDGET + 8);
    VmbPacketFree(p);
    raw_end(w, d.h);
}

/* The packets before the completion cannot be delivered. */
static void passes_at_quota(struct world *w)
{
    uint64_t transaction;
    VMBPACKET p;

    begin(w);
    d.h = raw_pair(w, 0);
    VmbChannelSetTransactionQuota(w->client.ch, 1);
    w->client.hold = true;
    p = send_one(w, &transaction);
    raw_host_give_many(d.h, 3);
    raw_host_complete(d.h, transaction, "done", 4);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    CHECK_EQ(d.completion_step, 1);
    w->client.hold = false;
    endpoint_complete_all(&w->client);
    world_run(w);
    CHECK_EQ(w->client.packets, 3);
    VmbPacketFree(p);
    raw_end(w, d.h);
}

/* Paused: the packets stay in the ring, and the completion behind them is found
 * there, also when it comes later and without a signal. */
static void passes_a_pause(struct world *w)
{
    uint64_t first, second;
    VMBPACKET p, q;

    begin(w);
    d.h = raw_pair(w, 0);
    p = send_one(w, &first);
    q = send_one(w, &second);
    VmbChannelPause(w->client.ch);
    raw_host_give_many(d.h, 2);
    raw_host_complete(d.h, first, "done", 4);
    world_run(w);
    CHECK_EQ(d.step, 1);
    raw_host_give_many(d.h, 1);
    raw_host_complete_quietly(d.h, second, "done", 4);
    world_advance(w, 20);
    CHECK_EQ(d.step, 2);
    CHECK_EQ(w->client.packets, 0);
    VmbChannelStart(w->client.ch);
    world_run(w);
    CHECK_EQ(w->client.packets, 3);
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_completions, 0);
    CHECK_EQ(d.step, 2); /* each completion counts once */
    VmbPacketFree(p);
    VmbPacketFree(q);
    raw_end(w, d.h);
}

/* ---- a PASSIVE callback that waits --------------------------------------- */

static uint32_t before_answer;

static void answer(void *arg)
{
    struct raw_packet got;

    (void)arg;
    CHECK(raw_host_read(d.h, &got));
    raw_host_give_many(d.h, before_answer);
    raw_host_complete(d.h, got.transaction, "answer!", 8);
}

static void ask_inside(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    LARGE_INTEGER limit = {.QuadPart = -(int64_t)(10 * SEAM_S)};
    uint64_t buffer;
    UINT32 size = 8;

    e->on_packet = NULL;
    world_call_later(e->w, 10, answer, NULL);
    CHECK_STATUS(VmbChannelSendSynchronousRequest(e->ch, "q", 1, NULL, WAIT,
                                                  &buffer, &size, &limit),
                 STATUS_SUCCESS);
    CHECK_EQ(e->packets, 1);
    VmbChannelPacketComplete(pc, NULL, 0);
}

/* `count` packets of 8 bytes are in the ring before the answer. */
static void answered_behind(struct world *w, uint32_t count)
{
    begin(w);
    d.h = raw_pair(w, 64);
    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, TRUE);
    before_answer = count;
    w->client.on_packet = ask_inside;
    raw_host_give(d.h, 0, 1);
    world_run(w);
    world_advance(w, 100);
    CHECK_EQ(w->client.packets, count + 1);
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_completions, 0);
    raw_end(w, d.h);
}

static void answered_behind_few(struct world *w)
{
    answered_behind(w, 10);
}

static void answered_behind_many(struct world *w)
{
    answered_behind(w, 300);
}

static void answered_behind_a_ring(struct world *w)
{
    answered_behind(w, 5000);
}

/* ---- memory -------------------------------------------------------------- */

static enum vmbus_event_result left(void *arg)
{
    (void)arg;
    return VMBUS_EVENT_LEFT;
}

/* A guest sends packets far above the server's maximum while the server is at
 * its quota. */
static void large_packets_are_bounded(struct world *w)
{
    static uint8_t body[524000];
    struct vmbus_open open = {.tx_pages = 300, .rx_pages = 4, .event = left};
    struct vmbus_channel *c;
    uint64_t before;
    uint32_t sent = 0;

    server_make(w, &w->server, &test_instance);
    VmbChannelSetTransactionQuota(w->server.ch, 1);
    server_start(&w->server);
    world_run(w);
    c = vmbus_bus_next(world_bus(w), NULL);
    CHECK_EQ(vmbus_channel_claim(c), 0);
    CHECK_EQ(vmbus_channel_open(c, &open), 0);
    world_run(w);
    w->server.hold = true;
    before = world_bytes(w);
    for (; sent < 1000; sent++) {
        struct ring_writer *tx = vmbus_channel_tx(c);
        uint32_t at = ring_writer_start(tx);
        const struct ring_packet p = {.type = RING_PACKET_IN_BAND,
                                      .size = sizeof(body),
                                      .transaction = sent};

        if (ring_write(tx, &at, &p, body))
            break;
        if (ring_writer_commit(tx, at))
            vmbus_channel_signal(c);
        world_run(w);
    }
    /* The delivered one, one on the list, one being read; the rest stays in
     * the ring. */
    CHECK(world_bytes(w) - before <= 4 * sizeof(body));
    w->server.hold = false;
    endpoint_complete_all(&w->server);
    world_run(w);
    CHECK(world_bytes(w) - before <= 2 * sizeof(body));
    CHECK_EQ(vmbus_channel_close(c), 0);
    vmbus_channel_unclaim(c);
    endpoint_end(&w->server);
}

/* A guest breaks its ring again and again: the log does not grow with it. The
 * bus of the guest here says as much as the server. */
static void lines_are_limited(struct world *w)
{
    struct raw_guest *g = raw_guest_pair(w);
    uint32_t before = world_seam(w)->log_lines;

    w->server.silent = true;
    for (uint32_t round = 0; round < 100; round++) {
        raw_guest_out(g)[0] = 4;
        raw_guest_signal(g);
        world_run(w);
        raw_guest_close(g);
        g = raw_guest_open(w);
    }
    CHECK(world_seam(w)->log_lines - before <= 2 * 10);
    raw_guest_end(w, g);
}

const struct test kmcl_tests_delivery[] = {
    {113, "PASSIVE processing of a channel on processor 1 loses no packet",
     passive_elsewhere},
    {75, "a completion waits for the packets before it at DISPATCH",
     order_at_dispatch},
    {75, "a completion waits for the packets before it at PASSIVE",
     order_at_passive},
    {75, "a completion waits for more packets than are taken at once",
     order_past_a_budget},
    {117, "a completion passes packets while delivery is at its quota",
     passes_at_quota},
    {49, "a completion passes packets while the channel is paused",
     passes_a_pause},
    {113, "a PASSIVE callback is answered behind 10 packets",
     answered_behind_few},
    {113, "a PASSIVE callback is answered behind 300 packets",
     answered_behind_many},
    {113, "a PASSIVE callback is answered behind a ring full of packets",
     answered_behind_a_ring},
    {104, "packets above the maximum size are held in bounded memory",
     large_packets_are_bounded},
    {147, "a guest that breaks 100 rings brings about 20 lines at most",
     lines_are_limited},
    {0, NULL, NULL},
};
