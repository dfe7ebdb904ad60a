/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of an adapter's channel (life.h): configuring it, opening,
 * closing, and opening again when the adapter comes back.
 *
 * KMCL disables a client's channel when the host takes the device away. Nothing
 * may enable it in its own callbacks, so a timer does it afterwards: the
 * channel then waits for the offer.
 */
#include "drivers/network/data/data.h"
#include "drivers/network/life/life.h"

#include <string.h>

#include "kmcl/kmcl.h"

/* A completion has 8 bytes, a message 40; a packet with many ranges is longer,
 * which costs an allocation for each above 60 ranges. */
#define PACKET_MOST 512u
#define RING_PAGES  64u

/* How soon a closed channel is enabled again; each failure doubles it. */
#define AGAIN_SECONDS  0.01
#define DOUBLINGS_MOST 10u

/* {f8615163-df3e-46c5-913f-f2d2f965ed0e} [linux hyperv.h] */
static const GUID network_class = {
    0xf8615163,
    0xdf3e,
    0x46c5,
    {0x91, 0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e}};

static EVT_VMB_CHANNEL_OPENED EvtOpened;
static EVT_VMB_CHANNEL_POST_STARTED EvtPostStarted;
static EVT_VMB_CHANNEL_SUSPEND EvtSuspend;
static EVT_VMB_CHANNEL_CLOSED EvtClosed;
static EVT_VMB_CHANNEL_PNP_FAILURE EvtFailure;

/* ---- opening ------------------------------------------------------------- */

static NTSTATUS EvtOpened(VMBCHANNEL Channel)
{
    struct network_driver *d = VmbChannelGetPointer(Channel);

    /*
     * Forget what the former opening left: another host may be at the other
     * end after a migration.
     */
    d->media = MEDIA_UNKNOWN;
    d->control.wait = CONTROL_IDLE;
    __atomic_store_n(&d->phase, PHASE_AGREEING, __ATOMIC_RELEASE);
    network_tell(d, NETWORK_OPENING);
    return STATUS_SUCCESS;
}

/* This callback may wait, and answers are delivered meanwhile. */
static VOID EvtPostStarted(VMBCHANNEL Channel)
{
    network_agree(VmbChannelGetPointer(Channel));
}

/* ---- closing ------------------------------------------------------------- */

/* Enables the channel later. <= PASSIVE. */
static void enable_later(struct network_driver *d)
{
    uint32_t doublings =
        d->failures < DOUBLINGS_MOST ? d->failures : DOUBLINGS_MOST;

    vmbare_timer_set(
        &d->again, vmbare_after(AGAIN_SECONDS * (double)(1u << doublings)), 0);
}

/* No frame is put into a slot from here on. */
static VOID EvtSuspend(VMBCHANNEL Channel)
{
    struct network_driver *d = VmbChannelGetPointer(Channel);

    if (__atomic_exchange_n(&d->phase, PHASE_AWAY, __ATOMIC_SEQ_CST) !=
        PHASE_READY)
        d->failures++;
    network_slots_end(d);
}

/*
 * The rings are gone, and so the host's right to the buffers: only now they can
 * be taken back. A host that still uses them never answers.
 */
static VOID EvtClosed(VMBCHANNEL Channel)
{
    struct network_driver *d = VmbChannelGetPointer(Channel);

    /* KMCL waits here until the host has let go of the pages. */
    if (d->receive_gpadl)
        VmbChannelDeleteGpadl(Channel, d->receive_gpadl);
    if (d->send_gpadl)
        VmbChannelDeleteGpadl(Channel, d->send_gpadl);
    d->receive_gpadl = d->send_gpadl = 0;
    network_tell(d, NETWORK_ABSENT);
    if (!d->leaving)
        enable_later(d);
}

/* The offer was there, and the channel could not be opened. */
static VOID EvtFailure(VMBCHANNEL Channel, NTSTATUS Status)
{
    struct network_driver *d = VmbChannelGetPointer(Channel);

    network_refuse(d,
                   "expected the adapter's channel to open, found status "
                   "0x%08x: see the host's log",
                   (unsigned)Status);
    d->failures++;
    if (!d->leaving)
        enable_later(d);
}

/* The timer's function, at PASSIVE. The channel may be busy with its end. */
static void enable_again(void *context)
{
    struct network_driver *d = context;

    if (!d->leaving &&
        VmbChannelEnable(d->channel) == STATUS_INVALID_DEVICE_STATE)
        enable_later(d);
}

/* ---- the channel --------------------------------------------------------- */

/* Packets, batches and the steps of the channel's life. */
static NTSTATUS set_callbacks(struct network_driver *d)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelOpened = EvtOpened;
    callbacks.EvtChannelPostStarted = EvtPostStarted;
    callbacks.EvtChannelSuspend = EvtSuspend;
    callbacks.EvtChannelClosed = EvtClosed;
    /* The pointer is set before any callback can run. */
    VmbChannelSetPointer(d->channel, d);
    status = VmbChannelInitSetStateChangeCallbacks(d->channel, &callbacks);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetProcessPacketCallbacks(
            d->channel, network_packet, network_batch_end);
    return status;
}

/* Large frames go as one range; the host may name many ranges. */
static NTSTATUS set_sizes(struct network_driver *d)
{
    NTSTATUS status;

    status = VmbChannelInitSetMaximumPacketSize(d->channel, PACKET_MOST);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetMaximumExternalData(
            d->channel, LARGE_PAGES * PAGE_SIZE_4K, 1);
    if (NT_SUCCESS(status))
        /*
         * A packet with coalesced frames has up to 562 ranges, but what is
         * sent has one: so ranges are allowed apart from the maxima above,
         * by which each packet object is sized.
         */
        status = kmcl_client_set_parts(d->channel, RNDIS_PARTS_MAX);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetRingBufferPageCount(
            d->channel, RING_PAGES, RING_PAGES);
    return status;
}

NTSTATUS network_channel_start(struct network_driver *d, LPCGUID instance)
{
    NTSTATUS status = VmbChannelAllocate(NULL, FALSE, &d->channel);

    if (!d->channel)
        return status;
    /* The timer is made first: EvtFailure may set it before this returns. */
    vmbare_timer_init(&d->again, "network", VMBARE_PASSIVE, enable_again, d);
    status = set_callbacks(d);
    if (NT_SUCCESS(status))
        status = set_sizes(d);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetTargetPnp(d->channel, &network_class,
                                                  instance, EvtFailure);
    if (NT_SUCCESS(status))
        status = VmbChannelEnable(d->channel);
    if (!NT_SUCCESS(status)) {
        VmbChannelCleanup(d->channel);
        d->channel = NULL;
    }
    return status;
}

/* The timer's function must not enable the channel that is being closed. */
void network_channel_stop(struct network_driver *d)
{
    if (!d->channel)
        return;
    /* Cancel twice: EvtClosed may set the timer while the channel ends. */
    vmbare_timer_cancel(&d->again, VMBARE_FOREVER);
    VmbChannelDisable(d->channel);
    vmbare_timer_cancel(&d->again, VMBARE_FOREVER);
    VmbChannelCleanup(d->channel);
    d->channel = NULL;
}
