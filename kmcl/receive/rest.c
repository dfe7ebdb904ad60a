/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a host had sent before it withdrew a client's channel, and nobody has
 * delivered (kmcl/sockets.h): first what was read ahead, then what is still in
 * the ring. The ring is the guest's own memory, so it can be read; a host that
 * goes on writing cannot keep the client here, for each call looks a fixed
 * number of times.
 */
#include "kmcl/sockets.h"

#include "kmcl/receive/objects.h"

/* Runs over the ring without finding a packet: of KMCL_BUDGET packets each. */
#define RUNS_MOST 64u

/* Reads some packets to the list. The queue is off, and on for so long: the
 * pump's run does nothing then, as it takes the same lock. False: there is no
 * more. */
static bool read_some(VMBCHANNEL ch)
{
    bool bell = false; /* nobody is left to be signalled */
    enum kmcl_drained drained;
    VMBPACKET ends = NULL; /* a pipe awaits no completions */

    if (!ch->rx || ch->traffic != KMCL_TRAFFIC_OUT)
        return false;
    ch->traffic = KMCL_TRAFFIC_BOTH;
    drained = kmcl_drain(ch, &bell, &ends);
    if (ch->traffic == KMCL_TRAFFIC_BOTH) /* else the ring is broken */
        ch->traffic = KMCL_TRAFFIC_OUT;
    return drained == KMCL_DRAIN_MORE || ch->in.first;
}

static VMBPACKETCOMPLETION next(VMBCHANNEL ch)
{
    VMBPACKETCOMPLETION pc;

    for (unsigned runs = 0; runs < RUNS_MOST; runs++) {
        while ((pc = kmcl_incoming_take(&ch->in)) != NULL) {
            if (pc->state != KMCL_INCOMING_COMPLETION)
                return pc;
            kmcl_incoming_put(pc); /* of no request */
        }
        if (!read_some(ch))
            return NULL;
    }
    return NULL;
}

BOOLEAN kmcl_client_rest(VMBCHANNEL channel, struct kmcl_rest *rest)
{
    VMBPACKETCOMPLETION pc = NULL;
    uint8_t irql;

    SEAM_ASSERT(kmcl_seam(),
                kmcl_channel_ok(channel) && !channel->is_server &&
                    channel->pipe && channel->activity == KMCL_IN_SUSPEND,
                "only inside EvtChannelSuspend of a client that is a pipe");
    irql = seam_lock(channel->s, &channel->lock);
    if (channel->peer == KMCL_PEER_GONE)
        pc = next(channel);
    if (pc) {
        pc->state = KMCL_INCOMING_DELIVERED;
        channel->outstanding++;
        kmcl_count(&channel->root->stats.packets_delivered, 1);
        *rest = (struct kmcl_rest){pc, pc->payload, pc->payload_size};
    }
    seam_unlock(channel->s, &channel->lock, irql);
    return pc != NULL;
}
