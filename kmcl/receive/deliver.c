/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Giving packets to the application, in order, one batch at a time.
 *
 * `delivery` says who does that. The run of the pump takes it when it is free
 * and has packets on the list; it hands it to the passive work item when the
 * first packet wants PASSIVE. Nobody but the owner takes packets from the list,
 * so callbacks never run twice at a time, and whoever ends a block (a
 * completion that lifts the quota, a start, a list with room again) kicks the
 * pump, whose next run looks at everything anew.
 */
#include "kmcl/send/send.h"
#include "kmcl/receive/objects.h"

/* Why the next packet cannot be delivered at `level` now. */
enum blocked {
    FREE_TO_GO,
    NOTHING_READ, /* the list is empty */
    STOPPED,      /* paused, failed or closing */
    AT_QUOTA,     /* the next completion goes on */
    FOR_PASSIVE,  /* the passive work item goes on */
};

/* The order of the checks is the order of importance: a stop holds everything,
 * a completion needs neither quota nor level. */
static inline enum blocked look(VMBCHANNEL ch, uint8_t level)
{
    VMBPACKETCOMPLETION pc = ch->in.first;

    if (ch->traffic != KMCL_TRAFFIC_BOTH || ch->service == KMCL_SERVICE_FAILED)
        return STOPPED;
    if (!pc)
        return NOTHING_READ;
    if (pc->state == KMCL_INCOMING_COMPLETION)
        return FREE_TO_GO;
    if (ch->outstanding >= ch->quota)
        return AT_QUOTA;
    if (level != SEAM_PASSIVE &&
        (ch->require_passive || pc->state == KMCL_INCOMING_DEFERRED))
        return FOR_PASSIVE;
    return FREE_TO_GO;
}

/* What the callback asked for, unless it gave the packet back. */
static void judge(VMBCHANNEL ch, VMBPACKETCOMPLETION pc)
{
    enum kmcl_verdict verdict = ch->verdict;

    ch->verdict = KMCL_TAKEN;
    if (ch->current != pc)
        return;
    ch->current = NULL;
    if (verdict == KMCL_TAKEN)
        return;
    ch->outstanding--;
    ch->batch--; /* it will be delivered again */
    pc->state =
        verdict == KMCL_DEFER ? KMCL_INCOMING_DEFERRED : KMCL_INCOMING_READ;
    kmcl_incoming_put_back(&ch->in, pc);
}

/* Runs a completion routine, which is always called at DISPATCH. The lock is
 * held, and so the level is DISPATCH, also where the owner is PASSIVE. */
static void complete(VMBCHANNEL ch)
{
    kmcl_complete_sent(ch, kmcl_incoming_take_first(&ch->in));
}

/* Before a callback at PASSIVE, which may wait: what it waits for may be on the
 * list, where the work item passes it, or still in the ring, which the reader
 * may have left because the list was full. */
static void prepare_to_wait(VMBCHANNEL ch)
{
    if (ch->in.completions)
        kmcl_advance_soon(ch);
    kmcl_wake_reader(ch);
}

/* Delivers a packet; the lock is held, and dropped in between. The packet
 * counts as outstanding before its callback, which may complete it, or another
 * processor may. */
static inline void deliver(VMBCHANNEL ch, VMBPACKETCOMPLETION pc, uint8_t *irql)
{
    pc->state = KMCL_INCOMING_DELIVERED;
    ch->outstanding++;
    ch->current = pc;
    ch->verdict = KMCL_TAKEN;
    ch->batch++;
    kmcl_count(&ch->root->stats.packets_delivered, 1);
    seam_unlock(ch->s, &ch->lock, *irql);
    if (ch->set.process_packet)
        ch->set.process_packet(
            ch, pc, pc->payload, pc->payload_size,
            pc->external ? VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA : 0);
    else
        VmbChannelPacketComplete(pc, NULL, 0);
    *irql = seam_lock(ch->s, &ch->lock);
    judge(ch, pc);
}

/* Delivers the next packet of the list. */
static void deliver_next(VMBCHANNEL ch, uint8_t *irql)
{
    VMBPACKETCOMPLETION pc = kmcl_incoming_take_first(&ch->in);

    if (ch->delivery == KMCL_DELIVERY_PASSIVE)
        prepare_to_wait(ch);
    deliver(ch, pc, irql);
}

/* The end of a batch; the lock is held. True: it was dropped in between. */
static inline bool end_batch(VMBCHANNEL ch, uint8_t *irql)
{
    uint32_t batch = ch->batch;

    ch->batch = 0;
    if (!batch || !ch->set.processing_complete)
        return false;
    seam_unlock(ch->s, &ch->lock, *irql);
    ch->set.processing_complete(ch, batch);
    *irql = seam_lock(ch->s, &ch->lock);
    return true;
}

