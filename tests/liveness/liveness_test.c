/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients and servers on a loopback bus, both honest, on processors that
 * preempt each other at every lock: whatever is sent arrives, and whatever
 * waits for an answer gets it.
 *
 * The timers that look again where a signal may have been lost are set to an
 * hour here (rules.mk), and a run has a minute of virtual time: a wake-up that
 * is lost ends the run.
 *
 * The environment's SEED runs one seed alone, ROUNDS says how many there are.
 */
#include <stdio.h>
#include <stdlib.h>

#include "platform.h"
#include "tests/looped/looped.h"
#include "vmbuskernelmodeclientlibapi.h"

enum { PAIRS = 2, SENDS = 12, HELD = 64 };

/* A client's request to the server, made once. Its callback waits on a stack of
 * its own, so the application goes on meanwhile. */
enum asks { NEVER, YET_TO_ASK, ASKING };

/* One end of a channel. */
struct end {
    VMBCHANNEL channel;
    bool defers;      /* each packet that comes at DISPATCH */
    bool holds;       /* completes packets later, from a work item */
    enum asks asks;   /* whether a callback at PASSIVE asks and waits */
    uint32_t sent;    /* sends that were made */
    uint32_t ended;   /* of them, whose routine ran */
    uint32_t arrived; /* packets that were delivered */
    uint32_t callbacks;
    VMBPACKETCOMPLETION held[HELD];
    uint32_t held_count;
    struct seam_work release;
};

static struct {
    struct seam *s;
    struct looped looped;
    struct end client[PAIRS], server[PAIRS];
    const char *fault;
} t;

static const GUID type = {0x6c697665, 1, 1, {1}};

void *seam_root(void)
{
    return t.looped.kmcl;
}

static void fault(const char *what)
{
    if (!t.fault)
        t.fault = what;
}

/* ---- packets ------------------------------------------------------------- */

static VOID ended(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    struct end *e = VmbPacketGetPointer(packet);

    (void)buffer, (void)size;
    if (status)
        fault("a send did not end well");
    __atomic_add_fetch(&e->ended, 1, __ATOMIC_RELAXED);
    VmbPacketFree(packet);
}

static void send_one(struct end *e, bool waits)
{
    VMBPACKET packet = VmbPacketAllocate(e->channel);
    UINT64 number = e->sent;

    VmbPacketSetPointer(packet, e);
    VmbPacketSetCompletionRoutine(packet, ended);
    e->sent++;
    if (VmbPacketSend(packet, &number, sizeof(number), NULL,
                      waits ? VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION
                            : 0))
        fault("a send is refused");
}

/* Work at PASSIVE: completes what was held. */
static void release(void *arg)
{
    struct end *e = arg;

    while (e->held_count) {
        uint8_t irql = seam_irql_raise(t.s, SEAM_DISPATCH);
        VMBPACKETCOMPLETION packet = e->held[--e->held_count];

        seam_irql_lower(t.s, irql);
        VmbChannelPacketComplete(packet, NULL, 0);
    }
}

static void ask(struct end *e)
{
    LARGE_INTEGER limit = {.QuadPart = -INT64_C(600000000)};
    UINT64 question = 1, answer;
    UINT32 size = sizeof(answer);

    e->asks = ASKING;
    if (VmbChannelSendSynchronousRequest(
            e->channel, &question, sizeof(question), NULL,
            VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION, &answer, &size,
            &limit))
        fault("a request in a callback is not answered");
    e->asks = NEVER;
}

static VOID arrived(VMBCHANNEL channel, VMBPACKETCOMPLETION packet,
                    PVOID buffer, UINT32 size, UINT32 flags)
{
    struct end *e = VmbChannelGetPointer(channel);
    bool passive = seam_irql(t.s) == SEAM_PASSIVE;

    (void)buffer, (void)size, (void)flags;
    if (e->callbacks++)
        fault("two packet callbacks run at a time");
    platform_preempt();
    if (e->defers && !passive) {
        VmbChannelPacketDeferToPassive(packet);
        e->callbacks--;
        return;
    }
    e->arrived++;
    if (passive && e->asks == YET_TO_ASK)
        ask(e);
    e->callbacks--;
    if (e->holds && e->held_count < HELD && t.s->cpu == 0) {
        e->held[e->held_count++] = packet;
        seam_work_queue(t.s, &e->release, 0);
    } else {
        VmbChannelPacketComplete(packet, NULL, 0);
    }
}

