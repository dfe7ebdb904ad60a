/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A KMCL channel in the arena, with its incoming ring and its pump, and the
 * programs of the peer and of the application around it.
 */
#include "world.h"

#include "kmcl/link/link.h"
#include "kmcl/receive/receive.h"
#include "platform.h"
#include "vmbus/ring.h"

enum { RING_BYTES = 4096, MAX_PACKET = 8, FIRST_TRANSACTION = 100 };

/* What one test is like. */
struct shape {
    const char *peer; /* p: a packet, c: a completion, in the ring's order */
    bool at_once;     /* it signals only after the last of them */
    bool passive;     /* the client wants PASSIVE processing */
    bool defers;      /* it defers each packet that comes at DISPATCH */
    bool holds;       /* it completes a packet later, at PASSIVE */
    bool needs;       /* ... and only after a completion has come */
    bool waits;       /* its first callback waits for a completion */
    bool pauses;      /* the application pauses and starts the channel */
    bool stops;       /* the application stops the pump */
    bool later;       /* ... after it had itself kicked later */
    uint32_t quota;   /* 0: none */
    uint32_t timers;
};

/* KMCL declares what <string.h> declares, so this is written out. */
static uint32_t count_of(const char *text, char what)
{
    uint32_t count = 0;

    for (; *text; text++)
        count += *text == what;
    return count;
}

/* In the arena. */
struct locals {
    struct kmcl root;
    struct VMBCHANNEL__ channel;
    struct pump pump;
    struct ring_reader reader;
    struct ring_writer writer; /* the peer's end */
    VMBPACKETCOMPLETION held;
    uint32_t given;     /* packets that the peer has committed */
    uint32_t delivered; /* packets whose callback has taken them */
    uint32_t answers;   /* completions that the peer has committed */
    uint32_t before;    /* packets that the last completion is behind */
    uint32_t callbacks; /* that run now */
    uint32_t completed; /* calls of the completion routine */
    bool written;       /* the peer has ended */
    bool paused;        /* VmbChannelPause has returned */
    bool rested;        /* rest() was called */
    bool gone;          /* the pump is at rest: nothing may run */
};

static struct locals *l;
static const struct shape *shape;

void *seam_root(void)
{
    return &l->root;
}

/* ---- the client ---------------------------------------------------------- */

static bool is_completed(void *arg)
{
    (void)arg;
    return l->completed != 0;
}

static VOID take_packet(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, PVOID buffer,
                        UINT32 size, UINT32 flags)
{
    bool passive = seam_irql(NULL) == SEAM_PASSIVE;
    uint64_t number;

    (void)ch, (void)size, (void)flags;
    model_expect(!l->callbacks++, "two packet callbacks run at a time");
    model_expect(!l->paused, "a packet callback runs while paused");
    model_expect(passive || !shape->passive, "a callback above PASSIVE");
    memcpy(&number, buffer, 8);
    model_expect(number == l->delivered, "a packet is not the next one");
    model_step();
    if (shape->defers && !passive) {
        VmbChannelPacketDeferToPassive(pc);
        l->callbacks--;
        return;
    }
    if (shape->waits && !l->delivered)
        (void)seam_wait(NULL, is_completed, NULL, SEAM_FOREVER, "completion");
    l->delivered++;
    l->callbacks--;
    if (shape->holds) {
        model_expect(!l->held, "more packets are out than the quota allows");
        l->held = pc;
    } else {
        VmbChannelPacketComplete(pc, NULL, 0);
    }
}

static VOID packet_ended(VMBPACKET packet, NTSTATUS status, PVOID buffer,
                         UINT32 size)
{
    (void)packet, (void)status, (void)buffer, (void)size;
    model_expect(seam_irql(NULL) == SEAM_DISPATCH,
                 "a completion routine runs below DISPATCH");
    model_expect(l->delivered >= l->before || shape->waits || shape->holds ||
                     shape->pauses,
                 "a completion overtakes a packet that can be delivered");
    l->completed++;
}

static VOID suspend(VMBCHANNEL ch)
{
    (void)ch;
    model_expect(!l->callbacks, "EvtChannelSuspend during a packet callback");
}

/* ---- the pump ------------------------------------------------------------ */

static enum vmbus_event_result run(void *arg)
{
    enum vmbus_event_result result;

    model_expect(!l->gone, "a run begins after the pump came to rest");
    result = kmcl_event(arg);
    model_expect(!l->gone, "the pump came to rest during a run");
    return result;
}

/* Its owner may free the pump from here on. */
static void come_to_rest(void)
{
    model_expect(!l->rested, "rest is told twice");
    model_expect(!l->pump.work.queued && !l->pump.timer.armed,
                 "the pump came to rest before the last of its runs");
    l->gone = true;
}

static void rest(void *arg)
{
    (void)arg;
    come_to_rest();
    l->rested = true;
}

