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
    if (kmcl_pump(ch, SEAM_PASSIVE) == KMCL_EVENT_MORE)
        kmcl_advance_soon(ch);
    else if (ch->left)
        ch->link.ops->kick(ch); /* it unmasks the ring, if that is empty */
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
