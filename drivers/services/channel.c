/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a service's channel (private.h): configuring it, opening,
 * answering, closing, and opening again when the host offers it again.
 *
 * Requests are answered at DISPATCH, in the callback that brings them. So they
 * are answered in time while the application computes.
 *
 *     NOT_OFFERED --- offer ---> OPEN --- versions ---> READY, NO_VERSION
 *        ^                         |                       |
 *        +--- taken away, closed --+-----------------------+
 *
 * KMCL disables a client's channel when the host takes the device away; a timer
 * enables it again, and then it waits for the next offer.
 */
#include "drivers/services/private.h"

#include <errno.h>

/* Room for the largest message of a pipe beside its control page. */
#define RING_PAGES 8u

/* A host waits for an answer before it asks again. One that does not may have
 * this many answers in memory. */
#define UNDER_WAY_MOST 16u

/* How soon a closed channel is enabled again; each failure doubles it. */
#define AGAIN_SECONDS  0.01
#define DOUBLINGS_MOST 10u

static EVT_VMB_CHANNEL_OPENED EvtOpened;
static EVT_VMB_CHANNEL_CLOSED EvtClosed;
static EVT_VMB_CHANNEL_PNP_FAILURE EvtFailure;
static EVT_VMB_CHANNEL_PROCESS_PACKET EvtPacket;
static EVT_VMB_PACKET_COMPLETION_ROUTINE EvtSent;

static void set_state(struct service *s, enum services_state state)
{
    __atomic_store_n(&s->state, (uint32_t)state, __ATOMIC_RELAXED);
}

