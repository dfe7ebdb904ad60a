/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acceptance items F, second part (39, 95..100): what else ends a request.
 */
#include "harness.h"
#include "raw.h"
#include "request.h"
#include "runner.h"

#define MS 10000 /* in units of 100 ns */

static void item_95(struct world *w)
{
    static uint8_t bytes[1024];
    struct raw_host *h = raw_pair(w, 2);
    LARGE_INTEGER zero = {.QuadPart = 0};
    struct raw_packet got;
    NTSTATUS status;
    uint32_t sent = 0, received = 0;

    do {
        status = VmbChannelSendSynchronousRequest(
            w->client.ch, bytes, sizeof(bytes), NULL, 0, NULL, NULL, &zero);
        sent += NT_SUCCESS(status);
    } while (NT_SUCCESS(status));
    CHECK_STATUS(status, STATUS_BUFFER_OVERFLOW);
    CHECK_EQ(sent, 7); /* of 1048 bytes each in 8192 */
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, bytes,
                                                  sizeof(bytes), NULL, WAIT,
                                                  NULL, NULL, &zero),
                 STATUS_BUFFER_OVERFLOW);
    while (raw_host_read(h, &got))
        received++;
    world_advance(w, 100);
    CHECK(!raw_host_read(h, &got));
    CHECK_EQ(received, sent);
    raw_end(w, h);
}

static void item_96(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    LARGE_INTEGER zero = {.QuadPart = 0};
    uint64_t before = world_now(w);
    struct raw_packet got;
    KIRQL irql;

    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    CHECK_STATUS(ask(w->client.ch, 0, &zero), STATUS_SUCCESS);
    KeLowerIrql(irql);
    CHECK(!world_is_virtual(w) || world_now(w) == before);
    CHECK(raw_host_read(h, &got));
    /* With WAIT it does not wait either. */
    CHECK_STATUS(ask(w->client.ch, WAIT, &zero), STATUS_CANCELLED);
    CHECK(!world_is_virtual(w) || world_now(w) == before);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    CHECK_ASSERTS(w, "PASSIVE_LEVEL", (void)ask(w->client.ch, WAIT, NULL));
    world_abandon(w); /* a packet was taken before the check */
    (void)h;
}

static void item_97(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    LARGE_INTEGER limit = after(25);
    uint64_t before = world_now(w);

    CHECK_STATUS(ask(w->client.ch, WAIT, &limit), STATUS_CANCELLED);
    CHECK(world_now(w) - before >= 25 * MS);
    /* Absolute: the tests' clock began at this number. */
    before = world_now(w);
    limit.QuadPart = TESTS_EPOCH + (int64_t)before + 10 * MS;
    CHECK_STATUS(ask(w->client.ch, WAIT, &limit), STATUS_CANCELLED);
    CHECK(world_now(w) - before >= 10 * MS);
    limit.QuadPart = 1; /* long past */
    CHECK_STATUS(ask(w->client.ch, WAIT, &limit), STATUS_CANCELLED);
    raw_end(w, h);
}

static void item_98(struct world *w)
{
    uint8_t buffer[16];
    UINT32 size = sizeof(buffer);
    struct raw_host *h = raw_pair(w, 2);
    LARGE_INTEGER limit = after(5);

    memset(buffer, 0x5a, sizeof(buffer));
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, "question", 8,
                                                  NULL, WAIT, buffer, &size,
                                                  &limit),
                 STATUS_CANCELLED);
    answer(h);
    world_run(w);
    for (size_t i = 0; i < sizeof(buffer); i++)
        CHECK_EQ(buffer[i], 0x5a);
    CHECK_EQ(kmcl_stats(w->kmcl)->unknown_completions, 1);
    /* The next request gets its own answer. */
    world_call_later(w, 5, answer, h);
    CHECK_STATUS(ask_for(w->client.ch, buffer, &size), STATUS_SUCCESS);
    raw_end(w, h);
}

/* One that was still queued is never sent. */
static void item_98_queued(struct world *w)
{
    static uint8_t bytes[1024];
    struct raw_host *h = raw_pair(w, 2);
    LARGE_INTEGER limit = after(5);
    struct raw_packet got;
    uint32_t received = 0;

    for (int i = 0; i < 8; i++)
        CHECK_STATUS(send_plain(&w->client, bytes, sizeof(bytes)),
                     STATUS_SUCCESS);
    CHECK_STATUS(ask(w->client.ch, WAIT, &limit), STATUS_CANCELLED);
    for (; raw_host_read(h, &got); received++) {
        CHECK(memcmp(got.body, "question", 8));
        world_run(w);
    }
    CHECK_EQ(received, 8);
    raw_end(w, h);
}

static void item_99(struct world *w)
{
    uint32_t hour = world_is_virtual(w) ? 3600 * 1000 : 300;
    struct raw_host *h = raw_pair(w, 2);
    uint64_t before = world_now(w);

    world_call_later(w, hour, answer, h);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_SUCCESS);
    CHECK(world_now(w) - before >= hour * UINT64_C(10000));
    raw_end(w, h);
}

