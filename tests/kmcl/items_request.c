/*
 * Acceptance items F (92..103): the synchronous request.
 */
#include "harness.h"

#include "runner.h"

#define WAIT VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION
#define MS   10000 /* in units of 100 ns */

static LARGE_INTEGER after(int64_t milliseconds)
{
    return (LARGE_INTEGER){.QuadPart = -milliseconds * MS};
}

static NTSTATUS ask(struct endpoint *e, UINT32 flags, PLARGE_INTEGER limit)
{
    return VmbChannelSendSynchronousRequest(e->ch, "question", 8, NULL, flags,
                                            NULL, NULL, limit);
}

/* Answers the oldest request; as platform work. */
static void answer(void *arg)
{
    struct raw_host *h = arg;
    struct raw_packet got;

    CHECK(raw_host_read(h, &got));
    raw_host_complete(h, got.transaction, "the whole answer", 16);
}

static void item_92(struct world *w)
{
    uint8_t buffer[32];
    UINT32 size = sizeof(buffer);
    struct raw_host *h = raw_pair(w, 2);

    world_call_later(w, 5, answer, h);
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, "question", 8,
                                                  NULL, WAIT, buffer, &size,
                                                  NULL),
                 STATUS_SUCCESS);
    CHECK_EQ(size, 16);
    CHECK(!memcmp(buffer, "the whole answer", 16));
    raw_end(w, h);
}

static void item_93(struct world *w)
{
    uint8_t buffer[32];
    UINT32 size = 31;
    struct raw_host *h = raw_pair(w, 2);
    struct raw_packet got;

    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, "question", 8,
                                                  NULL, WAIT, buffer, &size,
                                                  NULL),
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
    CHECK_STATUS(ask(&w->client, WAIT, NULL), STATUS_SUCCESS);
    world_call_later(w, 5, answer, h);
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, "question", 8,
                                                  NULL, WAIT, NULL, &size,
                                                  NULL),
                 STATUS_SUCCESS);
    CHECK_EQ(size, 0);
    raw_end(w, h);
}

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
    CHECK_STATUS(ask(&w->client, 0, &zero), STATUS_SUCCESS);
    KeLowerIrql(irql);
    CHECK(!world_is_virtual(w) || world_now(w) == before);
    CHECK(raw_host_read(h, &got));
    /* With WAIT it does not wait either. */
    CHECK_STATUS(ask(&w->client, WAIT, &zero), STATUS_CANCELLED);
    CHECK(!world_is_virtual(w) || world_now(w) == before);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    CHECK_ASSERTS(w, "PASSIVE_LEVEL", (void)ask(&w->client, WAIT, NULL));
    world_abandon(w); /* a packet was taken before the check */
    (void)h;
}

static void item_97(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);
    LARGE_INTEGER limit = after(25);
    uint64_t before = world_now(w);

    CHECK_STATUS(ask(&w->client, WAIT, &limit), STATUS_CANCELLED);
    CHECK(world_now(w) - before >= 25 * MS);
    /* Absolute: the tests' clock began at this number. */
    limit.QuadPart =
        INT64_C(134117280000000000) + (int64_t)world_now(w) + 10 * MS;
    before = world_now(w);
    CHECK_STATUS(ask(&w->client, WAIT, &limit), STATUS_CANCELLED);
    CHECK(world_now(w) - before >= 9 * MS); /* the clock ran on meanwhile */
    limit.QuadPart = 1;                     /* long past */
    CHECK_STATUS(ask(&w->client, WAIT, &limit), STATUS_CANCELLED);
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
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, "question", 8,
                                                  NULL, WAIT, buffer, &size,
                                                  NULL),
                 STATUS_SUCCESS);
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
    CHECK_STATUS(ask(&w->client, WAIT, &limit), STATUS_CANCELLED);
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
    CHECK_STATUS(ask(&w->client, WAIT, NULL), STATUS_SUCCESS);
    CHECK(world_now(w) - before >= hour * UINT64_C(10000));
    raw_end(w, h);
}

static void go_away(void *arg)
{
    raw_host_withdraw(arg);
}

static void disable(void *arg)
{
    VmbChannelDisable(((struct world *)arg)->client.ch);
}

static void item_100(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    world_call_later(w, 5, disable, w);
    CHECK_STATUS(ask(&w->client, WAIT, NULL), STATUS_DEVICE_REMOVED);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    world_call_later(w, 5, go_away, h);
    CHECK_STATUS(ask(&w->client, WAIT, NULL), STATUS_DEVICE_REMOVED);
    world_run(w);
    CHECK_STATUS(ask(&w->client, WAIT, NULL), STATUS_DEVICE_REMOVED);
    endpoint_end(&w->client);
}

