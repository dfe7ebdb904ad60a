/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivery that one processor, or one level, leaves to another: nothing is
 * left lying when that one has just stopped.
 */
#include "raw.h"

#include "tests/peer/hosted.h"
#include "hosted_peek.h"
#include "hosted_two.h"
#include "runner.h"

/* What an interrupt does that comes now: events, at DISPATCH. */
static void interrupt(struct world *w)
{
    KIRQL irql;

    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    world_run(w);
    KeLowerIrql(irql);
}

static VOID defer_or_hold(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                          UINT32 size, UINT32 flags)
{
    struct endpoint *e = VmbChannelGetPointer(ch);

    (void)buffer, (void)size, (void)flags;
    if (!e->packets++)
        VmbChannelPacketDeferToPassive(pc);
    else
        e->held[e->held_count++] = pc;
}

static VOID complete_held(VMBCHANNEL ch, UINT32 packets)
{
    struct endpoint *e = VmbChannelGetPointer(ch);

    (void)packets;
    endpoint_complete_all(e);
    interrupt(e->w);
}

/* The quota ends a batch at PASSIVE; its end completes what was held, and the
 * event that this causes finds delivery still going on. */
static void quota_at_passive(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelInitSetProcessPacketCallbacks(
                     w->client.ch, defer_or_hold, complete_held),
                 STATUS_SUCCESS);
    VmbChannelSetTransactionQuota(w->client.ch, 1);
    endpoint_enable(&w->client);
    raw_host_give_many(h, 3);
    world_run(w);
    CHECK_EQ(w->client.packets, 1 + 3);
    raw_end(w, h);
}

static VOID hold_each(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                      UINT32 size, UINT32 flags)
{
    struct endpoint *e = VmbChannelGetPointer(ch);

    (void)buffer, (void)size, (void)flags;
    e->packets++;
    e->held[e->held_count++] = pc;
}

static VOID raise_quota(VMBCHANNEL ch, UINT32 packets)
{
    (void)packets;
    VmbChannelSetTransactionQuota(ch, 3);
}

/* A raised quota alone does not go on with delivery; a completion does. [D] */
static void quota_raised_at_the_end(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelInitSetProcessPacketCallbacks(
                     w->client.ch, hold_each, raise_quota),
                 STATUS_SUCCESS);
    VmbChannelSetTransactionQuota(w->client.ch, 1);
    endpoint_enable(&w->client);
    raw_host_give_many(h, 4);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    endpoint_complete_all(&w->client);
    world_run(w);
    CHECK_EQ(w->client.packets, 4);
    endpoint_complete_all(&w->client);
    raw_end(w, h);
}

/* ---- a peer that never lets go ------------------------------------------- */

static VOID one_more(VMBCHANNEL ch, UINT32 packets)
{
    struct endpoint *e = VmbChannelGetPointer(ch);

    (void)packets;
    if (++e->batches == 1000)
        return;
    raw_host_give(e->context, 0, 1);
    interrupt(e->w);
}

static uint32_t batches_before;

static void others(void *client)
{
    batches_before = ((struct endpoint *)client)->batches;
}

static VOID complete_at_once(VMBCHANNEL ch, VMBPACKETCOMPLETION pc,
                             PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)ch, (void)buffer, (void)size, (void)flags;
    VmbChannelPacketComplete(pc, NULL, 0);
}

/* There is one more packet whenever a batch has ended: others have their turn
 * all the same. */
static void endless_batches(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelInitSetProcessPacketCallbacks(
                     w->client.ch, complete_at_once, one_more),
                 STATUS_SUCCESS);
    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, TRUE);
    w->client.context = h;
    endpoint_enable(&w->client);
    world_call_later(w, 0, others, &w->client);
    raw_host_give(h, 0, 0);
    world_run(w);
    CHECK_EQ(w->client.batches, 1000);
    CHECK(batches_before < 200);
    raw_end(w, h);
}

/* ---- two processors ------------------------------------------------------ */