static void signal_peer(void *arg)
{
    (void)arg;
    model_step();
    model_expect(!l->gone, "a signal is sent after the pump came to rest");
}

/* ---- preparing ----------------------------------------------------------- */

static void prepare_ring(void)
{
    struct ring_area area = {
        .control = model_alloc(sizeof(struct ring_control)),
        .data = model_alloc(RING_BYTES),
        .size = RING_BYTES,
    };

    model_expect(!ring_reader_attach(&l->reader, &area) &&
                     !ring_writer_attach(&l->writer, &area),
                 "the ring cannot be attached to");
}

static void prepare_channel(VMBCHANNEL ch)
{
    const struct pump_calls calls = {
        .run = run, .signal = signal_peer, .rest = rest, .arg = ch};

    ch->magic = KMCL_CHANNEL_MAGIC;
    kmcl_transactions_begin(&ch->sent);
    ch->root = &l->root;
    ch->set.max_packet = MAX_PACKET;
    ch->set.process_packet = take_packet;
    ch->set.state.EvtChannelSuspend = suspend;
    ch->quota = shape->quota ? shape->quota : UINT32_MAX;
    ch->require_passive = shape->passive;
    ch->phase = KMCL_RUNNING;
    ch->wish = KMCL_WISH_ENABLED;
    ch->flow = KMCL_FLOW_ACTIVE;
    ch->traffic = KMCL_TRAFFIC_BOTH;
    ch->reader.begun = true;
    ch->reader.limit = kmcl_incoming_memory(ch, KMCL_READ_AHEAD);
    ch->passive_work.run = kmcl_passive_work;
    ch->passive_work.arg = ch;
    ch->passive_work.level = SEAM_PASSIVE;
    vmbus_pump_init(&l->pump, NULL, &calls, SEAM_DISPATCH);
    ch->rx = &l->reader;
    ch->pump = &l->pump;
    l->pump.rx = &l->reader;
    l->pump.cpu = 1;
    l->pump.word = 1; /* PUMP_IDLE: as vmbus_pump_start() leaves it */
}

/* The peer has taken `count` sends out of the ring; each awaits its completion.
 */
static void prepare_sent(VMBCHANNEL ch, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        VMBPACKET p = model_alloc(sizeof(*p));

        p->magic = KMCL_PACKET_MAGIC;
        p->channel = ch;
        p->routine = packet_ended;
        p->state = KMCL_PACKET_AWAITING;
        p->out.wire.transaction = FIRST_TRANSACTION + i;
        kmcl_transaction_add(&ch->sent, p);
    }
}

static void prepare(const struct shape *s)
{
    shape = s;
    platform_prepare(s->timers);
    l = model_alloc(sizeof(*l));
    prepare_ring();
    prepare_channel(&l->channel);
    prepare_sent(&l->channel, count_of(s->peer, 'c'));
}

/* ---- the peer ------------------------------------------------------------ */

/* True: a signal is wanted. */
static bool write_one(bool completion)
{
    uint32_t at = ring_writer_start(&l->writer);
    uint64_t body = l->given;
    struct ring_packet packet = {
        .type = completion ? RING_PACKET_COMPLETION : RING_PACKET_IN_BAND,
        .size = sizeof(body),
        .transaction = completion ? FIRST_TRANSACTION + l->answers : 1,
    };

    model_expect(!ring_write(&l->writer, &at, &packet, &body), "no room");
    if (completion) {
        l->before = l->given;
        l->answers++;
    } else {
        l->given++;
    }
    return ring_writer_commit(&l->writer, at);
}

static void peer(void)
{
    bool signal = false;

    for (const char *c = shape->peer; *c; c++) {
        if (!shape->at_once)
            model_step();
        signal |= write_one(*c == 'c');
        if (shape->at_once && c[1])
            continue;
        model_step(); /* the signal is on its way */
        if (signal)
            vmbus_pump_kick(&l->pump);
        signal = false;
    }
    l->written = true;
}

/* ---- the application ----------------------------------------------------- */

static bool something_held(void *arg)
{
    (void)arg;
    return l->held != NULL;
}

static void complete_held(void)
{
    uint32_t packets = count_of(shape->peer, 'p');

    for (uint32_t i = 0; i < packets; i++) {
        VMBPACKETCOMPLETION pc;

        (void)seam_wait(NULL, something_held, NULL, SEAM_FOREVER, "a packet");
        if (shape->needs)
            (void)seam_wait(NULL, is_completed, NULL, SEAM_FOREVER,
                            "a completion before the packet is given back");
        pc = l->held;
        l->held = NULL;
        VmbChannelPacketComplete(pc, NULL, 0);
    }
}

static void pause_and_start(void)
{
    VmbChannelPause(&l->channel);
    l->paused = true;
    model_step();
    l->paused = false;
    VmbChannelStart(&l->channel);
}

