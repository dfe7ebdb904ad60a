/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When the rings of a channel may be used: what the sending and the receiving
 * side tell each other.
 */
#include "kmcl/base/channel.h"

void kmcl_unlock_and_signal(VMBCHANNEL ch, uint8_t irql)
{
    /* A signal is sent without the lock, and the channel is not closed before
     * it was. */
    struct pump *held = vmbus_pump_hold(ch->pump);

    seam_unlock(ch->s, &ch->lock, irql);
    vmbus_pump_bell(held);
}

void kmcl_give_up(VMBCHANNEL ch, const char *what, const char *why)
{
    /* Neither ring is touched any more. */
    ch->traffic = KMCL_TRAFFIC_OFF;
    /* Once: whoever finds it broken again finds it closing already. */
    if (ch->peer != KMCL_PEER_THERE)
        return;
    ch->peer = KMCL_PEER_BROKEN;
    kmcl_count(&ch->root->stats.bad_rings, 1);
    kmcl_log_peer(ch, KMCL_LINE_RINGS, SEAM_LOG_ERROR,
                  "kmcl: %s: the %s (%s): closing the channel", ch->set.name,
                  what, why);
    kmcl_advance_soon(ch);
}

void kmcl_wake_reader(VMBCHANNEL ch)
{
    /* The run that left packets has said so under this lock. */
    if (!ch->reader.waits || !kmcl_may_read(ch))
        return;
    ch->reader.waits = false;
    kmcl_kick(ch);
}
