/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a channel costs among many: clients and servers on a loopback bus open,
 * send, answer and close all at once, 125 pairs and then 2,000. The compiler
 * counts the blocks of code that vmbus/ and kmcl/ run (rules.mk), and a pair
 * may cost no more among 2,000 than among few, but for a small rest. So what
 * grows with the number of channels is found on any machine, however fast.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/looped/looped.h"
#include "tests/peer/hosted_loopback.h"
#include "vmbuskernelmodeclientlibapi.h"

enum { FEW = 125, MANY = 2000 };

/* How much more a pair may cost among many, in percent. Lines for the log that
 * are due less often, chains of an index that hold several: all that is left.
 */
enum { REST = 20 };

static const GUID type = {0x6d616e79, 1, 1, {1}};

static struct {
    struct looped looped;
    VMBCHANNEL client[MANY], server[MANY];
    uint32_t count;
    uint32_t opened, arrived, ended, closed;
} t;

void *seam_root(void)
{
    return t.looped.kmcl;
}

/* ---- counting ------------------------------------------------------------ */

static uint64_t blocks;

/* The compiler calls it at the beginning of each block of code. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    blocks++;
}

/* ---- the world ----------------------------------------------------------- */

void looped_route(struct seam *s, struct loopback *loopback)
{
    hosted_route(s, loopback);
}

_Noreturn void looped_fail(const char *why)
{
    printf("not ok - %s\n", why);
    exit(1);
}

static VOID arrived(VMBCHANNEL channel, VMBPACKETCOMPLETION packet,
                    PVOID buffer, UINT32 size, UINT32 flags)
{
    (void)channel, (void)buffer, (void)size, (void)flags;
    t.arrived++;
    VmbChannelPacketComplete(packet, NULL, 0);
}

static VOID ended(VMBPACKET packet, NTSTATUS status, PVOID buffer, UINT32 size)
{
    (void)buffer, (void)size;
    t.ended += !status;
    VmbPacketFree(packet);
}

static VOID post_started(VMBCHANNEL channel)
{
    VMBPACKET packet = VmbPacketAllocate(channel);
    UINT64 body = t.opened++;

    VmbPacketSetCompletionRoutine(packet, ended);
    if (VmbPacketSend(packet, &body, sizeof(body), NULL,
                      VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION))
        looped_fail("a send is refused");
}

static VOID closed(VMBCHANNEL channel)
{
    (void)channel;
    t.closed++;
}

static void make_pair(uint32_t i)
{
    const GUID instance = {i + 1, 2, 2, {2}};
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelPostStarted = post_started;
    callbacks.EvtChannelClosed = closed;
    if (VmbChannelAllocate(NULL, TRUE, &t.server[i]) ||
        VmbChannelAllocate(NULL, FALSE, &t.client[i]))
        looped_fail("no channel");
    VmbChannelInitSetProcessPacketCallbacks(t.server[i], arrived, NULL);
    VmbServerChannelInitSetTargetInterfaceId(t.server[i], type, instance);
    VmbChannelInitSetProcessPacketCallbacks(t.client[i], arrived, NULL);
    VmbChannelInitSetMaximumPacketSize(t.client[i], 64);
    VmbChannelInitSetMaximumExternalData(t.client[i], 4096, 1);
    VmbClientChannelInitSetRingBufferPageCount(t.client[i], 1, 1);
    VmbChannelInitSetStateChangeCallbacks(t.client[i], &callbacks);
    VmbClientChannelInitSetTargetPnp(t.client[i], &type, &instance, NULL);
    if (VmbChannelEnable(t.server[i]))
        looped_fail("a server cannot be enabled");
    VmbChannelStart(t.server[i]);
}

/* Every second client waits for its offer, the others come after it. */
static void open_all(struct seam *s)
{
    for (uint32_t i = 0; i < t.count; i += 2)
        if (VmbChannelEnable(t.client[i]))
            looped_fail("a client cannot be enabled");
    hosted_run(s);
    for (uint32_t i = 1; i < t.count; i += 2)
        if (VmbChannelEnable(t.client[i]))
            looped_fail("a client cannot be enabled");
    hosted_run(s);
}

/* Half of the clients leave first, the other servers do. */
static void close_all(void)
{
    for (uint32_t i = 0; i < t.count; i++) {
        VMBCHANNEL first = i % 2 ? t.server[i] : t.client[i];
        VMBCHANNEL second = i % 2 ? t.client[i] : t.server[i];

        VmbChannelDisable(first);
        VmbChannelCleanup(first);
        VmbChannelDisable(second);
        VmbChannelCleanup(second);
    }
}

/* Blocks of code for each of `count` pairs. */
static uint64_t cost_of(uint32_t count)
{
    struct seam *s = hosted_create(1);
    uint64_t used;

    t.count = count;
    t.opened = t.arrived = t.ended = t.closed = 0;
    looped_connect(&t.looped, s);
    blocks = 0;
    for (uint32_t i = 0; i < count; i++)
        make_pair(i);
    open_all(s);
    close_all();
    hosted_run(s);
    used = blocks;
    looped_disconnect(&t.looped);
    hosted_destroy(s, 0);
    if (t.opened != count || t.arrived != count || t.ended != count ||
        t.closed != count)
        looped_fail("a pair did not open, send, answer and close");
    return used / count;
}

int main(void)
{
    uint64_t few, many;

    setvbuf(stdout, NULL, _IONBF, 0);
    printf("1..1\n");
    few = cost_of(FEW);
    many = cost_of(MANY);
    printf("# blocks for a pair: %llu among %u, %llu among %u\n",
           (unsigned long long)few, FEW, (unsigned long long)many, MANY);
    if (!few)
        looped_fail("the compiler counts nothing");
    printf("%s 1 - a pair of channels costs no more among 2,000 than among "
           "few\n",
           many * 100 <= few * (100 + REST) ? "ok" : "not ok");
    return 0;
}
