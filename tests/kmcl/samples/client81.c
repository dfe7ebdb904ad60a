/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest client, as a driver for Windows 8.1 would call KMCL: plain
 * functions. It sends one request, gets the answer, and counts what the
 * server sends by itself. docs/kmcl-guide.md quotes this file.
 */
#include "samples.h"

static EVT_VMB_CHANNEL_PROCESS_PACKET EvtPacket;
static EVT_VMB_CHANNEL_POST_STARTED EvtPostStarted;

/* Each packet is completed once; here at once, and empty. */
static VOID EvtPacket(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                      PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    struct sample_client *client = VmbChannelGetPointer(Channel);

    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(BufferLength);
    UNREFERENCED_PARAMETER(Flags);
    client->received++;
    VmbChannelPacketComplete(Packet, NULL, 0);
}

/* Packets flow: the place to negotiate, because here one may wait. */
static VOID EvtPostStarted(VMBCHANNEL Channel)
{
    struct sample_client *client = VmbChannelGetPointer(Channel);
    UINT32 size = sizeof(client->answer);
    UINT64 version = 1;

    client->status = VmbChannelSendSynchronousRequest(
        Channel, &version, sizeof(version), NULL,
        VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION, &client->answer, &size,
        NULL);
}

NTSTATUS SampleClientStart(struct sample_client *client)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status;

    status = VmbChannelAllocate(client->bus, FALSE, &client->channel);
    if (!NT_SUCCESS(status))
        return status;
    VmbChannelSetPointer(client->channel, client);

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelPostStarted = EvtPostStarted;
    status = VmbChannelInitSetStateChangeCallbacks(client->channel, &callbacks);
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetProcessPacketCallbacks(client->channel,
                                                         EvtPacket, NULL);
    if (NT_SUCCESS(status))
        status = VmbClientChannelInitSetTargetPnp(client->channel, &SampleType,
                                                  NULL, NULL);
    if (NT_SUCCESS(status))
        status = VmbChannelEnable(client->channel);
    if (!NT_SUCCESS(status))
        VmbChannelCleanup(client->channel);
    return status;
}

VOID SampleClientStop(struct sample_client *client)
{
    VmbChannelDisable(client->channel);
    VmbChannelCleanup(client->channel);
}
