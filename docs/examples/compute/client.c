/* SPDX-License-Identifier: BSD-2-Clause */
/* The client: see client.h. */
#include "client.h"

#include <stdio.h>
#include <string.h>

#include "server.h"
#include "vmbare.h"

enum { OPEN_SECONDS = 10 };

static EVT_VMB_CHANNEL_STARTED EvtStarted;
static EVT_VMB_CHANNEL_PROCESS_PACKET EvtPacket;
static EVT_VMB_PACKET_COMPLETION_ROUTINE EvtAnswer;

struct vmbare_messages client_answers;
/* As many as there can be requests under way: no answer finds it full. */
static struct outcome room[REQUESTS];
static VMBCHANNEL channel;
static struct vmbare_event is_open;

static VOID EvtStarted(VMBCHANNEL Channel)
{
    UNREFERENCED_PARAMETER(Channel);
    vmbare_event_set(&is_open);
}

/* The server sends nothing by itself, but a channel must have this callback. */
static VOID EvtPacket(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                      PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    UNREFERENCED_PARAMETER(Channel);
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(BufferLength);
    UNREFERENCED_PARAMETER(Flags);
    VmbChannelPacketComplete(Packet, NULL, 0);
}

/* At DISPATCH, on the channel's processor: passes the answer on to main. */
static VOID EvtAnswer(VMBPACKET Packet, NTSTATUS Status, PVOID Buffer,
                      UINT32 BufferLength)
{
    struct outcome outcome = {0};

    if (NT_SUCCESS(Status) && BufferLength == sizeof(outcome.answer)) {
        outcome.good = true;
        memcpy(&outcome.answer, Buffer, sizeof(outcome.answer));
    }
    VmbPacketFree(Packet);
    vmbare_messages_post(&client_answers, &outcome);
}

/* Everything that is set while the channel is still Disabled. */
static NTSTATUS configure(void)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelStarted = EvtStarted;
    status = VmbChannelInitSetStateChangeCallbacks(channel, &callbacks);
    if (NT_SUCCESS(status))
        status =
            VmbChannelInitSetProcessPacketCallbacks(channel, EvtPacket, NULL);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetTargetPnp(channel, &ComputeType,
                                                  &ComputeInstance, NULL);
    return NT_SUCCESS(status) ? VmbChannelEnable(channel) : status;
}

bool client_start(void)
{
    NTSTATUS status;

    vmbare_event_init(&is_open, "the channel to open", VMBARE_ONE_WAIT);
    vmbare_messages_init(&client_answers, "answers", room, sizeof(room[0]),
                         REQUESTS);
    status = VmbChannelAllocate(vmbare_loopback(), FALSE, &channel);
    if (!NT_SUCCESS(status)) {
        printf("compute: no memory for a channel\n");
        return false;
    }
    status = configure();
    if (!NT_SUCCESS(status))
        printf("compute: the channel cannot be set up, status 0x%08x\n",
               (unsigned)status);
    else if (vmbare_wait_for(&is_open.source, vmbare_after(OPEN_SECONDS)) ==
             VMBARE_OK)
        return true;
    else
        printf("compute: the channel did not open in %u s\n",
               (unsigned)OPEN_SECONDS);
    client_stop();
    return false;
}

bool client_send(const struct request *request)
{
    struct request copy = *request;
    VMBPACKET packet = VmbPacketAllocate(channel);

    if (!packet)
        return false;
    VmbPacketSetCompletionRoutine(packet, EvtAnswer);
    if (NT_SUCCESS(
            VmbPacketSend(packet, &copy, sizeof(copy), NULL,
                          VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION)))
        return true;
    VmbPacketFree(packet);
    return false;
}

void client_stop(void)
{
    VmbChannelDisable(channel);
    VmbChannelCleanup(channel);
}
