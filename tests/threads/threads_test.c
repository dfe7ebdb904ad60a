/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients and servers on a loopback bus, on two to four real threads: they send
 * both ways from every processor while they are paused, disabled, rescinded,
 * saved, unloaded and destroyed. run.py builds this with ThreadSanitizer and
 * with AddressSanitizer; here only counts are checked.
 *
 * ROUNDS=n in the environment runs so many rounds, SEED=n begins with that one.
 */
#include <stdio.h>

#include "platform.h"
#include "tests/looped/looped.h"
#include "vmbuskernelmodeclientlibapi.h"

enum { PAIRS = 3, SENDS = 40, HELD = 32, STATE_BYTES = 1 << 16 };

/* What a round does to its channels while packets are under way. */
enum act {
    ACT_NOTHING, /* all that is sent arrives */
    ACT_PAUSE,
    ACT_DISABLE, /* the client, twice */
    ACT_RESCIND, /* the server ends first */
    ACT_SAVE,
    ACT_UNLOAD,  /* the bus ends under its clients */
    ACT_DESTROY, /* everything at once */
    ACTS,
};

struct end {
    VMBCHANNEL channel;
    struct seam_work sender;  /* DISPATCH, on processor `cpu` */
    struct seam_work release; /* completes what was held, on another one */
    uint32_t cpu;
    bool holds;
    uint32_t left; /* sends that the sender still makes */
    /* Atomic: */
    uint32_t stop, idle;
    uint32_t sent, ended, arrived;
    /* Under `lock`: */
    struct seam_lock lock;
    VMBPACKETCOMPLETION held[HELD];
    uint32_t held_count;
};

static struct {
    struct seam *s;
    struct looped looped;
    struct end ends[2 * PAIRS]; /* servers at even places */
} t;

static const GUID type = {0x74687264, 1, 1, {1}};

void *seam_root(void)
{
    return t.looped.kmcl;
}

static uint32_t count(const uint32_t *number)
{
    return __atomic_load_n(number, __ATOMIC_ACQUIRE);
}

static void add(uint32_t *number)
{
    __atomic_add_fetch(number, 1, __ATOMIC_RELEASE);
}

/* ---- sending and receiving ----------------------------------------------- */

static VOID ended(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    struct end *e = VmbPacketGetPointer(packet);

    (void)status, (void)buffer, (void)size;
    VmbPacketFree(packet);
    add(&e->ended);
}

static void send_one(struct end *e)
{
    VMBPACKET packet = VmbPacketAllocate(e->channel);
    UINT64 body[4] = {1, 2, 3, 4};
    UINT32 wait =
        threads_random(2) ? VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION : 0;

    if (!packet)
        looped_fail("no packet");
    VmbPacketSetPointer(packet, e);
    VmbPacketSetCompletionRoutine(packet, ended);
    if (NT_SUCCESS(VmbPacketSend(packet, body, sizeof(body), NULL, wait)))
        add(&e->sent);
    else
        VmbPacketFree(packet);
}

/* Work at DISPATCH: one packet for each run. */
static void sender(void *arg)
{
    struct end *e = arg;

    if (!e->left || count(&e->stop)) {
        __atomic_store_n(&e->idle, 1, __ATOMIC_RELEASE);
        return;
    }
    e->left--;
    send_one(e);
    seam_work_queue(t.s, &e->sender, e->cpu);
}

static void release(void *arg)
{
    struct end *e = arg;

    for (;;) {
        uint8_t irql = seam_lock(t.s, &e->lock);
        bool some = e->held_count != 0;
        VMBPACKETCOMPLETION packet = some ? e->held[--e->held_count] : NULL;

        seam_unlock(t.s, &e->lock, irql);
        if (!some)
            return;
        VmbChannelPacketComplete(packet, NULL, 0);
    }
}

static bool hold(struct end *e, VMBPACKETCOMPLETION packet)
{
    uint8_t irql = seam_lock(t.s, &e->lock);
    bool some = e->holds && e->held_count < HELD;

    if (some)
        e->held[e->held_count++] = packet;
    seam_unlock(t.s, &e->lock, irql);
    if (some)
        seam_work_queue(t.s, &e->release, (e->cpu + 1) % t.s->cpus);
    return some;
}

static VOID arrived(VMBCHANNEL channel, VMBPACKETCOMPLETION packet,
                    PVOID buffer, UINT32 size, UINT32 flags)
{
    struct end *e = VmbChannelGetPointer(channel);

    (void)flags;
    if (size != 32 || ((const UINT64 *)buffer)[3] != 4)
        looped_fail("a packet is not what was sent");
    add(&e->arrived);
    if (!hold(e, packet))
        VmbChannelPacketComplete(packet, NULL, 0);
}

/* ---- the world ----------------------------------------------------------- */

static void set_work(struct seam_work *w, void (*run)(void *), struct end *e)
{
    w->run = run;
    w->arg = e;
    w->level = SEAM_DISPATCH;
}

