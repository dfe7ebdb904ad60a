/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run of the channel's pump: sends what is queued, reads the incoming ring
 * (drain.c), delivers what may be delivered at DISPATCH (deliver.c), and says
 * whether the ring is to be looked at again.
 */
#include "kmcl/receive/receive.h"
#include "kmcl/send/send.h"

/* What the run answers about the ring. A reader that leaves packets behind says
 * so under the same lock under which it finds that it may not read: whoever
 * ends that later sees it, and kicks. */
static enum vmbus_event_result outcome(VMBCHANNEL ch, enum kmcl_drained drained,
                                       bool more)
{
    ch->reader.waits = false;
    if ((drained == KMCL_DRAIN_EMPTY || drained == KMCL_DRAIN_LONE) && !more)
        return VMBUS_EVENT_DRAINED;
    if (more || drained == KMCL_DRAIN_MORE)
        return VMBUS_EVENT_MORE;
    if (drained == KMCL_DRAIN_BLOCKED && kmcl_may_read(ch))
        return VMBUS_EVENT_MORE; /* delivering has made room */
    if (!ring_reader_used(ch->rx))
        return VMBUS_EVENT_DRAINED;
    ch->reader.waits = true;
    return VMBUS_EVENT_LEFT;
}

/* Reads and delivers; the lock is held, and dropped for callbacks only. */
static inline enum vmbus_event_result receive(VMBCHANNEL ch, uint8_t *irql,
                                              bool *bell, VMBPACKET *ends)
{
    enum kmcl_drained drained;
    bool more = false;

    if (!ch->rx)
        return VMBUS_EVENT_LEFT; /* kmcl_link_attach() kicks */
    drained = kmcl_drain(ch, bell, ends);
    if (drained == KMCL_DRAIN_LONE)
        more = kmcl_deliver_lone(ch, irql);
    else if (ch->in.first && ch->delivery == KMCL_DELIVERY_FREE)
        more = kmcl_own_delivery(ch, SEAM_DISPATCH, irql);
    return outcome(ch, drained, more);
}

/* The spare is the run's own until the next run begins. */
static inline void end_request(VMBPACKET packet, VMBPACKETCOMPLETION pc)
{
    kmcl_packet_end(packet, STATUS_SUCCESS,
                    (uint8_t *)pc->body + pc->wire.header_size,
                    pc->wire.size - pc->wire.header_size);
}

enum vmbus_event_result kmcl_event(VMBCHANNEL ch)
{
    enum vmbus_event_result result;
    VMBPACKET ends = NULL;
    bool bell = false;
    uint8_t irql;

    irql = seam_lock(ch->s, &ch->lock);
    if (ch->queue.first) {
        seam_unlock(ch->s, &ch->lock, irql);
        kmcl_flush(ch);
        irql = seam_lock(ch->s, &ch->lock);
    }
    result = receive(ch, &irql, &bell, &ends);
    kmcl_unlock(ch, bell, irql);
    if (ends)
        end_request(ends, ch->spare);
    return result;
}
