/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items E, second half (71..82, 90): sending.
 */
#include "harness.h"
#include "raw.h"

#include "vmbus/ring_wire.h"

/* A raw pair, and a packet sent that wants an answer. */
static struct raw_host *ask_hello(struct world *w, struct sent *s)
{
    struct raw_host *h = raw_pair(w, 4);

    sent_make(&w->client, s);
    CHECK_STATUS(sent_send(s, "hello", 5, true), STATUS_SUCCESS);
    return h;
}

static void end(struct world *w, struct raw_host *h, struct sent *s)
{
    sent_free(s);
    raw_end(w, h);
}

static void item_71(struct world *w)
{
    struct raw_host *h = raw_pair(w, 4);
    struct raw_packet got;
    struct sent s;

    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, "hello", 5, false), STATUS_SUCCESS);
    CHECK_EQ(s.ended, 1); /* nothing had to run */
    CHECK_STATUS(s.status, STATUS_SUCCESS);
    CHECK(!s.buffer_given && !s.size);
    CHECK(raw_host_read(h, &got));
    CHECK_EQ(got.type, RING_PACKET_IN_BAND);
    CHECK_EQ(got.flags, 0);
    CHECK(!memcmp(got.body, "hello\0\0\0", 8));
    end(w, h, &s);
}

static void item_72(struct world *w)
{
    struct raw_packet got;
    struct sent s;
    struct raw_host *h = ask_hello(w, &s);

    world_advance(w, 1000);
    CHECK_EQ(s.ended, 0);
    CHECK(raw_host_read(h, &got));
    CHECK_EQ(got.flags, RING_FLAG_COMPLETION_REQUESTED);
    raw_host_complete(h, got.transaction, "response", 8);
    world_run(w);
    CHECK_EQ(s.ended, 1);
    CHECK_STATUS(s.status, STATUS_SUCCESS);
    CHECK_EQ(s.size, 8);
    CHECK(!memcmp(s.bytes, "response", 8));
    CHECK(s.irql <= DISPATCH_LEVEL);
    end(w, h, &s);
}

/* The routine frees the packet before the send has returned. */
static void item_73(struct world *w)
{
    struct raw_host *h = raw_pair(w, 4);
    struct sent s;

    sent_make(&w->client, &s);
    s.free_inside = true;
    CHECK_STATUS(sent_send(&s, "hello", 5, false), STATUS_SUCCESS);
    CHECK_EQ(s.ended, 1);
    CHECK_ASSERTS(w, "not a packet", VmbPacketFree(s.packet));
    raw_end(w, h);
}

static void item_74(struct world *w)
{
    struct raw_packet got;
    struct sent s;
    struct raw_host *h = ask_hello(w, &s);

    CHECK(raw_host_read(h, &got));
    raw_host_complete(h, got.transaction, NULL, 0);
    world_run(w);
    CHECK_EQ(s.ended, 1);
    CHECK_EQ(s.size, 0);
    CHECK(!s.buffer_given);
    end(w, h, &s);
}

static void item_75(struct world *w)
{
    struct raw_host *h = raw_pair(w, 4);
    struct raw_packet got[3];
    struct sent s[3];

    for (int i = 0; i < 3; i++) {
        sent_make(&w->client, &s[i]);
        CHECK_STATUS(sent_send(&s[i], "hello", 5, true), STATUS_SUCCESS);
        CHECK(raw_host_read(h, &got[i]));
    }
    for (int i = 2; i >= 0; i--) {
        uint64_t answer = (uint64_t)i;

        raw_host_complete(h, got[i].transaction, &answer, 8);
    }
    world_run(w);
    CHECK_EQ(s[2].order + 1, s[1].order);
    CHECK_EQ(s[1].order + 1, s[0].order);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(s[i].ended, 1);
        CHECK_EQ(s[i].bytes[0], i);
        sent_free(&s[i]);
    }
    raw_end(w, h);
}

/* More than is read at a time, and one signal for all. */
static void item_75_many(struct world *w)
{
    enum { COUNT = 200 };
    struct raw_host *h = raw_pair(w, 4);
    static struct raw_packet got[COUNT];
    static struct sent s[COUNT];
    KIRQL irql;

    for (int i = 0; i < COUNT; i++) {
        sent_make(&w->client, &s[i]);
        CHECK_STATUS(sent_send(&s[i], "hello", 5, true), STATUS_SUCCESS);
        CHECK(raw_host_read(h, &got[i]));
    }
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    for (int i = 0; i < COUNT; i++)
        raw_host_complete(h, got[i].transaction, NULL, 0);
    KeLowerIrql(irql);
    world_run(w);
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQ(s[i].ended, 1);
        sent_free(&s[i]);
    }
    raw_end(w, h);
}