static void make_end(uint32_t number)
{
    struct end *e = &t.ends[number];
    bool server = number % 2 == 0;
    const GUID instance = {number / 2 + 1, 2, 2, {2}};

    if (VmbChannelAllocate(NULL, server, &e->channel))
        looped_fail("no channel");
    set_work(&e->sender, sender, e);
    set_work(&e->release, release, e);
    e->cpu = threads_random(t.s->cpus);
    e->holds = threads_random(2);
    e->left = SENDS;
    VmbChannelSetPointer(e->channel, e);
    VmbChannelInitSetProcessPacketCallbacks(e->channel, arrived, NULL);
    VmbChannelInitSetMaximumPacketSize(e->channel, 64);
    if (threads_random(3) == 0)
        VmbChannelSetIncomingProcessingAtPassive(e->channel, TRUE);
    if (threads_random(3) == 0)
        VmbChannelSetTransactionQuota(e->channel, 2);
    if (server)
        VmbServerChannelInitSetTargetInterfaceId(e->channel, type, instance);
    else
        VmbClientChannelInitSetTargetPnp(e->channel, &type, &instance, NULL);
    if (VmbChannelEnable(e->channel))
        looped_fail("a channel cannot be enabled");
    if (server)
        VmbChannelStart(e->channel);
}

static bool all_arrived(void *arg)
{
    (void)arg;
    for (uint32_t i = 0; i < 2 * PAIRS; i++) {
        const struct end *e = &t.ends[i], *other = &t.ends[i ^ 1];

        if (!count(&e->idle) || count(&e->ended) < count(&e->sent) ||
            count(&other->arrived) < count(&e->sent))
            return false;
    }
    return true;
}

static bool is_idle(void *arg)
{
    struct end *e = arg;

    return count(&e->idle) &&
           !__atomic_load_n(&e->release.queued, __ATOMIC_ACQUIRE);
}

/* The sender uses the channel until it is idle. */
static void end_end(struct end *e)
{
    VmbChannelDisable(e->channel);
    __atomic_store_n(&e->stop, 1, __ATOMIC_RELEASE);
    (void)seam_wait(t.s, is_idle, e, SEAM_FOREVER, "the sender's end");
    VmbChannelCleanup(e->channel);
    if (count(&e->ended) != count(&e->sent))
        looped_fail("a packet did not end exactly once");
}

/* ---- rounds -------------------------------------------------------------- */

static void pause_some(void)
{
    for (uint32_t i = 0; i < 8; i++) {
        struct end *e = &t.ends[threads_random(2 * PAIRS)];

        VmbChannelPause(e->channel);
        threads_sleep(t.s, threads_random(200));
        VmbChannelStart(e->channel);
    }
}

static void disable_some(void)
{
    for (uint32_t i = 0; i < 4; i++) {
        struct end *e = &t.ends[1 + 2 * threads_random(PAIRS)];

        VmbChannelDisable(e->channel);
        threads_sleep(t.s, threads_random(200));
        if (VmbChannelEnable(e->channel))
            looped_fail("a channel cannot be enabled again");
    }
}

static void save_some(void)
{
    static uint8_t state[STATE_BYTES];

    for (uint32_t i = 0; i < PAIRS; i++) {
        VMBCHANNEL channel = t.ends[2 * i].channel;
        ULONG filled, required;

        VmbChannelPause(channel);
        if (!NT_SUCCESS(VmbChannelSaveBegin(channel)))
            looped_fail("no save session");
        if (!NT_SUCCESS(VmbChannelSaveContinue(channel, state, STATE_BYTES,
                                               &filled, &required)))
            looped_fail("a channel cannot be saved");
        threads_sleep(t.s, threads_random(200));
        VmbChannelSaveEnd(channel);
        VmbChannelStart(channel);
    }
}

static void do_act(enum act act)
{
    switch (act) {
    case ACT_PAUSE:
        pause_some();
        break;
    case ACT_DISABLE:
        disable_some();
        break;
    case ACT_RESCIND:
        for (uint32_t i = 0; i < 2 * PAIRS; i += 2)
            VmbChannelDisable(t.ends[i].channel);
        break;
    case ACT_SAVE:
        save_some();
        break;
    case ACT_UNLOAD:
        if (vmbus_bus_unload(t.looped.bus))
            looped_fail("the bus cannot be unloaded");
        break;
    default:
        break;
    }
}

static void round_of(enum act act, uint32_t seed)
{
    t = (__typeof__(t)){0};
    t.s = threads_create(2 + seed % 3, seed);
    looped_connect(&t.looped, t.s);
    for (uint32_t i = 0; i < 2 * PAIRS; i++)
        make_end(i);
    for (uint32_t i = 0; i < 2 * PAIRS; i++)
        seam_work_queue(t.s, &t.ends[i].sender, t.ends[i].cpu);
    if (act != ACT_DESTROY)
        threads_sleep(t.s, threads_random(1500));
    do_act(act);
    if ((act == ACT_NOTHING || act == ACT_PAUSE || act == ACT_SAVE) &&
        seam_wait(t.s, all_arrived, NULL, seam_now(t.s) + 30 * SEAM_S,
                  "all packets"))
        looped_fail("a packet or a completion never arrives");
    for (uint32_t i = 0; i < 2 * PAIRS; i++)
        end_end(&t.ends[i ^ (act & 1)]);
    looped_disconnect(&t.looped);
    if (!threads_destroy(t.s))
        looped_fail("memory is left at the end of a round");
}

int main(void)
{
    uint32_t first = looped_number("SEED", 1),
             rounds = looped_number("ROUNDS", 70);

    for (uint32_t seed = first; seed < first + rounds; seed++) {
        printf("# round SEED=%u\n", seed);
        fflush(stdout);
        round_of(seed % ACTS, seed);
    }
    printf("ok - %u rounds\n", rounds);
    return 0;
}