/* One batch. FREE_TO_GO: the budget is used up. */
static inline enum blocked run_batch(VMBCHANNEL ch, uint8_t level,
                                     uint8_t *irql)
{
    enum blocked blocked = FREE_TO_GO;

    for (uint32_t budget = KMCL_BUDGET; budget; budget--) {
        blocked = look(ch, level);
        if (blocked)
            break;
        if (ch->in.first->state == KMCL_INCOMING_COMPLETION)
            complete(ch);
        else
            deliver_next(ch, irql);
    }
    return blocked;
}

/* Whether a block has ended while the end of the batch ran without the lock. A
 * raised quota does not lift the block, only a completion does [D]. */
static bool is_lifted(VMBCHANNEL ch, uint8_t level, enum blocked blocked,
                      uint32_t outstanding)
{
    if (blocked == AT_QUOTA && ch->outstanding >= outstanding)
        return false;
    return look(ch, level) == FREE_TO_GO;
}

/* Batches until something blocks or it was often enough. */
static enum blocked run_batches(VMBCHANNEL ch, uint8_t level, uint8_t *irql)
{
    for (uint32_t batches = KMCL_BUDGET; batches; batches--) {
        enum blocked blocked = run_batch(ch, level, irql);
        uint32_t outstanding = ch->outstanding;

        /* Without a routine for it nothing has changed. */
        if (!end_batch(ch, irql) || blocked == FREE_TO_GO ||
            !is_lifted(ch, level, blocked, outstanding))
            return blocked;
    }
    return FREE_TO_GO;
}

/* Completions need not wait for packets that nobody can deliver. The list is
 * left with packets only; the lock is dropped for each routine. */
static void pass_completions(VMBCHANNEL ch)
{
    struct kmcl_incoming_list completions = {0};
    VMBPACKETCOMPLETION pc;

    kmcl_incoming_take_completions(&ch->in, &completions);
    while ((pc = kmcl_incoming_take(&completions)))
        kmcl_complete_sent(ch, pc);
}

/* Who may deliver after the owner came to an end. */
static enum kmcl_delivery next_owner(enum blocked blocked, uint8_t level)
{
    switch (blocked) {
    case AT_QUOTA:
        return KMCL_DELIVERY_QUOTA;
    case FOR_PASSIVE:
        return KMCL_DELIVERY_PASSIVE_DUE;
    case FREE_TO_GO:
        return level == SEAM_PASSIVE ? KMCL_DELIVERY_PASSIVE_DUE
                                     : KMCL_DELIVERY_FREE;
    default:
        return KMCL_DELIVERY_FREE;
    }
}

bool kmcl_own_delivery(VMBCHANNEL ch, uint8_t level, uint8_t *irql)
{
    enum blocked blocked;

    ch->delivery =
        level == SEAM_PASSIVE ? KMCL_DELIVERY_PASSIVE : KMCL_DELIVERY_DISPATCH;
    if (level == SEAM_PASSIVE)
        ch->delivery_strand = seam_strand(ch->s);
    blocked = run_batches(ch, level, irql);
    ch->delivery = next_owner(blocked, level);
    /* A suspend waits until nobody delivers; PASSIVE waits for its turn. */
    if (ch->traffic != KMCL_TRAFFIC_BOTH ||
        ch->delivery == KMCL_DELIVERY_PASSIVE_DUE)
        kmcl_advance_soon(ch);
    if (blocked == AT_QUOTA || blocked == STOPPED)
        pass_completions(ch);
    return blocked == FREE_TO_GO;
}

/* Mostly nothing has happened meanwhile, and then nothing is left to do. */
bool kmcl_deliver_lone(VMBCHANNEL ch, uint8_t *irql)
{
    VMBPACKETCOMPLETION pc = ch->spare;

    ch->spare = NULL;
    ch->delivery = KMCL_DELIVERY_DISPATCH;
    deliver(ch, pc, irql);
    if (ch->in.first || ch->set.processing_complete ||
        ch->traffic != KMCL_TRAFFIC_BOTH || ch->service == KMCL_SERVICE_FAILED)
        return kmcl_own_delivery(ch, SEAM_DISPATCH, irql);
    ch->batch = 0;
    ch->delivery = KMCL_DELIVERY_FREE;
    return false;
}

/* The work item runs while the owner is at PASSIVE in a callback only if that
 * callback waits: nothing else runs PASSIVE work. */
void kmcl_deliver_at_passive(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);

    if (ch->delivery == KMCL_DELIVERY_PASSIVE_DUE)
        (void)kmcl_own_delivery(ch, SEAM_PASSIVE, &irql);
    else if (ch->delivery == KMCL_DELIVERY_PASSIVE)
        pass_completions(ch);
    kmcl_wake_reader(ch);
    seam_unlock(ch->s, &ch->lock, irql);
}
