/*
 * Delivery that one processor, or one level, leaves to another: nothing is
 * left lying when that one has just stopped.
 */
#include "raw.h"

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
    CHECK_STATUS(VmbChannelEnable(w->client.ch), STATUS_SUCCESS);
    world_run(w);
    raw_host_give_many(h, 3);
    world_run(w);
    CHECK_EQ(w->client.packets, 1 + 3);
    raw_end(w, h);
}

const struct test kmcl_tests_stall[] = {
    {117, "the quota is lifted at the end of a passive batch",
     quota_at_passive},
    {0, NULL, NULL},
};
