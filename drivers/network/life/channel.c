/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of an adapter's channel (life.h): opening, closing, and opening
 * again when the adapter comes back.
 */
#include "drivers/network/data/data.h"
#include "drivers/network/life/life.h"

static EVT_VMB_CHANNEL_OPENED EvtOpened;
static EVT_VMB_CHANNEL_POST_STARTED EvtPostStarted;
static EVT_VMB_CHANNEL_SUSPEND EvtSuspend;
static EVT_VMB_CHANNEL_CLOSED EvtClosed;
static EVT_VMB_CHANNEL_PNP_FAILURE EvtFailure;

static struct network_driver *driver_of(VMBCHANNEL channel)
{
    struct network_queue *q = VmbChannelGetPointer(channel);

    return q->driver;
}

/* ---- opening ------------------------------------------------------------- */

static NTSTATUS EvtOpened(VMBCHANNEL Channel)
{
    struct network_driver *d = driver_of(Channel);

    /*
     * Forget what the former opening left: another host may be at the other
     * end after a migration.
     */
    d->media = MEDIA_UNKNOWN;
    d->control.wait = CONTROL_IDLE;
    network_subchannels_forget(d);
    __atomic_store_n(&d->phase, PHASE_AGREEING, __ATOMIC_RELEASE);
    network_tell(d, NETWORK_OPENING);
    return STATUS_SUCCESS;
}

/* This callback may wait, and answers are delivered meanwhile. */
static VOID EvtPostStarted(VMBCHANNEL Channel)
{
    network_agree(driver_of(Channel));
}

/* ---- closing ------------------------------------------------------------- */

/* No frame is put into a slot from here on. The sub-channels end first: KMCL
 * does not close a primary before. */
static VOID EvtSuspend(VMBCHANNEL Channel)
{
    struct network_driver *d = driver_of(Channel);

    if (__atomic_exchange_n(&d->phase, PHASE_AWAY, __ATOMIC_SEQ_CST) !=
        PHASE_READY)
        d->queues[0].failures++;
    network_slots_end(&d->queues[0]);
    network_subchannels_stop(d);
}

/*
 * The rings are gone, and so the host's right to the buffers: only now they can
 * be taken back. A host that still uses them never answers.
 */
static VOID EvtClosed(VMBCHANNEL Channel)
{
    struct network_driver *d = driver_of(Channel);

    /* KMCL waits here until the host has let go of the pages. */
    if (d->receive_gpadl)
        VmbChannelDeleteGpadl(Channel, d->receive_gpadl);
    if (d->send_gpadl)
        VmbChannelDeleteGpadl(Channel, d->send_gpadl);
    d->receive_gpadl = d->send_gpadl = 0;
    network_tell(d, NETWORK_ABSENT);
    network_queue_again(&d->queues[0]);
}

/* The offer was there, and the channel could not be opened. */
static VOID EvtFailure(VMBCHANNEL Channel, NTSTATUS Status)
{
    struct network_driver *d = driver_of(Channel);

    network_refuse(d,
                   "expected the adapter's channel to open, found status "
                   "0x%08x: see the host's log",
                   (unsigned)Status);
    d->queues[0].failures++;
    network_queue_again(&d->queues[0]);
}

/* ---- the channel --------------------------------------------------------- */

NTSTATUS network_channel_start(struct network_driver *d, LPCGUID instance)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    struct network_queue *q = &d->queues[0];
    NTSTATUS status;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelOpened = EvtOpened;
    callbacks.EvtChannelPostStarted = EvtPostStarted;
    callbacks.EvtChannelSuspend = EvtSuspend;
    callbacks.EvtChannelClosed = EvtClosed;
    status = network_queue_make(q, &callbacks);
    d->channel = q->channel;
    /* Theirs are made now, so that no opening needs memory. */
    if (NT_SUCCESS(status))
        status = network_subchannels_make(d);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetTargetPnp(q->channel, &network_class,
                                                  instance, EvtFailure);
    if (NT_SUCCESS(status))
        status = VmbChannelEnable(q->channel);
    if (!NT_SUCCESS(status))
        network_channel_stop(d);
    return status;
}

void network_channel_stop(struct network_driver *d)
{
    if (!d->channel)
        return;
    network_subchannels_stop(d);
    network_queue_close(&d->queues[0]);
    for (uint32_t i = 0; i < d->queue_count; i++)
        network_queue_free(&d->queues[i]);
    d->channel = NULL;
}