static void item_99_memory(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    world_fail_allocation(w, 1);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_INSUFFICIENT_RESOURCES);
    world_fail_allocation(w, 0);
    raw_end(w, h);
}

static void go_away(void *arg)
{
    raw_host_withdraw(arg);
}

static void item_100(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    world_call_later(w, 5, client_disable, w);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_DEVICE_REMOVED);
    world_run(w); /* VmbChannelDisable may return after the request */
    endpoint_enable(&w->client);
    world_call_later(w, 5, go_away, h);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_DEVICE_REMOVED);
    world_run(w);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_DEVICE_REMOVED);
    endpoint_end(&w->client);
}

static void item_100_buffer(struct world *w)
{
    uint64_t answer_to[2];
    UINT32 size = sizeof(answer_to);
    struct raw_host *h = raw_pair(w, 2);

    world_call_later(w, 5, go_away, h);
    CHECK_STATUS(ask_for(w->client.ch, answer_to, &size),
                 STATUS_DEVICE_REMOVED);
    CHECK_EQ(size, sizeof(answer_to));
    endpoint_end(&w->client);
}

/* The device is there and cannot be opened. */
static void item_100_refused(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    raw_host_refuse(h, 0xc0000001);
    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    CHECK_STATUS(ask(w->client.ch, WAIT, NULL), STATUS_DEVICE_REMOVED);
    CHECK_TEXT(w->client.trace, "F");
    raw_end(w, h);
}

static void item_95_closed(struct world *w)
{
    LARGE_INTEGER zero = {.QuadPart = 0};

    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    CHECK_STATUS(ask(w->client.ch, 0, &zero), STATUS_DEVICE_REMOVED);
    endpoint_end(&w->client);
}

static void item_95_broken(struct world *w)
{
    static uint8_t bytes[1024];
    LARGE_INTEGER zero = {.QuadPart = 0};
    struct raw_host *h = raw_pair(w, 2);
    NTSTATUS status;

    raw_host_in(h)[1] = 4; /* no read index */
    do
        status = VmbChannelSendSynchronousRequest(
            w->client.ch, bytes, sizeof(bytes), NULL, 0, NULL, NULL, &zero);
    while (NT_SUCCESS(status));
    CHECK_STATUS(status, STATUS_DEVICE_REMOVED);
    world_run(w); /* nothing else is sent, and it closes all the same */
    CHECK_TEXT(w->client.trace, "OSPXC");
    CHECK_EQ(kmcl_stats(w->kmcl)->bad_rings, 1);
    raw_end(w, h);
}

static void ask_in_opened(struct endpoint *e)
{
    LARGE_INTEGER zero = {.QuadPart = 0};

    CHECK_STATUS(ask(e->ch, 0, &zero), STATUS_INVALID_DEVICE_STATE);
    e->context = e;
}

static void item_39_opened(struct world *w)
{
    pair_make(w);
    w->client.on_opened = ask_in_opened;
    pair_run(w);
    CHECK(w->client.context);
    pair_end(w);
}

/* A platform without a wall clock. */
static void item_97_clock(struct world *w)
{
    struct kmcl_config config = {.seam = world_seam(w), .bus = world_bus(w)};
    LARGE_INTEGER limit = {.QuadPart = 1};
    struct kmcl *clockless;

    CHECK_EQ(kmcl_attach(&config, &clockless), 0);
    w->client.w = w;
    CHECK_STATUS(
        VmbChannelAllocate(kmcl_bus_device(clockless), FALSE, &w->client.ch),
        STATUS_SUCCESS);
    CHECK_STATUS(
        VmbClientChannelInitSetTargetPnp(w->client.ch, &test_type, NULL, NULL),
        STATUS_SUCCESS);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    CHECK_STATUS(ask(w->client.ch, WAIT, &limit), STATUS_NOT_SUPPORTED);
    endpoint_end(&w->client);
    kmcl_detach(clockless);
}

const struct test kmcl_tests_request_end[] = {
    {39, "a synchronous request inside EvtChannelOpened is refused",
     item_39_opened},
    {95, "a request with timeout 0 on a channel that is not open fails",
     item_95_closed},
    {95, "a request with timeout 0 on a broken ring closes the channel",
     item_95_broken},
    {95, "a request with timeout 0 and a full ring queues nothing", item_95},
    {96, "a request with timeout 0 and without WAIT succeeds at once", item_96},
    {97, "a request with an absolute timeout needs a clock", item_97_clock},
    {97, "a request whose timeout ends is cancelled, not earlier", item_97},
    {98, "a response after the timeout is dropped without a write", item_98},
    {98, "a request that is queued at its timeout is not sent later",
     item_98_queued},
    {99, "a synchronous request without memory is refused", item_99_memory},
    {99, "a synchronous request without a timeout waits without limit",
     item_99},
    {100, "a request ends when its device cannot be opened", item_100_refused},
    {100, "a request that fails leaves the buffer and its size alone",
     item_100_buffer},
    {100, "a request ends when its channel closes", item_100},
    {0, NULL, NULL},
};
