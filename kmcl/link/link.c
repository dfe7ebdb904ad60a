/*
 * What the links, and the passive work item, tell the state machine.
 */
#include "kmcl/channel/channel.h"

void kmcl_passive_work(void *arg)
{
    VMBCHANNEL ch = arg;

    if (ch->broken)
        kmcl_peer_gone(ch);
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
    ch->peer_gone = true;
    kmcl_remove_requests(ch);
    kmcl_advance(ch);
}

void kmcl_link_opened(VMBCHANNEL ch, int status)
{
    if (status)
        ch->link.failed = status;
    else
        ch->link.up = true;
    kmcl_advance(ch);
}

void kmcl_link_closed(VMBCHANNEL ch)
{
    ch->link.up = false;
    ch->link.closing = false;
    kmcl_advance(ch);
}
