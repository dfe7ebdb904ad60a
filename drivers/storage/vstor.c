/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of the storage channel (vstor.h): configuring it, opening, closing,
 * and what KMCL reports about it.
 *
 * KMCL opens the channel when the host's offer is there and calls
 * EvtPostStarted, in which the driver agrees with the host on a protocol. When
 * the host takes the device away, KMCL ends every packet that is under way and
 * calls EvtSuspend and EvtClosed.
 */
#include "drivers/storage/private.h"

#include <stdio.h>
#include <string.h>

/* About 100 packets with 65 page frames each. */
#define RING_PAGES 16

/* {ba6163d9-04a1-4d29-b605-72e2ffb1dc7f} [linux hyperv.h] */
static const GUID scsi_class = {
    0xba6163d9,
    0x04a1,
    0x4d29,
    {0xb6, 0x05, 0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f}};

static EVT_VMB_CHANNEL_POST_STARTED EvtPostStarted;
static EVT_VMB_CHANNEL_SUSPEND EvtSuspend;
static EVT_VMB_CHANNEL_CLOSED EvtClosed;
static EVT_VMB_CHANNEL_PROCESS_PACKET EvtPacket;
static EVT_VMB_CHANNEL_PNP_FAILURE EvtFailure;

/*
 * The ring is open and the data path runs: the first questions may be asked.
 * This callback may wait, so the questions are synchronous requests.
 */
static VOID EvtPostStarted(VMBCHANNEL Channel)
{
    vstor_agree(VmbChannelGetPointer(Channel));
}

/*
 * KMCL calls this before it stops the data path. A submit after this point is
 * refused with STATUS_DEVICE_REMOVED instead of being lost.
 */
static VOID EvtSuspend(VMBCHANNEL Channel)
{
    struct vstor *v = VmbChannelGetPointer(Channel);

    v->state = VSTOR_CLOSED;
}

/*
 * The rings are gone. Setting the state again covers a channel that closed
 * before it had run.
 */
static VOID EvtClosed(VMBCHANNEL Channel)
{
    struct vstor *v = VmbChannelGetPointer(Channel);

    v->state = VSTOR_CLOSED;
}

/*
 * The host sends packets of its own to say "look again what disks there are".
 * They are counted and completed. Their contents do not matter, because
 * block_open asks the disk anyway.
 */
static VOID EvtPacket(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                      PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    struct vstor *v = VmbChannelGetPointer(Channel);

    (void)Flags;
    (void)Buffer;
    (void)BufferLength;
    __atomic_fetch_add(&v->notices, 1, __ATOMIC_RELAXED);
    VmbChannelPacketComplete(Packet, NULL, 0);
}

/*
 * The offer was there, and opening the channel failed. block_open reports the
 * text.
 */
static VOID EvtFailure(VMBCHANNEL Channel, NTSTATUS Status)
{
    struct vstor *v = VmbChannelGetPointer(Channel);

    v->state = VSTOR_REFUSED;
    snprintf(v->problem, sizeof(v->problem),
             "expected the SCSI controller's channel to open, found status "
             "0x%08x: see the host's log",
             (unsigned)Status);
}

/*
 * Callbacks can be set only while the channel is disabled, so this comes first.
 */
static NTSTATUS set_callbacks(struct vstor *v)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelPostStarted = EvtPostStarted;
    callbacks.EvtChannelSuspend = EvtSuspend;
    callbacks.EvtChannelClosed = EvtClosed;
    VmbChannelSetPointer(v->channel, v);
    status = VmbChannelInitSetStateChangeCallbacks(v->channel, &callbacks);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetProcessPacketCallbacks(v->channel, EvtPacket,
                                                         NULL);
    return status;
}

/*
 * A packet is one vstor_packet; its data travel by reference. KMCL allows for a
 * transfer that starts anywhere in its first page, so VSTOR_TRANSFER_MAX needs
 * no extra page here.
 */
static NTSTATUS set_sizes(struct vstor *v)
{
    NTSTATUS status;

    status = VmbChannelInitSetMaximumPacketSize(v->channel, VSTOR_PACKET_SIZE);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetMaximumExternalData(
            v->channel, VSTOR_TRANSFER_MAX, VSTOR_CHAIN_MAX);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetRingBufferPageCount(
            v->channel, RING_PAGES, RING_PAGES);
    return status;
}

/*
 * Configures in the order in which KMCL checks things: callbacks, sizes,
 * target, and then enables. A channel that cannot be configured is cleaned up
 * whole.
 */
NTSTATUS vstor_start(struct vstor *v)
{
    NTSTATUS status = VmbChannelAllocate(NULL, FALSE, &v->channel);

    if (!v->channel)
        return status;
    status = set_callbacks(v);
    if (NT_SUCCESS(status))
        status = set_sizes(v);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetTargetPnp(v->channel, &scsi_class, NULL,
                                                  EvtFailure);
    if (NT_SUCCESS(status))
        status = vstor_restart(v);
    if (!NT_SUCCESS(status)) {
        VmbChannelCleanup(v->channel);
        v->channel = NULL;
    }
    return status;
}

/*
 * The state changes before the channel is enabled: EvtPostStarted may run
 * before VmbChannelEnable returns.
 */
NTSTATUS vstor_restart(struct vstor *v)
{
    NTSTATUS status;

    v->state = VSTOR_OPENING;
    v->problem[0] = 0;
    status = VmbChannelEnable(v->channel);
    if (!NT_SUCCESS(status))
        v->state = VSTOR_CLOSED;
    return status;
}

/*
 * VmbChannelDisable returns when every packet has ended and the host has let go
 * of the rings.
 */
void vstor_pause(struct vstor *v)
{
    VmbChannelDisable(v->channel);
    v->state = VSTOR_CLOSED;
}

/* The channel's target is a type, so it has an instance only by its offer. */
bool vstor_has_offer(const struct vstor *v)
{
    static const GUID none;
    GUID instance;

    VmbChannelGetInterfaceInstance(v->channel, &instance);
    return memcmp(&instance, &none, sizeof(none)) != 0;
}

void vstor_stop(struct vstor *v)
{
    if (!v->channel)
        return;
    vstor_pause(v);
    /* No request is under way any more. */
    if (v->spare)
        VmbPacketFree(v->spare);
    v->spare = NULL;
    VmbChannelCleanup(v->channel);
    v->channel = NULL;
}
