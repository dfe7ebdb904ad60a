/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items F, first part (77, 92..94, 101..103): the synchronous
 * request and its answer.
 */
#include "harness.h"
#include "raw.h"
#include "request.h"

#include "vmbus/ring_wire.h"

#define MS 10000 /* in units of 100 ns */

static void answered(struct world *w, void (*by)(void *raw_host), void *buffer,
                     UINT32 *size)
{
    struct raw_host *h = raw_pair(w, 2);

    world_call_later(w, 5, by, h);
    CHECK_STATUS(ask_for(w->client.ch, buffer, size), STATUS_SUCCESS);
    raw_end(w, h);
}

static void item_92(struct world *w)
{
    uint8_t buffer[32];
    UINT32 size = sizeof(buffer);

    answered(w, answer, buffer, &size);
    CHECK_EQ(size, 16);
    CHECK(!memcmp(buffer, "the whole answer", 16));
}

static void item_93(struct world *w)
{
    uint8_t buffer[32];
    UINT32 size = 31;
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;

    CHECK_STATUS(ask_for(w->client.ch, buffer, &size),
                 STATUS_INVALID_PARAMETER_7);
    CHECK(!raw_host_read(h, &got));
    CHECK_EQ(size, 31);
    raw_end(w, h);
}

static void item_94(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    UINT32 size = 8;

    world_call_later(w, 5, answer, h);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_SUCCESS);
    world_call_later(w, 5, answer, h);
    CHECK_STATUS(ask_for(w->client.ch, NULL, &size), STATUS_SUCCESS);
    CHECK_EQ(size, 0);
    raw_end(w, h);
}

static void item_92_empty(struct world *w)
{
    uint64_t buffer[2];
    UINT32 size = sizeof(buffer);

    answered(w, answer_empty, buffer, &size);
    CHECK_EQ(size, 0);
}

/* No answer is wanted, but there is no room: it waits for that. */
static void item_77_request(struct world *w)
{
    static uint8_t bytes[1024];
    struct raw_host *h = raw_pair(w, 2);
    uint64_t before = world_now(w);

    for (int i = 0; i < 7; i++)
        CHECK_STATUS(send_plain(&w->client, bytes, sizeof(bytes)),
                     STATUS_SUCCESS);
    world_call_later(w, 5, answer_empty, h);
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, bytes,
                                                  sizeof(bytes), NULL, 0, NULL,
                                                  NULL, NULL),
                 STATUS_SUCCESS);
    CHECK(world_now(w) - before >= 5 * MS);
    raw_end(w, h);
}

static void item_101(struct world *w)
{
    LARGE_INTEGER zero = {.QuadPart = 0}, some = after(1);

    pair_run(w);
    CHECK_STATUS(ask(w->server.ch, WAIT, &zero), STATUS_INVALID_PARAMETER_5);
    CHECK_STATUS(ask(w->server.ch, 0, NULL), STATUS_INVALID_PARAMETER_8);
    CHECK_STATUS(ask(w->server.ch, 0, &some), STATUS_INVALID_PARAMETER_8);
    CHECK_STATUS(ask(w->server.ch, 0, &zero), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(w->client.packets, 1);
    pair_end(w);
}

static void item_102(struct world *w)
{
    uint8_t buffer[8];
    UINT32 size = sizeof(buffer);
    struct raw_host *h = raw_pair(w, 2);

    memset(buffer, 0x5a, sizeof(buffer));
    world_call_later(w, 5, answer, h);
    CHECK_STATUS(ask_for(w->client.ch, buffer, &size), STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(buffer[0], 0x5a);
    raw_end(w, h);
}

/* While it waits: packets and a completion of its own channel, packets of
 * another one, some of them ahead of its answer. */
static void busy_host(void *arg)
{
    struct raw_host *h = arg;
    struct raw_packet got;

    CHECK(raw_host_read(h, &got)); /* the asynchronous one */
    for (uint64_t i = 0; i < 5; i++)
        CHECK_EQ(raw_host_send(h, 6, 0, 0, &i, 8), 0);
    raw_host_complete(h, got.transaction, "async...", 8);
    answer(h);
}

static void item_103(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2), *other;
    struct endpoint second = {0};
    struct sent s;

    other = raw_host_offer(w, &other_instance);
    client_make(w, &second);
    endpoint_enable(&second);
    CHECK_EQ(raw_host_send(other, 6, 0, 0, "for two", 8), 0);
    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, "async", 5, true), STATUS_SUCCESS);
    world_call_later(w, 5, busy_host, h);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_SUCCESS);
    CHECK_EQ(s.ended, 1);
    CHECK_EQ(w->client.packets, 5);
    CHECK_EQ(second.packets, 1);
    sent_free(&s);
    endpoint_end(&second);
    raw_host_withdraw(other);
    raw_end(w, h);
}

/* From inside a passive packet callback, with more packets ahead of the
 * answer: the callback is not entered again, the answer arrives. */
static void ask_inside(struct endpoint *e, VMBPACKETCOMPLETION pc)
{
    CHECK(!e->context);
    e->context = e;
    if (e->packets == 1)
        CHECK_STATUS(ask(e->ch, WAIT, NULL), STATUS_SUCCESS);
    e->context = NULL;
    VmbChannelPacketComplete(pc, NULL, 0);
}

static void item_103_inside(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    struct sent s;

    VmbChannelSetIncomingProcessingAtPassive(w->client.ch, TRUE);
    w->client.on_packet = ask_inside;
    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, "async", 5, true), STATUS_SUCCESS);
    CHECK_EQ(raw_host_send(h, 6, 0, 0, "first...", 8), 0);
    world_call_later(w, 5, busy_host, h);
    world_advance(w, 100);
    CHECK_EQ(w->client.packets, 6);
    CHECK_EQ(s.ended, 1);
    sent_free(&s);
    raw_end(w, h);
}

/* The end of the first life has ended requests; it is none of the second. */
static void item_92_again(struct world *w)
{
    pair_run(w);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_SUCCESS);
    VmbChannelDisable(w->client.ch);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_SUCCESS);
    CHECK_EQ(w->server.packets, 2);
    pair_end(w);
}

const struct test kmcl_tests_request[] = {
    {77, "a synchronous request that wants no answer waits for room",
     item_77_request},
    {92, "a synchronous request succeeds with a response of 0 bytes",
     item_92_empty},
    {92, "a synchronous request returns the response and its length", item_92},
    {92, "a request made before a channel opens again waits for its answer",
     item_92_again},
    {93, "a completion buffer size that is no multiple of 8 is refused",
     item_93},
    {94, "a synchronous request without a buffer discards the response",
     item_94},
    {101, "a server's synchronous request that would wait is refused",
     item_101},
    {102, "a response larger than the buffer is STATUS_BUFFER_TOO_SMALL",
     item_102},
    {103, "packets and completions are processed while a request waits",
     item_103},
    {103, "a synchronous request inside a passive packet callback completes",
     item_103_inside},
    {0, NULL, NULL},
};
