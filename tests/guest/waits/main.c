/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Callbacks that wait, and peers that never rest, inside the guest: nothing
 * that waits keeps others from their turn, and main gets its share.
 *
 * Server and client are both here, on the loopback bus. 2,000 channels, nearly
 * as many as a bus can have, negotiate at once, each in a callback that waits.
 * Each open has a time limit, which they keep only as long as an open costs the
 * same however many there are.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arch/cpu/cpu.h"
#include "arch/interrupts/deferred.h"
#include "arch/time/clock.h"
#include "arch/time/timer.h"
#include "tests/guest/tap.h"
#include "vmbare.h"
#include "vmbuskernelmodeclientlibapi.h"

enum { MANY = 2000, CHAIN = 24 };

static const GUID type = {0x77616974, 1, 1, {1}};

static struct {
    VMBCHANNEL client[MANY], server[MANY];
    VMBPACKETCOMPLETION held[MANY];
    UINT32 count; /* pairs of channels */
    UINT32 asked; /* requests that a server holds */
    UINT32 answered;
    bool chained; /* each client enables the next one */
} t;

static VOID keep(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                 UINT32 size, UINT32 flags)
{
    (void)channel, (void)buffer, (void)size, (void)flags;
    t.held[t.asked++] = packet;
}

static VOID drop(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                 UINT32 size, UINT32 flags)
{
    (void)channel, (void)buffer, (void)size, (void)flags;
    VmbChannelPacketComplete(packet, NULL, 0);
}

/* EvtChannelPostStarted: waits for its server's answer. */
static VOID negotiate(VMBCHANNEL channel)
{
    LARGE_INTEGER limit = {.QuadPart = -60 * INT64_C(10000000)};
    UINT64 question = 1, answer;
    UINT32 size = sizeof(answer);

    if (t.chained && t.asked + 1 < t.count)
        (void)VmbChannelEnable(t.client[t.asked + 1]);
    if (!VmbChannelSendSynchronousRequest(
            channel, &question, sizeof(question), NULL,
            VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION, &answer, &size,
            &limit))
        t.answered++;
}

static bool make_pair(UINT32 i, PFN_VMB_CHANNEL_PROCESS_PACKET process,
                      PFN_VMB_CHANNEL_POST_STARTED post_started)
{
    const GUID instance = {i + 1, 2, 2, {2}};
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelPostStarted = post_started;
    if (VmbChannelAllocate(NULL, TRUE, &t.server[i]) ||
        VmbChannelAllocate(NULL, FALSE, &t.client[i]))
        return false;
    VmbChannelInitSetProcessPacketCallbacks(t.server[i], process, NULL);
    VmbServerChannelInitSetTargetInterfaceId(t.server[i], type, instance);
    VmbChannelInitSetProcessPacketCallbacks(t.client[i], drop, NULL);
    VmbChannelInitSetMaximumPacketSize(t.client[i], 64);
    VmbChannelInitSetMaximumExternalData(t.client[i], 4096, 1);
    VmbClientChannelInitSetRingBufferPageCount(t.client[i], 1, 1);
    VmbChannelInitSetStateChangeCallbacks(t.client[i], &callbacks);
    VmbClientChannelInitSetTargetPnp(t.client[i], &type, &instance, NULL);
    if (VmbChannelEnable(t.server[i]))
        return false;
    VmbChannelStart(t.server[i]);
    return true;
}

static bool make(UINT32 count, bool chained)
{
    memset(&t, 0, sizeof(t));
    t.count = count;
    t.chained = chained;
    for (UINT32 i = 0; i < count; i++)
        if (!make_pair(i, keep, negotiate))
            return false;
    for (UINT32 i = 0; i < (chained ? 1 : count); i++)
        if (VmbChannelEnable(t.client[i]))
            return false;
    return true;
}

static void end(void)
{
    for (UINT32 i = 0; i < t.count; i++) {
        VmbChannelDisable(t.client[i]);
        VmbChannelCleanup(t.client[i]);
        VmbChannelDisable(t.server[i]);
        VmbChannelCleanup(t.server[i]);
    }
}

/* Until all ask, or a while has passed. */
static void let_them_ask(void)
{
    for (UINT32 i = 0; i < 600 && t.asked < t.count; i++)
        vmbare_sleep(0.1);
}