static void item_76(struct world *w)
{
    struct raw_packet got;
    struct sent s;
    struct raw_host *h = ask_hello(w, &s);

    CHECK(raw_host_read(h, &got));
    raw_host_complete(h, got.transaction + 64, "invented", 8); /* same bucket */
    raw_host_complete(h, 0, "zero id", 8);
    raw_host_complete(h, (uintptr_t)s.packet, "pointer", 8);
    world_run(w);
    CHECK_EQ(s.ended, 0);
    raw_host_complete(h, got.transaction, "real one", 8);
    raw_host_complete(h, got.transaction, "repeated", 8);
    world_run(w);
    CHECK_EQ(s.ended, 1);
    CHECK(!memcmp(s.bytes, "real one", 8));
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_completions, 4);
    CHECK(world_logged(w, "unknown transaction"));
    end(w, h, &s);
}

#define MANY 50

static void item_77(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    static uint8_t bytes[1000];
    struct raw_packet got;
    static struct sent s[MANY];
    uint32_t received = 0, before;

    for (uint32_t i = 0; i < MANY; i++) {
        sent_make(&w->client, &s[i]);
        bytes[0] = (uint8_t)i;
        CHECK_STATUS(sent_send(&s[i], bytes, sizeof(bytes), false),
                     STATUS_SUCCESS);
    }
    CHECK_EQ(s[0].ended, 1);
    CHECK_EQ(s[MANY - 1].ended, 0); /* 8 KiB do not hold them */
    before = (uint32_t)(kmcl_stats(w->kmcl)->packets_queued);
    CHECK(before > 0);
    while (received < MANY && raw_host_read(h, &got)) {
        CHECK_EQ(got.body[0], received);
        received++;
        world_run(w);
    }
    CHECK_EQ(received, MANY);
    CHECK_EQ(raw_host_in(h)[3], 0); /* room is not waited for any more */
    for (uint32_t i = 0; i < MANY; i++) {
        CHECK_EQ(s[i].ended, 1);
        sent_free(&s[i]);
    }
    raw_end(w, h);
}

/* The host takes everything in one go, and its signal is lost. */
static void item_77_lost(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    static uint8_t bytes[1000];
    struct raw_packet got;
    uint32_t received = 0;

    for (uint32_t i = 0; i < MANY; i++)
        CHECK_STATUS(send_plain(&w->client, bytes, sizeof(bytes)),
                     STATUS_SUCCESS);
    raw_host_in(h)[3] = 0; /* as if the wish for room had not been seen */
    while (raw_host_read(h, &got))
        received++;
    CHECK(received < MANY);
    world_advance(w, 15); /* the timer looks again */
    CHECK(raw_host_read(h, &got));
    raw_end(w, h);
}

static void item_78(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    static uint8_t bytes[1024];
    struct raw_packet got;
    uint32_t expected = 0;

    for (uint32_t i = 0; i < MANY; i++) {
        bytes[0] = (uint8_t)i;
        CHECK_STATUS(send_plain(&w->client, bytes, i % 2 ? 8 : 1024),
                     STATUS_SUCCESS);
    }
    for (; expected < MANY; expected++) {
        CHECK(raw_host_read(h, &got));
        CHECK_EQ(got.body[0], expected);
        world_run(w);
    }
    raw_end(w, h);
}

static void item_79(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    static uint8_t bytes[1024];
    static struct sent s[MANY];
    uint64_t before;

    for (uint32_t i = 0; i < MANY; i++)
        sent_make(&w->client, &s[i]);
    before = world_allocations(w);
    world_fail_allocation(w, 1);
    for (uint32_t i = 0; i < MANY; i++)
        CHECK_STATUS(sent_send(&s[i], bytes, sizeof(bytes), true),
                     STATUS_SUCCESS);
    CHECK_EQ(world_allocations(w), before);
    world_fail_allocation(w, 0);
    VmbChannelDisable(w->client.ch);
    for (uint32_t i = 0; i < MANY; i++)
        sent_free(&s[i]);
    raw_end(w, h);
}

static void item_80(struct world *w)
{
    static uint8_t bytes[1025];
    struct raw_host *h = raw_pair(w, 4);
    struct raw_packet got;
    struct sent s;

    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, bytes, 1025, false), STATUS_INVALID_PARAMETER_3);
    CHECK_STATUS(sent_send(&s, NULL, 1, false), STATUS_INVALID_PARAMETER_2);
    CHECK_EQ(s.ended, 0);
    CHECK(!raw_host_read(h, &got));
    CHECK_STATUS(sent_send(&s, bytes, 1024, false), STATUS_SUCCESS);
    CHECK_STATUS(sent_send(&s, NULL, 0, false), STATUS_SUCCESS);
    end(w, h, &s);
}

