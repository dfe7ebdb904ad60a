/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest server: answers each request with its successor. Packets are
 * handled at DISPATCH, so nothing here may wait. docs/kmcl-guide.md quotes
 * this file.
 */
#include "samples.h"

static EVT_VMB_CHANNEL_PROCESS_PACKET EvtPacket;

static VOID EvtPacket(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                      PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    struct sample_server *server = VmbChannelGetPointer(Channel);
    UINT64 answer;

    UNREFERENCED_PARAMETER(Flags);
    if (BufferLength < sizeof(answer)) {
        VmbChannelPacketFail(Packet); /* so wrong that the channel stops */
        return;
    }
    answer = *(UINT64 *)Buffer + 1;
    server->requests++;
    VmbChannelPacketComplete(Packet, &answer, sizeof(answer));
}

NTSTATUS SampleServerStart(struct sample_server *server)
{
    NTSTATUS status = VmbChannelAllocate(NULL, TRUE, &server->channel);

    if (!NT_SUCCESS(status))
        return status;
    VmbChannelSetPointer(server->channel, server);
    status = VmbChannelInitSetProcessPacketCallbacks(server->channel, EvtPacket,
                                                     NULL);
    if (NT_SUCCESS(status))
        status = VmbServerChannelInitSetTargetInterfaceId(
            server->channel, SampleType, SampleInstance);
    if (NT_SUCCESS(status))
        status = VmbChannelEnable(server->channel);
    if (!NT_SUCCESS(status)) {
        VmbChannelCleanup(server->channel);
        return status;
    }
    VmbChannelStart(server->channel); /* a server starts out paused */
    return STATUS_SUCCESS;
}

/* Sends by itself; the packet frees itself when it is in the ring. */
NTSTATUS SampleServerNotify(struct sample_server *server, UINT64 number)
{
    VMBPACKET packet = VmbPacketAllocate(server->channel);
    NTSTATUS status;

    if (!packet)
        return STATUS_INSUFFICIENT_RESOURCES;
    status = VmbPacketSend(packet, &number, sizeof(number), NULL, 0);
    if (!NT_SUCCESS(status))
        VmbPacketFree(packet);
    return status;
}

VOID SampleServerStop(struct sample_server *server)
{
    VmbChannelDisable(server->channel);
    VmbChannelCleanup(server->channel);
}