static void item_101(struct world *w)
{
    LARGE_INTEGER zero = {.QuadPart = 0}, some = after(1);

    pair_run(w);
    CHECK_STATUS(ask(&w->server, WAIT, &zero), STATUS_INVALID_PARAMETER_5);
    CHECK_STATUS(ask(&w->server, 0, NULL), STATUS_INVALID_PARAMETER_8);
    CHECK_STATUS(ask(&w->server, 0, &some), STATUS_INVALID_PARAMETER_8);
    CHECK_STATUS(ask(&w->server, 0, &zero), STATUS_SUCCESS);
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
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, "question", 8,
                                                  NULL, WAIT, buffer, &size,
                                                  NULL),
                 STATUS_BUFFER_TOO_SMALL);
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
    CHECK_STATUS(VmbChannelEnable(second.ch), STATUS_SUCCESS);
    world_run(w);
    CHECK_EQ(raw_host_send(other, 6, 0, 0, "for two", 8), 0);
    sent_make(&w->client, &s);
    CHECK_STATUS(sent_send(&s, "async", 5, true), STATUS_SUCCESS);
    world_call_later(w, 5, busy_host, h);
    CHECK_STATUS(ask(&w->client, WAIT, NULL), STATUS_SUCCESS);
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
static void ask_inside(struct endpoint *e, VMBPACKETCOMPLETION pc, PVOID buffer,
                       UINT32 size, UINT32 flags)
{
    (void)buffer;
    (void)size;
    (void)flags;
    CHECK(!e->context);
    e->context = e;
    if (e->packets == 1)
        CHECK_STATUS(ask(e, WAIT, NULL), STATUS_SUCCESS);
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

/* ---- what ends it, and how, at the edges --------------------------------- */

static void item_100_buffer(struct world *w)
{
    uint64_t answer_to[2];
    UINT32 size = sizeof(answer_to);
    struct raw_host *h = raw_pair(w, 2);

    world_call_later(w, 5, go_away, h);
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, "question", 8,
                                                  NULL, WAIT, answer_to, &size,
                                                  NULL),
                 STATUS_DEVICE_REMOVED);
    CHECK_EQ(size, sizeof(answer_to));
    endpoint_end(&w->client);
}

static void empty_answer(void *arg)
{
    struct raw_host *h = arg;
    struct raw_packet got;

    CHECK(raw_host_read(h, &got));
    raw_host_complete(h, got.transaction, NULL, 0);
}

static void item_92_empty(struct world *w)
{
    uint64_t answer_to[2];
    UINT32 size = sizeof(answer_to);
    struct raw_host *h = raw_pair(w, 2);

    world_call_later(w, 5, empty_answer, h);
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, "question", 8,
                                                  NULL, WAIT, answer_to, &size,
                                                  NULL),
                 STATUS_SUCCESS);
    CHECK_EQ(size, 0);
    raw_end(w, h);
}

/* The device is there and cannot be opened. */
static void item_100_refused(struct world *w)
{
    struct raw_host *h = raw_host_offer(w, &test_instance);

    raw_host_refuse(h, 0xc0000001);
    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    CHECK_STATUS(ask(&w->client, WAIT, NULL), STATUS_DEVICE_REMOVED);
    CHECK_TEXT(w->client.trace, "F");
    raw_end(w, h);
}

static void item_95_closed(struct world *w)
{
    LARGE_INTEGER zero = {.QuadPart = 0};

    client_make(w, &w->client);
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    CHECK_STATUS(ask(&w->client, 0, &zero), STATUS_DEVICE_REMOVED);
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
    CHECK_STATUS(status, STATUS_UNSUCCESSFUL);
    raw_end(w, h);
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
    world_call_later(w, 5, empty_answer, h);
    CHECK_STATUS(VmbChannelSendSynchronousRequest(w->client.ch, bytes,
                                                  sizeof(bytes), NULL, 0, NULL,
                                                  NULL, NULL),
                 STATUS_SUCCESS);
    CHECK(world_now(w) - before >= 5 * MS);
    raw_end(w, h);
}

static void ask_in_opened(struct endpoint *e)
{
    LARGE_INTEGER zero = {.QuadPart = 0};

    CHECK_STATUS(ask(e, 0, &zero), STATUS_INVALID_DEVICE_STATE);
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
    CHECK_STATUS(ask(&w->client, WAIT, &limit), STATUS_NOT_SUPPORTED);
    endpoint_end(&w->client);
    kmcl_detach(clockless);
}

static void item_99_memory(struct world *w)
{
    struct raw_host *h = raw_pair(w, 2);

    world_fail_allocation(w, 1);
    CHECK_STATUS(ask(&w->client, WAIT, NULL), STATUS_INSUFFICIENT_RESOURCES);
    world_fail_allocation(w, 0);
    raw_end(w, h);
}

const struct test kmcl_tests_request[] = {
    {39, "a request inside opened cannot be sent", item_39_opened},
    {77, "one that wants no answer waits for room", item_77_request},
    {92, "an answer of no bytes is one", item_92_empty},
    {95, "timeout 0: a channel that is not open is told", item_95_closed},
    {95, "timeout 0: and a broken ring", item_95_broken},
    {97, "absolute ones need a clock", item_97_clock},
    {99, "without memory it is refused", item_99_memory},
    {100, "a device that cannot be opened ends it", item_100_refused},
    {100, "and leaves buffer and size alone", item_100_buffer},
    {92, "success returns the response and its length", item_92},
    {93, "a size that is no multiple of 8 is refused", item_93},
    {94, "without a buffer the response is discarded", item_94},
    {95, "timeout 0: a full ring is told, nothing is queued", item_95},
    {96, "timeout 0 without WAIT succeeds at once", item_96},
    {97, "a timeout ends it, not earlier", item_97},
    {98, "an answer after that is dropped safely", item_98},
    {98, "a queued request is withdrawn", item_98_queued},
    {99, "without a timeout it waits without limit", item_99},
    {100, "a channel that closes ends it", item_100},
    {101, "a server may not wait", item_101},
    {102, "a response that does not fit is told", item_102},
    {103, "while it waits all else goes on", item_103},
    {103, "also from inside a passive packet callback", item_103_inside},
    {0, NULL, NULL},
};