static void item_81(struct world *w)
{
    struct raw_host *h = raw_pair(w, 4);
    struct raw_packet got;
    struct sent s;

    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_SUCCESS);
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_INVALID_PARAMETER_1);
    CHECK_ASSERTS(w, "in flight", VmbPacketFree(s.packet));
    CHECK(raw_host_read(h, &got));
    CHECK(!raw_host_read(h, &got));
    CHECK_STATUS(VmbPacketSend(NULL, "x", 1, NULL, 0),
                 STATUS_INVALID_PARAMETER_1);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_SUCCESS); /* queued */
    CHECK_STATUS(sent_send(&s, "x", 1, true), STATUS_INVALID_PARAMETER_1);
    s.free_inside = true;
    raw_end(w, h);
}

static void item_82(struct world *w)
{
    struct raw_host *h = raw_pair(w, 4);
    void *page = world_pages(w, 1);
    PFN_NUMBER pfn = world_pfn(w, page);
    PMDL mdl = mdl_of(page, 4096);
    struct raw_packet got;
    struct sent s;

    sent_make(&w->client, &s);
    CHECK_STATUS(VmbPacketSend(s.packet, "x", 1, NULL, 8),
                 STATUS_INVALID_PARAMETER_5);
    CHECK_STATUS(VmbPacketSend(s.packet, "x", 1, mdl, WAIT | 2),
                 STATUS_INVALID_PARAMETER_5);
    CHECK_STATUS(
        VmbPacketSendWithExternalMdl(s.packet, "x", 1, mdl, 0, 0, WAIT | 8),
        STATUS_INVALID_PARAMETER_7);
    CHECK_STATUS(
        VmbPacketSendWithExternalPfns(s.packet, "x", 1, &pfn, 1, WAIT | 8),
        STATUS_INVALID_PARAMETER_6);
    CHECK_STATUS(
        VmbPacketSendWithExternalPfns(s.packet, "x", 1, &pfn, 1, WAIT | 2),
        STATUS_INVALID_PARAMETER_6);
    CHECK(!raw_host_read(h, &got));
    CHECK_STATUS(
        VmbPacketSendWithExternalMdl(s.packet, "x", 1, mdl, 0, 4096, WAIT | 2),
        STATUS_SUCCESS);
    VmbChannelDisable(w->client.ch);
    sent_free(&s);
    IoFreeMdl(mdl);
    raw_end(w, h);
}

static void item_90(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    uint8_t bytes[1000];
    struct raw_packet got;

    for (uint32_t i = 0; i < MANY; i++) { /* some go out, some queue */
        memset(bytes, (int)i, sizeof(bytes));
        CHECK_STATUS(VmbPacketSend(VmbPacketAllocate(w->client.ch), bytes,
                                   sizeof(bytes), NULL,
                                   VMBUS_CHANNEL_FORMAT_FLAG_PAGED_BUFFER),
                     STATUS_SUCCESS);
        memset(bytes, 0xee, sizeof(bytes));
    }
    for (uint32_t i = 0; i < MANY; i++) {
        CHECK(raw_host_read(h, &got));
        CHECK_EQ(got.body[0], i);
        CHECK_EQ(got.body[999], i);
        world_run(w);
    }
    raw_end(w, h);
}

const struct test kmcl_tests_send[] = {
    {71, "without WAIT the routine runs when the packet is in the ring",
     item_71},
    {72,
     "with WAIT_FOR_COMPLETION the routine runs when the completion arrives "
     "and gets its payload",
     item_72},
    {73, "the routine may run, and free the packet, before the send returns",
     item_73},
    {74, "a completion without a payload gives BufferLength 0", item_74},
    {75, "completions are matched by transaction, not by order", item_75},
    {75, "one signal for 200 completions runs all 200 routines", item_75_many},
    {76, "completions of unknown transactions are counted and do nothing",
     item_76},
    {77, "a packet that finds the ring full is sent when there is room",
     item_77},
    {77, "a queued packet is sent although the signal for room was lost",
     item_77_lost},
    {78, "no packet overtakes another, also not a queued larger one", item_78},
    {79, "a send does not allocate", item_79},
    {80, "a packet above the maximum size is refused", item_80},
    {81, "sending a packet that is in flight is refused", item_81},
    {82, "a send with unknown flags is refused with their position", item_82},
    {90, "the inline buffer is captured during the send", item_90},
    {0, NULL, NULL},
};
