/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which server channels are sub-channels of which, and how they leave when
 * their primary has to.
 */
#include "kmcl/link/subchannels.h"

#include "kmcl/base/instances.h"

#include "vmbus/guid.h"

/* The channels that may have the instance of `of`, one after the other. */
static VMBCHANNEL next_like(VMBCHANNEL of, VMBCHANNEL previous)
{
    return kmcl_instance_next(of->root, kmcl_guid(&of->set.instance), previous);
}

/* A sub-channel has the type and the instance of its primary. */
static bool is_subchannel(VMBCHANNEL ch, VMBCHANNEL primary)
{
    return ch->is_server && ch->set.subchannel && primary->is_server &&
           !primary->set.subchannel &&
           vmbus_guid_equal(kmcl_guid(&ch->set.type),
                            kmcl_guid(&primary->set.type)) &&
           vmbus_guid_equal(kmcl_guid(&ch->set.instance),
                            kmcl_guid(&primary->set.instance));
}

VMBCHANNEL kmcl_primary_waits(VMBCHANNEL ch)
{
    VMBCHANNEL primary = next_like(ch, NULL);

    while (primary && !(primary->link.offer == KMCL_OFFER_WAITS &&
                        is_subchannel(ch, primary)))
        primary = next_like(ch, primary);
    return primary;
}

bool kmcl_subchannel_is_offered(VMBCHANNEL primary)
{
    VMBCHANNEL ch = next_like(primary, NULL);

    while (ch && !(ch->link.offered && is_subchannel(ch, primary)))
        ch = next_like(primary, ch);
    return ch != NULL;
}

VMBCHANNEL kmcl_subchannel_to_follow(VMBCHANNEL primary)
{
    VMBCHANNEL ch = next_like(primary, NULL);

    while (ch && !(ch->link.offer == KMCL_OFFER_FOLLOWS && !ch->link.offered &&
                   ch->wish == KMCL_WISH_ENABLED && is_subchannel(ch, primary)))
        ch = next_like(primary, ch);
    return ch;
}

/* The next published one that does not know yet that it has to leave. */
static VMBCHANNEL untold(VMBCHANNEL primary)
{
    VMBCHANNEL ch = next_like(primary, NULL);

    while (ch && !(ch->link.offered && ch->link.offer != KMCL_OFFER_FOLLOWS &&
                   is_subchannel(ch, primary)))
        ch = next_like(primary, ch);
    return ch;
}

static void close_first(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);

    ch->peer = KMCL_PEER_BROKEN;
    seam_unlock(ch->s, &ch->lock, irql);
    kmcl_advance_soon(ch);
}

/* A withdrawal may call others, so each look starts anew. */
bool kmcl_subchannels_leave(VMBCHANNEL primary, void (*withdraw)(VMBCHANNEL))
{
    VMBCHANNEL ch;

    while ((ch = untold(primary)) != NULL) {
        ch->link.offer = KMCL_OFFER_FOLLOWS;
        if (ch->phase == KMCL_ENABLED && ch->link.state == KMCL_LINK_DOWN)
            withdraw(ch);
        else
            close_first(ch);
    }
    return kmcl_subchannel_is_offered(primary);
}