static bool is_at_rest(void *arg)
{
    (void)arg;
    return l->rested;
}

static void stop(void)
{
    if (shape->later)
        vmbus_pump_kick_later(&l->pump, 1);
    if (vmbus_pump_stop(&l->pump))
        come_to_rest();
    else
        (void)seam_wait(NULL, is_at_rest, NULL, SEAM_FOREVER, "rest");
}

static void application(void)
{
    if (shape->holds)
        complete_held();
    if (shape->pauses)
        pause_and_start();
    if (shape->stops)
        stop();
    platform_passive();
}

/* A send on a third processor has put its packet into the ring. */
static void signal_of_send(void)
{
    vmbus_pump_bell(vmbus_pump_hold(&l->pump));
}

/* ---- the end ------------------------------------------------------------- */

static bool all_done(void)
{
    VMBCHANNEL ch = &l->channel;

    if (!platform_is_idle() || !l->written)
        return false;
    if (shape->stops)
        return l->gone;
    return l->delivered == l->given && l->completed == l->answers &&
           ch->delivery == KMCL_DELIVERY_FREE && !ch->in.first &&
           !l->reader.area.control->interrupt_mask;
}

#define TEST(n, title, ...) TEST_BESIDE(n, title, NULL, __VA_ARGS__)

/* With one process more, on a processor of its own. */
#define TEST_BESIDE(n, title, other, ...)                \
    static const struct shape shape_##n = {__VA_ARGS__}; \
    static void prepare_##n(void)                        \
    {                                                    \
        prepare(&shape_##n);                             \
    }                                                    \
    static const struct model_test test_##n = {          \
        .name = title,                                   \
        .prepare = prepare_##n,                          \
        .run = {[PEER] = peer,                           \
                [DISPATCH1] = platform_dispatch,         \
                [PASSIVE0] = application,                \
                [DISPATCH0] = platform_dispatch,         \
                [OTHER] = other},                        \
        .may_run = platform_may_run,                     \
        .done = all_done,                                \
    }

/* clang-format off */
TEST(plain, "packets delivered at DISPATCH all arrive, in order",
     .peer = "ppp");
TEST(passive, "packets for PASSIVE processing all arrive",
     .peer = "ppp", .passive = true);
TEST(full, "packets beyond the read-ahead of a PASSIVE receiver all arrive",
     .peer = "pppp", .passive = true);
TEST(defers, "packets that are deferred all arrive",
     .peer = "pp", .defers = true);
TEST(quota, "a completion on another processor lifts the quota",
     .peer = "ppp", .holds = true, .quota = 1);
TEST(quota_passive, "a completion lifts the quota of a PASSIVE receiver",
     .peer = "pp", .passive = true, .holds = true, .quota = 1);
TEST(order, "a completion waits for the packets before it",
     .peer = "ppc");
TEST(order_passive, "a completion waits for packets that PASSIVE delivers",
     .peer = "ppc", .passive = true);
TEST(waits, "a completion passes packets while a PASSIVE callback waits for it",
     .peer = "ppc", .passive = true, .waits = true, .timers = 2);
TEST(waits_full, "a PASSIVE callback that waits lets a full reader go on",
     .peer = "pppc", .passive = true, .waits = true);
TEST(blocked, "a completion passes packets while delivery is at its quota",
     .peer = "ppc", .holds = true, .needs = true, .quota = 1, .timers = 2);
TEST(behind, "a completion is found behind packets that stay in the ring",
     .peer = "pppc", .at_once = true, .holds = true, .needs = true, .quota = 1);
TEST(room, "completions that PASSIVE takes make room for what is in the ring",
     .peer = "pccp", .passive = true);
TEST(pauses, "no callback runs during a pause, and all packets arrive after it",
     .peer = "pp", .pauses = true);
TEST(pauses_passive, "a pause of a PASSIVE receiver loses nothing",
     .peer = "pp", .passive = true, .pauses = true);
TEST(stops, "a pump that is stopped comes to rest once and runs no more",
     .peer = "pp", .stops = true);
TEST(later, "a pump comes to rest after the last run of its timer",
     .peer = "p", .stops = true, .later = true, .timers = 1);
TEST_BESIDE(bell, "a pump comes to rest after the signal of a send",
            signal_of_send, .peer = "p", .stops = true);
/* clang-format on */

const struct model_test *const world_tests[] = {
    &test_plain,
    &test_passive,
    &test_full,
    &test_defers,
    &test_quota,
    &test_quota_passive,
    &test_order,
    &test_order_passive,
    &test_waits,
    &test_waits_full,
    &test_blocked,
    &test_behind,
    &test_room,
    &test_pauses,
    &test_pauses_passive,
    &test_stops,
    &test_later,
    &test_bell,
    NULL,
};