static VMBCHANNEL shared;

/* The second has just left a packet to the first, which delivers: it gets no
 * further. */
static void stop_second(struct seam *s)
{
    if (!peek_left_to_other(shared))
        return;
    s->on_unlock = NULL;
    two_stop();
}

/* At PASSIVE on the first processor; the second takes an event meanwhile. */
static void event_elsewhere(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    if (KeGetCurrentIrql() != PASSIVE_LEVEL) {
        VmbChannelPacketDeferToPassive(pc);
        return;
    }
    e->on_packet = NULL;
    raw_host_give(e->context, 0, 2);
    world_seam(e->w)->on_unlock = stop_second;
    two_run_second();
    CHECK(!two_ended());
    VmbChannelPacketComplete(pc, NULL, 0);
}

/* Delivery ends on the first processor after the second has left its packet
 * to it, and before the second has looked whether more came: what comes then
 * comes without a signal, for the ring is masked. */
static void ends_elsewhere(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    shared = w->client.ch;
    two_begin(w);
    w->client.on_packet = event_elsewhere;
    w->client.context = h;
    raw_host_give(h, 0, 1);
    world_run(w);
    CHECK_EQ(w->client.packets, 1 + 2);
    raw_host_give(h, 0, 3);
    two_run_second();
    two_end();
    world_run(w);
    CHECK_EQ(w->client.packets, 1 + 3);
    raw_end(w, h);
}

static void stop_timer(struct seam *s)
{
    s->on_timer = NULL;
    two_stop();
}

static void go_on(void *arg)
{
    (void)arg;
    two_run_second();
}

/* The second has begun to look for room when the channel ends. */
static void timer_elsewhere(struct world *w)
{
    static uint8_t bytes[1000];
    static struct sent sent[40];
    struct raw_guest *g;

    server_make(w, &w->server, &test_instance);
    server_start(&w->server);
    g = raw_guest_open(w);
    for (int i = 0; i < 40; i++) {
        sent_make(&w->server, &sent[i]);
        CHECK_STATUS(sent_send(&sent[i], bytes, sizeof(bytes), false),
                     STATUS_SUCCESS);
    }
    two_begin(w);
    world_seam(w)->now += 10 * SEAM_MS;
    world_seam(w)->on_timer = stop_timer;
    two_run_second();
    CHECK(!two_ended());
    /* The server answers the close when the timer's function has ended. */
    world_call_later(w, 20, go_on, NULL);
    raw_guest_close(g);
    for (int i = 0; i < 40; i++)
        sent_free(&sent[i]);
    endpoint_end(&w->server);
    if (!two_ended())
        two_run_second();
    two_end();
}

/* An offer that is given back on the first may be looked at on the second: both
 * do so under the lock. */
static uint32_t unlocked;

static void count_unlock(struct seam *s)
{
    (void)s;
    unlocked++;
}

static void instance_locked(struct world *w)
{
    struct seam *s = world_seam(w);
    struct raw_host *h = raw_pair(w, 2);
    GUID instance;

    s->on_unlock = count_unlock;
    VmbChannelGetInterfaceInstance(w->client.ch, &instance);
    s->on_unlock = NULL;
    CHECK_EQ(unlocked, 1);
    CHECK(!memcmp(&instance, &test_instance, sizeof(instance)));
    raw_end(w, h);
}

const struct test kmcl_tests_stall[] = {
    {117, "a completion at the end of a passive batch lifts the quota",
     quota_at_passive},
    {117, "a quota that is raised at a batch's end waits for a completion",
     quota_raised_at_the_end},
    {104, "no packet stays behind when another processor ends its delivery",
     ends_elsewhere},
    {115, "a peer that never stops sending leaves other channels their turn",
     endless_batches},
    {57, "a close waits for a timer's function that runs on another processor",
     timer_elsewhere},
    {30, "VmbChannelGetInterfaceInstance reads the offer under the lock",
     instance_locked},
    {0, NULL, NULL},
};
