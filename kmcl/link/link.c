/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the links, and the passive work item, tell the state machine.
 */
#include "kmcl/send/send.h"
#include "kmcl/receive/objects.h"
#include "kmcl/link/link.h"
#include "kmcl/channel/advance.h"

void kmcl_passive_work(void *arg)
{
    VMBCHANNEL ch = arg;

    if (ch->peer == KMCL_PEER_BROKEN)
        kmcl_peer_gone(ch);
    /* Unmap what completed packets had mapped, before a close would need that.
     */
    kmcl_external_bury(ch);
    kmcl_advance(ch);
    kmcl_deliver_at_passive(ch);
}

void kmcl_link_attach(VMBCHANNEL ch, struct ring_reader *rx,
                      struct ring_writer *tx, struct pump *pump)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);

    /* The spare may be smaller than the maxima that hold now. */
    if (ch->spare)
        kmcl_incoming_put(ch->spare);
    ch->spare = NULL;
    ch->rx = rx;
    ch->tx = tx;
    ch->pump = pump;
    ch->reader = (struct kmcl_reader){
        .limit = kmcl_incoming_memory(ch, KMCL_READ_AHEAD),
    };
    kmcl_kick(ch); /* a run that came too early has left the ring alone */
    seam_unlock(ch->s, &ch->lock, irql);
}

/* Whoever kicks or signals does it under the lock, maybe on another processor,
 * and finds no pump from now on. */
void kmcl_link_detach(VMBCHANNEL ch)
{
    kmcl_link_attach(ch, NULL, NULL, NULL);
}

void kmcl_peer_gone(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);

    ch->peer = KMCL_PEER_GONE;
    seam_unlock(ch->s, &ch->lock, irql);
    kmcl_remove_requests(ch);
    kmcl_advance(ch);
}

/* A failure is handled where the channel stands: in from_opening(). */
void kmcl_link_opened(VMBCHANNEL ch, int status)
{
    if (status)
        ch->link.failed = status;
    else
        ch->link.state = KMCL_LINK_UP;
    kmcl_advance(ch);
}

/* The state machine completes what was sent and calls EvtChannelClosed. */
void kmcl_link_closed(VMBCHANNEL ch)
{
    ch->link.state = KMCL_LINK_DOWN;
    kmcl_advance(ch);
}