static void answer_all(void)
{
    UINT64 answer = 2;

    for (UINT32 i = 0; i < t.asked; i++)
        VmbChannelPacketComplete(t.held[i], &answer, sizeof(answer));
    for (UINT32 i = 0; i < 600 && t.answered < t.count; i++)
        vmbare_sleep(0.1);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void test_chain(void)
{
    double began, took;

    tap_ok(make(CHAIN, true), "%u pairs of channels are made", CHAIN);
    let_them_ask();
    tap_ok(t.asked == CHAIN, "%u callbacks wait at once, found %u", CHAIN,
           (unsigned)t.asked);
    began = seconds();
    vmbare_sleep(1);
    took = seconds() - began;
    tap_ok(took < 5, "a sleep of 1 s ends while %u callbacks wait, after %u s",
           CHAIN, (unsigned)took);
    answer_all();
    tap_ok(t.answered == CHAIN, "all %u are answered, found %u", CHAIN,
           (unsigned)t.answered);
    end();
}

static void test_many(void)
{
    tap_ok(make(MANY, false), "%u pairs of channels are made", MANY);
    let_them_ask();
    tap_ok(t.asked == MANY, "%u channels negotiate at once, found %u", MANY,
           (unsigned)t.asked);
    answer_all();
    tap_ok(t.answered == MANY, "all %u are answered, found %u", MANY,
           (unsigned)t.answered);
    end();
}

/* ---- a peer that answers at once ----------------------------------------- */

enum { ROUNDS = 3000000 };

static volatile UINT64 rounds;
static volatile bool stop;

static VOID again(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    UINT64 round = ++rounds;

    (void)buffer, (void)size;
    if (status || stop || round >= ROUNDS ||
        VmbPacketSend(packet, &round, sizeof(round), NULL,
                      VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION))
        VmbPacketFree(packet);
}

static VOID echo(VMBCHANNEL channel, VMBPACKETCOMPLETION packet, PVOID buffer,
                 UINT32 size, UINT32 flags)
{
    (void)channel, (void)flags;
    VmbChannelPacketComplete(packet, buffer, size);
}

static void test_ping_pong(void)
{
    UINT64 first = 0;
    VMBPACKET packet;

    memset(&t, 0, sizeof(t));
    stop = false;
    t.count = 1;
    if (!make_pair(0, echo, NULL) || VmbChannelEnable(t.client[0]))
        return;
    vmbare_sleep(0.2);
    packet = VmbPacketAllocate(t.client[0]);
    VmbPacketSetCompletionRoutine(packet, again);
    tap_ok(!VmbPacketSend(packet, &first, sizeof(first), NULL,
                          VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION) &&
               rounds < ROUNDS,
           "a send returns while its peer answers at once, after %u rounds",
           (unsigned)rounds);
    vmbare_sleep(0.1);
    tap_ok(rounds > 0 && rounds < ROUNDS,
           "main sleeps and is back while the rounds go on, %u by now",
           (unsigned)rounds);
    stop = true;
    vmbare_sleep(0.1);
    end();
}

/* ---- a timer that costs more than its period ----------------------------- */

enum { TURNS = 1600, PERIOD = 1000, TIMER_COSTS = 2000, TURN_COSTS = 500 };

static struct {
    struct timer timer;
    struct deferred_item work;
    UINT32 expiries, turns;
    UINT32 found;    /* expiries by the last of the turns */
    bool catches_up; /* the timer makes up for the periods that it missed */
} c;

static void compute(UINT64 units)
{
    UINT64 end = clock_now() + units;

    while (clock_now() < end)
        cpu_relax();
}

static void expired(void *arg)
{
    (void)arg;
    c.expiries++;
    compute(TIMER_COSTS);
    if (c.turns < TURNS)
        timer_set(&c.timer, c.catches_up ? c.timer.due + PERIOD : clock_now());
}

static void have_a_turn(void *arg)
{
    (void)arg;
    compute(TURN_COSTS);
    if (++c.turns < TURNS)
        deferred_queue(&c.work, 0);
    else
        c.found = c.expiries;
}

/* PASSIVE has as many turns as the timer, and sixteen at least for each turn of
 * all timers, however long any of them takes and however long it takes to read
 * the clock. The timer is due again when it ends. A turn during which the
 * machine that this runs on stands still for 10 ms counts as one that computes
 * on, so there may be a few more. */
static void test_costly_timer(bool catches_up)
{
    UINT32 most = catches_up ? TURNS : TURNS / 16;

    memset(&c, 0, sizeof(c));
    c.catches_up = catches_up;
    c.timer.run = expired;
    c.work.run = have_a_turn;
    timer_set(&c.timer, clock_now());
    deferred_queue(&c.work, 0);
    for (UINT32 i = 0; i < 600 && c.turns < TURNS; i++)
        vmbare_sleep(0.1);
    timer_cancel(&c.timer); /* no expiry sets it any more */
    tap_ok(c.turns == TURNS && c.found > 0 && c.found <= most + most / 4,
           "PASSIVE had %u turns beside %u of a timer that is always due%s",
           (unsigned)c.turns, (unsigned)c.found,
           catches_up ? " for periods long ago" : "");
}

/* PASSIVE work without end, beside which main sleeps. */
static void go_on_and_on(void *arg)
{
    (void)arg;
    c.turns++;
    if (!stop)
        deferred_queue(&c.work, 0);
}

static void test_endless_work(void)
{
    memset(&c, 0, sizeof(c));
    stop = false;
    c.work.run = go_on_and_on;
    deferred_queue(&c.work, 0);
    vmbare_sleep(0.1);
    tap_ok(c.turns > 0, "main sleeps and is back beside endless PASSIVE work");
    stop = true;
    vmbare_sleep(0.1);
}

int main(void)
{
    if (!vmbare_loopback()) {
        tap_ok(false, "the loopback bus is there");
        return VMBARE_FAILED;
    }
    test_costly_timer(false);
    test_costly_timer(true);
    test_endless_work();
    test_ping_pong();
    test_chain();
    test_many();
    return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
}
