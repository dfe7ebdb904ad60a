/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets that are always under way: a client sends, a server of this image
 * completes with the packet's own bytes, and the completion routine sends the
 * next. Both ends run at DISPATCH on the channel's processors, in between what
 * these compute.
 */
#include <stdatomic.h>
#include <stdio.h>

#include "compute.h"
#include "vmbare.h"
#include "vmbare_events.h"
#include "vmbuskernelmodeclientlibapi.h"

enum { UNDER_WAY = 8, SECONDS = 60 };

static const GUID type = {0x636f6d70, 0x7574, 1, {1, 1, 1, 1, 1, 1, 1, 1}};
static const GUID instance = {0x636f6d70, 0x7574, 2, {2, 2, 2, 2, 2, 2, 2, 2}};

static EVT_VMB_CHANNEL_PROCESS_PACKET EvtRequest, EvtNothing;
static EVT_VMB_CHANNEL_STARTED EvtStarted;
static EVT_VMB_PACKET_COMPLETION_ROUTINE EvtBack;

static VMBCHANNEL server, client;
static struct vmbare_event opened, flowing, at_rest;
/* Callbacks store, main reads, at the same time. */
static atomic_uint_fast32_t back, wrong, under_way;
static atomic_bool stopping;

/* The server's end: the packet comes back as it is. */
static VOID EvtRequest(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                       PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    UNREFERENCED_PARAMETER(Channel);
    UNREFERENCED_PARAMETER(Flags);
    VmbChannelPacketComplete(Packet, Buffer, BufferLength);
}

/* The server sends nothing by itself, but a channel must have this callback. */
static VOID EvtNothing(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                       PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    UNREFERENCED_PARAMETER(Channel);
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(BufferLength);
    UNREFERENCED_PARAMETER(Flags);
    VmbChannelPacketComplete(Packet, NULL, 0);
}

/* The client may send from here on. */
static VOID EvtStarted(VMBCHANNEL Channel)
{
    UNREFERENCED_PARAMETER(Channel);
    vmbare_event_set(&opened);
}

/* Sends a packet with this number. The last one that is not sent any more lets
 * packets_stop() go on. */
static void send(uint64_t number)
{
    VMBPACKET packet = NULL;

    if (!atomic_load(&stopping))
        packet = VmbPacketAllocate(client);
    if (packet) {
        VmbPacketSetPointer(packet, (PVOID)(uintptr_t)number);
        VmbPacketSetCompletionRoutine(packet, EvtBack);
        if (NT_SUCCESS(
                VmbPacketSend(packet, &number, sizeof(number), NULL,
                              VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION)))
            return;
        VmbPacketFree(packet);
        atomic_fetch_add(&wrong, 1);
    }
    if (atomic_fetch_sub(&under_way, 1) == 1)
        vmbare_event_set(&at_rest);
}

/* At DISPATCH, on the channel's processor. */
static VOID EvtBack(VMBPACKET Packet, NTSTATUS Status, PVOID Buffer,
                    UINT32 BufferLength)
{
    uint64_t number = (uintptr_t)VmbPacketGetPointer(Packet);

    if (!NT_SUCCESS(Status) || BufferLength != sizeof(number) ||
        *(uint64_t *)Buffer != number)
        atomic_fetch_add(&wrong, 1);
    /* The bytes are read; from here on the packet is gone. */
    VmbPacketFree(Packet);
    if (atomic_fetch_add(&back, 1) == 0)
        vmbare_event_set(&flowing);
    send(number + UNDER_WAY);
}

/* A server begins paused, so it is started as soon as it is published. */
static NTSTATUS open_server(void)
{
    NTSTATUS status = VmbChannelAllocate(NULL, TRUE, &server);

    if (NT_SUCCESS(status))
        status =
            VmbChannelInitSetProcessPacketCallbacks(server, EvtRequest, NULL);
    if (NT_SUCCESS(status))
        status =
            VmbServerChannelInitSetTargetInterfaceId(server, type, instance);
    if (NT_SUCCESS(status))
        status = VmbChannelEnable(server);
    if (NT_SUCCESS(status))
        VmbChannelStart(server);
    return status;
}

/* Enabling returns at once: EvtStarted tells when the channel is open. */
static NTSTATUS open_client(PDEVICE_OBJECT bus)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status = VmbChannelAllocate(bus, FALSE, &client);

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelStarted = EvtStarted;
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetStateChangeCallbacks(client, &callbacks);
    if (NT_SUCCESS(status))
        status =
            VmbChannelInitSetProcessPacketCallbacks(client, EvtNothing, NULL);
    if (NT_SUCCESS(status))
        status =
            VmbClientChannelInitSetTargetPnp(client, &type, &instance, NULL);
    return NT_SUCCESS(status) ? VmbChannelEnable(client) : status;
}

/* Sleeps, and says what is missing if it does not come. */
static bool await(struct vmbare_event *event)
{
    if (vmbare_wait_for(&event->source, vmbare_after(SECONDS)) == VMBARE_OK)
        return true;
    printf("compute: waited %u s for %s\n", (unsigned)SECONDS,
           event->source.name);
    return false;
}

/* The first packet is waited for, because both ends are set up by PASSIVE work:
 * a processor 0 that computes would keep it waiting. */
bool packets_start(void)
{
    PDEVICE_OBJECT bus = vmbare_loopback();
    NTSTATUS status;

    vmbare_event_init(&opened, "the channel to open", VMBARE_ONE_WAIT);
    vmbare_event_init(&flowing, "the first packet", VMBARE_ONE_WAIT);
    vmbare_event_init(&at_rest, "packets under way", VMBARE_ONE_WAIT);
    status = bus ? open_server() : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(status))
        status = open_client(bus);
    if (!NT_SUCCESS(status)) {
        printf("compute: the channel cannot be set up, status 0x%08x\n",
               (unsigned)status);
        return false;
    }
    if (!await(&opened))
        return false;
    /* Counted before the first is sent, which may be back at once. */
    atomic_store(&under_way, UNDER_WAY);
    for (uint64_t i = 0; i < UNDER_WAY; i++)
        send(i);
    return await(&flowing);
}

uint32_t packets_back(void)
{
    return (uint32_t)atomic_load(&back);
}

/* Nothing is under way when the channel is disabled, so a packet that is
 * missing is no packet that was cancelled. */
bool packets_stop(void)
{
    bool rested;

    atomic_store(&stopping, true);
    rested = await(&at_rest);
    if (atomic_load(&wrong))
        printf("compute: %u packets failed or came back changed\n",
               (unsigned)atomic_load(&wrong));
    /* The client first: a server that goes takes the client's channel away. */
    VmbChannelDisable(client);
    VmbChannelCleanup(client);
    VmbChannelDisable(server);
    VmbChannelCleanup(server);
    return rested && !atomic_load(&wrong);
}