/* ---- the world ----------------------------------------------------------- */

static void make_end(struct end *e, bool server, uint32_t number)
{
    const GUID instance = {number + 1, 2, 2, {2}};
    bool passive = platform_random(2);

    if (VmbChannelAllocate(NULL, server, &e->channel))
        abort();
    VmbChannelSetPointer(e->channel, e);
    VmbChannelInitSetProcessPacketCallbacks(e->channel, arrived, NULL);
    VmbChannelInitSetMaximumPacketSize(e->channel, 64);
    VmbChannelSetIncomingProcessingAtPassive(e->channel, passive);
    if (platform_random(3) == 0)
        VmbChannelSetTransactionQuota(e->channel, 1 + platform_random(3));
    e->defers = platform_random(3) == 0;
    e->holds = platform_random(2);
    e->asks = !server && platform_random(2) ? YET_TO_ASK : NEVER;
    e->release.run = release;
    e->release.arg = e;
    e->release.level = SEAM_PASSIVE;
    if (server)
        VmbServerChannelInitSetTargetInterfaceId(e->channel, type, instance);
    else
        VmbClientChannelInitSetTargetPnp(e->channel, &type, &instance, NULL);
    if (VmbChannelEnable(e->channel))
        abort();
    if (server)
        VmbChannelStart(e->channel);
}

static void end_end(struct end *e)
{
    VmbChannelDisable(e->channel);
    VmbChannelCleanup(e->channel);
}

static bool all_done(void *arg)
{
    (void)arg;
    for (uint32_t i = 0; i < PAIRS; i++) {
        const struct end *c = &t.client[i], *s = &t.server[i];

        if (c->asks == ASKING || c->ended < c->sent || s->ended < s->sent ||
            c->arrived < s->sent || s->arrived < c->sent)
            return false;
    }
    return true;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

/* The application: sends from both ends, pauses now and then. */
static void application(struct seam *s)
{
    t.s = s;
    looped_connect(&t.looped, s);
    for (uint32_t i = 0; i < PAIRS; i++) {
        make_end(&t.server[i], true, i);
        make_end(&t.client[i], false, i);
    }
    for (uint32_t n = 0; n < SENDS * PAIRS; n++) {
        struct end *e =
            platform_random(2) ? &t.client[n % PAIRS] : &t.server[n % PAIRS];

        send_one(e, platform_random(2));
        /* Not under a request: only the timer finds an answer that is behind
         * packets which a pause leaves in the ring. */
        if (platform_random(6) == 0 && e->asks == NEVER) {
            VmbChannelPause(e->channel);
            VmbChannelStart(e->channel);
        }
        if (platform_random(4) == 0)
            (void)seam_wait(s, never, NULL, seam_now(s) + SEAM_MS, "a while");
    }
    if (seam_wait(s, all_done, NULL, seam_now(s) + 60 * SEAM_S, "the end"))
        fault("a packet or a completion never arrives");
    for (uint32_t i = 0; i < PAIRS && !t.fault; i++) {
        end_end(&t.client[i]);
        end_end(&t.server[i]);
    }
    if (!t.fault)
        looped_disconnect(&t.looped);
}

static bool round_is_good(uint32_t seed)
{
    const char *stuck;

    t = (__typeof__(t)){0};
    stuck = platform_run(seed, application);
    fault(stuck ? stuck : NULL);
    if (!t.fault)
        return true;
    printf("# SEED=%u: %s\n", seed, t.fault);
    return false;
}

int main(void)
{
    uint32_t first = looped_number("SEED", 1);
    uint32_t rounds = getenv("SEED") ? 1 : looped_number("ROUNDS", 2000);
    uint32_t bad = 0;

    printf("1..1\n");
    for (uint32_t i = 0; i < rounds && bad < 5; i++)
        bad += !round_is_good(first + i);
    printf("%sok 1 - %u rounds of preempted processors: all that is sent "
           "arrives\n",
           bad ? "not " : "", rounds);
    return bad != 0;
}
