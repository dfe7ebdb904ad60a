/*
 * Giving packets to the application, in order, one batch at a time.
 *
 * `pumping` makes delivery ours; a callback that waits lets others run, and
 * these find it set and leave delivery to the one below on the stack.
 */
#include "kmcl/channel/channel.h"

/* Why the next packet cannot be delivered at `level` now. */
enum blocked {
    FREE_TO_GO,
    NOTHING_READ,
    RING_EMPTY,  /* ... and nothing to read, when last looked */
    STOPPED,     /* paused, failed or closing */
    AT_QUOTA,    /* the next completion goes on */
    FOR_PASSIVE, /* passive work goes on */
};

static enum blocked look(VMBCHANNEL ch, uint8_t level)
{
    VMBPACKETCOMPLETION pc = ch->in.first;

    if (!ch->queue_on || ch->failed)
        return STOPPED;
    if (!pc)
        return NOTHING_READ;
    /* A raised quota does not lift the block, only a completion does [D]. */
    if (ch->outstanding >= ch->quota)
        ch->quota_blocked = true;
    if (ch->quota_blocked)
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

/* Delivers the next packet; the lock is held, and dropped in between. */
static void deliver(VMBCHANNEL ch, uint8_t *irql)
{
    VMBPACKETCOMPLETION pc = kmcl_incoming_take(&ch->in);

    pc->state = KMCL_INCOMING_DELIVERED;
    ch->outstanding++;
    ch->current = pc;
    ch->verdict = KMCL_TAKEN;
    ch->batch++;
    ch->root->stats.packets_delivered++;
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

/* The end of a batch; the lock is held, and dropped in between. */
static void end_batch(VMBCHANNEL ch, uint8_t *irql)
{
    uint32_t batch = ch->batch;

    ch->batch = 0;
    if (!batch || !ch->set.processing_complete)
        return;
    seam_unlock(ch->s, &ch->lock, *irql);
    ch->set.processing_complete(ch, batch);
    *irql = seam_lock(ch->s, &ch->lock);
}

/* Delivers what there is, reading more as it goes. FREE_TO_GO: the budget is
 * used up. */
static enum blocked run(VMBCHANNEL ch, uint8_t level, uint8_t *irql)
{
    for (uint32_t budget = KMCL_BUDGET; budget; budget--) {
        enum blocked blocked = look(ch, level);
        enum kmcl_drained drained = KMCL_DRAIN_STOPPED;

        if (blocked == NOTHING_READ) {
            seam_unlock(ch->s, &ch->lock, SEAM_DISPATCH);
            drained = kmcl_drain(ch, KMCL_BUDGET);
            (void)seam_lock(ch->s, &ch->lock); /* *irql is still to come */
            blocked = look(ch, level);
        }
        if (drained == KMCL_DRAIN_MORE)
            continue;
        if (blocked == NOTHING_READ && drained == KMCL_DRAIN_EMPTY)
            return RING_EMPTY;
        if (blocked)
            return blocked;
        deliver(ch, irql);
    }
    return FREE_TO_GO;
}

/* In batches, until nothing is left or it was often enough; the lock is held,
 * and dropped in between. FREE_TO_GO: there is more. */
static enum blocked run_batches(VMBCHANNEL ch, uint8_t level, uint8_t *irql)
{
    for (uint32_t batches = KMCL_BUDGET; batches; batches--) {
        enum blocked blocked;

        ch->pump_again = false;
        blocked = run(ch, level, irql);
        end_batch(ch, irql);
        /* Whatever blocks may be over: who was here meanwhile left it to us. */
        if (!ch->pump_again || blocked == FREE_TO_GO)
            return blocked;
    }
    return FREE_TO_GO;
}

enum kmcl_event kmcl_pump(VMBCHANNEL ch, uint8_t level)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    enum blocked blocked;

    if (ch->pumping) {
        ch->pump_again = true;
        ch->left = true; /* it may end before we have looked at the ring */
        seam_unlock(ch->s, &ch->lock, irql);
        return KMCL_EVENT_LEFT;
    }
    ch->pumping = true;
    ch->at_passive = level == SEAM_PASSIVE;
    blocked = run_batches(ch, level, &irql);
    ch->at_passive = false;
    ch->pumping = false;
    if (blocked == FOR_PASSIVE || ch->stop_waits)
        kmcl_advance_soon(ch);
    seam_unlock(ch->s, &ch->lock, irql);
    if (blocked == FREE_TO_GO)
        return KMCL_EVENT_MORE;
    return blocked == RING_EMPTY ? KMCL_EVENT_DRAINED : KMCL_EVENT_LEFT;
}

/* Some packets are there to be delivered, or reading stopped. */
static KMCL_RARE enum kmcl_event pump_drained(VMBCHANNEL ch,
                                              enum kmcl_drained drained)
{
    enum kmcl_event pumped = kmcl_pump(ch, SEAM_DISPATCH);
    uint8_t irql;
    bool left;

    if (pumped == KMCL_EVENT_MORE || drained == KMCL_DRAIN_MORE)
        return KMCL_EVENT_MORE;
    /* What came since then came without a signal, for the ring is masked:
     * whoever unmasks it looks again. */
    if (pumped == KMCL_EVENT_DRAINED)
        return KMCL_EVENT_DRAINED;
    irql = seam_lock(ch->s, &ch->lock);
    left = !ch->rx || ring_reader_used(ch->rx);
    ch->left = left;
    seam_unlock(ch->s, &ch->lock, irql);
    return left ? KMCL_EVENT_LEFT : KMCL_EVENT_DRAINED;
}

/* The ring is read even while packets cannot be delivered, up to a limit, so
 * that completions behind them arrive. Most signals bring nothing else, and
 * then there is nothing to pump. */
enum kmcl_event kmcl_event(VMBCHANNEL ch)
{
    enum kmcl_drained drained;

    if (ch->queue.first)
        kmcl_flush(ch);
    drained = kmcl_drain(ch, KMCL_READ_AHEAD);
    if (drained == KMCL_DRAIN_EMPTY && !ch->in.first)
        return KMCL_EVENT_DRAINED;
    return pump_drained(ch, drained);
}
