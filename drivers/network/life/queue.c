/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the primary and its sub-channels have in common (life.h): how a channel
 * is configured, and how it is enabled again after it closed.
 *
 * KMCL disables a client's channel when the host takes the device away. Nothing
 * may enable it in its own callbacks, so a timer does it afterwards: the
 * channel then waits for the offer.
 */
#include "drivers/network/data/data.h"
#include "drivers/network/life/life.h"

#include "kmcl/kmcl.h"

/* A completion has 8 bytes, a message 40, a table of channels 104; a packet
 * with many ranges is longer, which costs an allocation for each above 60
 * ranges. */
#define PACKET_MOST 512u
#define RING_PAGES  64u

/* How soon a closed channel is enabled again; each failure doubles it. */
#define AGAIN_SECONDS  0.01
#define DOUBLINGS_MOST 10u

/* {f8615163-df3e-46c5-913f-f2d2f965ed0e} [linux hyperv.h] */
const GUID network_class = {0xf8615163,
                            0xdf3e,
                            0x46c5,
                            {0x91, 0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e}};

/* ---- enabling it again --------------------------------------------------- */

/* Nobody wants the channel any more. */
static bool is_over(const struct network_queue *q)
{
    return __atomic_load_n(&q->driver->leaving, __ATOMIC_ACQUIRE) ||
           (q->index && !__atomic_load_n(&q->wanted, __ATOMIC_ACQUIRE));
}

void network_queue_again(struct network_queue *q)
{
    uint32_t doublings =
        q->failures < DOUBLINGS_MOST ? q->failures : DOUBLINGS_MOST;

    if (is_over(q))
        return;
    vmbare_timer_set(
        &q->again, vmbare_after(AGAIN_SECONDS * (double)(1u << doublings)), 0);
}

/* The timer's function, at PASSIVE. The channel may be busy with its end. */
static void enable_again(void *context)
{
    struct network_queue *q = context;

    if (!is_over(q) &&
        VmbChannelEnable(q->channel) == STATUS_INVALID_DEVICE_STATE)
        network_queue_again(q);
}

/* ---- the channel --------------------------------------------------------- */

/* Large frames go as one range; the host may name many ranges. */
static NTSTATUS set_sizes(VMBCHANNEL channel)
{
    NTSTATUS status = VmbChannelInitSetMaximumPacketSize(channel, PACKET_MOST);

    if (NT_SUCCESS(status))
        status = VmbChannelInitSetMaximumExternalData(
            channel, LARGE_PAGES * PAGE_SIZE_4K, 1);
    if (NT_SUCCESS(status))
        /*
         * A packet with coalesced frames has up to 562 ranges, but what is
         * sent has one: so ranges are allowed apart from the maxima above,
         * by which each packet object is sized.
         */
        status = kmcl_client_set_parts(channel, RNDIS_PARTS_MAX);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetRingBufferPageCount(channel, RING_PAGES,
                                                            RING_PAGES);
    return status;
}

NTSTATUS network_queue_make(struct network_queue *q,
                            PVMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks)
{
    NTSTATUS status = VmbChannelAllocate(NULL, FALSE, &q->channel);

    if (!q->channel)
        return status;
    /* The timer is made first: a failure may set it before an enable returns.
     */
    vmbare_timer_init(&q->again, "network", VMBARE_PASSIVE, enable_again, q);
    /* The pointer is set before any callback can run. */
    VmbChannelSetPointer(q->channel, q);
    /* Then everything that the channel needs but its target. */
    status = VmbChannelInitSetStateChangeCallbacks(q->channel, callbacks);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetProcessPacketCallbacks(
            q->channel, network_packet, network_batch_end);
    if (NT_SUCCESS(status))
        status = set_sizes(q->channel);
    return status;
}

/* The timer's function must not enable the channel that is being closed. */
void network_queue_close(struct network_queue *q)
{
    if (!q->channel)
        return;
    /* Cancel twice: the end of the channel may set the timer. */
    vmbare_timer_cancel(&q->again, VMBARE_FOREVER);
    VmbChannelDisable(q->channel);
    vmbare_timer_cancel(&q->again, VMBARE_FOREVER);
}

void network_queue_free(struct network_queue *q)
{
    if (q->channel)
        VmbChannelCleanup(q->channel);
    q->channel = NULL;
}