static void count(uint64_t *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* ---- answering ----------------------------------------------------------- */

/* The answer is in the ring, or the channel has ended. */
static VOID EvtSent(VMBPACKET Packet, NTSTATUS Status, PVOID Buffer,
                    UINT32 BufferLength)
{
    struct service *s = VmbPacketGetPointer(Packet);

    (void)Status;
    (void)Buffer;
    (void)BufferLength;
    __atomic_fetch_sub(&s->under_way, 1, __ATOMIC_RELAXED);
    VmbPacketFree(Packet);
}

/* KMCL copies the message. False: it cannot be sent. */
static bool send(struct service *s, void *message, uint32_t size)
{
    VMBPACKET packet;

    if (__atomic_load_n(&s->under_way, __ATOMIC_RELAXED) >= UNDER_WAY_MOST)
        return false;
    packet = VmbPacketAllocate(s->channel);
    if (!packet)
        return false;
    VmbPacketSetPointer(packet, s);
    VmbPacketSetCompletionRoutine(packet, EvtSent);
    __atomic_fetch_add(&s->under_way, 1, __ATOMIC_RELAXED);
    if (NT_SUCCESS(VmbPacketSend(packet, message, size, NULL, 0)))
        return true;
    __atomic_fetch_sub(&s->under_way, 1, __ATOMIC_RELAXED);
    VmbPacketFree(packet);
    return false;
}

/* The message is KMCL's private copy, which the answer is written into. */
static VOID EvtPacket(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                      PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    struct service *s = VmbChannelGetPointer(Channel);
    uint32_t status = IC_OK;
    enum ic_outcome outcome = ic_answer(s, Buffer, BufferLength, &status);
    bool sent = outcome != IC_IGNORED && send(s, Buffer, BufferLength);

    (void)Flags;
    VmbChannelPacketComplete(Packet, NULL, 0);
    if (!sent) {
        count(&s->ignored);
        return;
    }
    count(&s->requests);
    if (outcome == IC_REFUSED)
        count(&s->refused);
    if (outcome == IC_NEGOTIATED)
        set_state(s, s->agreed ? SERVICES_READY : SERVICES_NO_VERSION);
    else if (s->kind->answered)
        s->kind->answered(outcome == IC_ANSWERED ? IC_OK : status);
}

/* ---- opening and closing ------------------------------------------------- */

static NTSTATUS EvtOpened(VMBCHANNEL Channel)
{
    struct service *s = VmbChannelGetPointer(Channel);

    /* Another host may be at the other end after a migration. */
    s->agreed = false;
    s->failures = 0;
    count(&s->openings);
    set_state(s, SERVICES_OPEN);
    return STATUS_SUCCESS;
}

/* Enables the channel later, for nothing may do it in its own callbacks. */
static void enable_later(struct service *s)
{
    uint32_t doublings =
        s->failures < DOUBLINGS_MOST ? s->failures : DOUBLINGS_MOST;

    if (!__atomic_load_n(&s->leaving, __ATOMIC_ACQUIRE))
        (void)vmbare_timer_set(
            &s->again, vmbare_after(AGAIN_SECONDS * (double)(1u << doublings)),
            0);
}

static VOID EvtClosed(VMBCHANNEL Channel)
{
    struct service *s = VmbChannelGetPointer(Channel);

    set_state(s, SERVICES_NOT_OFFERED);
    enable_later(s);
}

/* The offer was there, and the channel could not be opened. */
static VOID EvtFailure(VMBCHANNEL Channel, NTSTATUS Status)
{
    struct service *s = VmbChannelGetPointer(Channel);

    (void)Status;
    s->failures++;
    set_state(s, SERVICES_NOT_OPENED);
    enable_later(s);
}

/* The timer's function, at PASSIVE. The channel may be busy with its end. */
static void enable_again(void *context)
{
    struct service *s = context;

    if (!__atomic_load_n(&s->leaving, __ATOMIC_ACQUIRE) &&
        VmbChannelEnable(s->channel) == STATUS_INVALID_DEVICE_STATE)
        enable_later(s);
}

/* ---- the channel --------------------------------------------------------- */

static NTSTATUS configure(struct service *s)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelOpened = EvtOpened;
    callbacks.EvtChannelClosed = EvtClosed;
    VmbChannelSetPointer(s->channel, s);
    status = VmbChannelInitSetStateChangeCallbacks(s->channel, &callbacks);
    if (NT_SUCCESS(status))
        status =
            VmbChannelInitSetFlags(s->channel, VMBUS_CHANNEL_INIT_FLAG_IS_PIPE);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetMaximumPacketSize(s->channel, IC_MESSAGE_MAX);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetRingBufferPageCount(
            s->channel, RING_PAGES, RING_PAGES);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetProcessPacketCallbacks(s->channel, EvtPacket,
                                                         NULL);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetTargetPnp(
            s->channel, &s->kind->interface, NULL, EvtFailure);
    return status;
}

int service_channel_start(struct service *s)
{
    NTSTATUS status = VmbChannelAllocate(NULL, FALSE, &s->channel);

    if (!NT_SUCCESS(status)) {
        s->channel = NULL;
        return -ENOMEM;
    }
    /* The timer is made first: EvtFailure may set it before this returns. */
    (void)vmbare_timer_init(&s->again, s->kind->name, VMBARE_PASSIVE,
                            enable_again, s);
    set_state(s, SERVICES_NOT_OFFERED);
    status = configure(s);
    if (NT_SUCCESS(status))
        status = VmbChannelEnable(s->channel);
    if (NT_SUCCESS(status))
        return 0;
    VmbChannelCleanup(s->channel);
    s->channel = NULL;
    return -EIO;
}

/* The timer's function must not enable the channel that is being closed. */
void service_channel_stop(struct service *s)
{
    if (!s->channel)
        return;
    __atomic_store_n(&s->leaving, 1, __ATOMIC_RELEASE);
    /* Cancel twice: EvtClosed may have been about to set the timer. */
    (void)vmbare_timer_cancel(&s->again, VMBARE_FOREVER);
    VmbChannelDisable(s->channel);
    (void)vmbare_timer_cancel(&s->again, VMBARE_FOREVER);
    VmbChannelCleanup(s->channel);
    s->channel = NULL;
    set_state(s, SERVICES_OFF);
}
