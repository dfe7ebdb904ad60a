/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channel of one stream (private.h): a pipe to the service, whose packets
 * are the stream's bytes.
 *
 *   CONNECTING or WAITING --opened--> OPEN --closed--> GONE
 *                         --failed--------------------> GONE
 *
 * The host withdraws the channel when both directions have ended, or when its
 * program has died. So a channel that goes without the host's end is a reset.
 */
#include <errno.h>
#include <stdlib.h>

#include "drivers/hvsock/private.h"
#include "kmcl/sockets.h"
#include "vmbare.h"

static EVT_VMB_CHANNEL_OPENED EvtOpened;
static EVT_VMB_CHANNEL_SUSPEND EvtSuspend;
static EVT_VMB_CHANNEL_CLOSED EvtClosed;
static EVT_VMB_CHANNEL_PNP_FAILURE EvtFailure;

/* ---- its life ------------------------------------------------------------ */

/* The host may send from now on. */
static NTSTATUS EvtOpened(VMBCHANNEL Channel)
{
    struct net_end *end = VmbChannelGetPointer(Channel);
    bool waited = end->state == HVSOCK_WAITING;

    /* Closed or too late; whoever tends the ends is about to come. */
    if (hvsock_is(end, HVSOCK_RELEASED) || end->error)
        return STATUS_CANCELLED;
    end->state = HVSOCK_OPEN;
    if (waited) {
        VmbChannelGetInterfaceInstance(Channel, &end->endpoint);
        end->opened(end);
        return STATUS_SUCCESS;
    }
    (void)vmbare_timer_cancel(&end->timer, VMBARE_NOW);
    net_wake(end->s);
    return STATUS_SUCCESS;
}

/* Every packet that is held must go back, and the ring goes soon. */
static VOID EvtSuspend(VMBCHANNEL Channel)
{
    hvsock_keep_rest(VmbChannelGetPointer(Channel));
}

/* The rings are gone. What the host had not ended has been cut off. */
static VOID EvtClosed(VMBCHANNEL Channel)
{
    struct net_end *end = VmbChannelGetPointer(Channel);

    end->state = HVSOCK_GONE;
    if (!end->error && !hvsock_all_came(end))
        end->error = -ECONNRESET;
    net_wake(end->s);
    hvsock_tend();
}

/* The offer was there, and the channel did not open. */
static VOID EvtFailure(VMBCHANNEL Channel, NTSTATUS Status)
{
    struct net_end *end = VmbChannelGetPointer(Channel);
    bool waited = end->listener && end->state == HVSOCK_WAITING;

    (void)Status;
    end->state = HVSOCK_GONE;
    if (!end->error)
        end->error = -ECONNREFUSED;
    if (waited)
        end->failed(end);
    net_wake(end->s);
    hvsock_tend();
}

/* ---- making it ----------------------------------------------------------- */

/* Hosts before VMBus 5.0 misbehave with other sizes. [linux] */
static UINT32 ring_pages(void)
{
    struct vmbare_facts facts;

    vmbare_facts(&facts);
    return strtoul(facts.bus_version, NULL, 10) < 5 ? RING_PAGES_OLD
                                                    : RING_PAGES;
}

/* Packets are taken one by one: the end of a batch means nothing here. */
static NTSTATUS set_callbacks(VMBCHANNEL channel)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelOpened = EvtOpened;
    callbacks.EvtChannelSuspend = EvtSuspend;
    callbacks.EvtChannelClosed = EvtClosed;
    status = VmbChannelInitSetStateChangeCallbacks(channel, &callbacks);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetProcessPacketCallbacks(channel, hvsock_packet,
                                                         NULL);
    return status;
}

/* The quota is the number of packets that a stream holds. */
static NTSTATUS set_sizes(VMBCHANNEL channel)
{
    UINT32 pages = ring_pages();
    NTSTATUS status =
        VmbChannelInitSetFlags(channel, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE);

    if (NT_SUCCESS(status))
        status = VmbChannelInitSetMaximumPacketSize(channel, PACKET_MOST);
    if (NT_SUCCESS(status))
        status =
            VmbClientChannelInitSetRingBufferPageCount(channel, pages, pages);
    VmbChannelSetTransactionQuota(channel, HELD_MOST);
    return status;
}

/* A stream that the guest asked for has one offer, which is its alone; one that
 * waits takes whichever comes first. */
static NTSTATUS configure(struct net_end *end)
{
    bool accepts = end->state == HVSOCK_WAITING;
    NTSTATUS status;

    /* The pointer is set before any callback can run. */
    VmbChannelSetPointer(end->channel, end);
    status = set_callbacks(end->channel);
    if (NT_SUCCESS(status))
        status = set_sizes(end->channel);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetTargetPnp(
            end->channel, &end->service, accepts ? NULL : &end->endpoint,
            EvtFailure);
    if (NT_SUCCESS(status))
        status = kmcl_client_set_accepts(end->channel, accepts);
    return status;
}

/* Whatever fails here fails for memory: the settings are all constant. */
int hvsock_channel_start(struct net_end *end)
{
    NTSTATUS status = VmbChannelAllocate(NULL, FALSE, &end->channel);

    if (!end->channel)
        return -ENOMEM;
    if (NT_SUCCESS(status))
        status = configure(end);
    if (NT_SUCCESS(status)) {
        /* The end of the stream can be sent whatever memory there is then. */
        end->last = VmbPacketAllocate(end->channel);
        if (!end->last)
            status = STATUS_INSUFFICIENT_RESOURCES;
    }
    if (NT_SUCCESS(status))
        status = VmbChannelEnable(end->channel);
    if (NT_SUCCESS(status))
        return 0;
    hvsock_channel_stop(end);
    return -ENOMEM;
}

/* VmbChannelDisable() returns when no callback of the channel runs any more. */
void hvsock_channel_stop(struct net_end *end)
{
    if (!end->channel)
        return;
    VmbChannelDisable(end->channel);
    if (end->last)
        VmbPacketFree(end->last);
    end->last = NULL;
    VmbChannelCleanup(end->channel);
    end->channel = NULL;
}
