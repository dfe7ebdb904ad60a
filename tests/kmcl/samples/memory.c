/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that a client lets its server use: for one packet (external data), and
 * for longer (a GPADL). The server adds up the bytes either way.
 * docs/kmcl-guide.md quotes this file.
 */
#include "samples.h"

static EVT_VMB_CHANNEL_PROCESS_PACKET EvtPacket;

/* What the client sends with external data, or with a GPADL's handle. */
struct request {
    UINT32 handle; /* 0: the bytes are the packet's external data */
    UINT32 reserved;
};

/* ---- the server --------------------------------------------------------- */

/* Adds the bytes of a chain. KMCL maps each MDL at the first call. */
static NTSTATUS AddUp(PMDL mdl, UINT64 *sum)
{
    for (; mdl; mdl = mdl->Next) {
        UINT8 *bytes = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);

        if (!bytes)
            return STATUS_INSUFFICIENT_RESOURCES;
        for (ULONG i = 0; i < MmGetMdlByteCount(mdl); i++)
            *sum += bytes[i];
    }
    return STATUS_SUCCESS;
}

/* KMCL's MDL ends with the packet; the driver frees nothing. */
static NTSTATUS OfPacket(VMBPACKETCOMPLETION packet, UINT64 *sum)
{
    PMDL mdl;
    NTSTATUS status = VmbChannelPacketGetExternalData(
        packet, VMBUS_CHANNEL_PACKET_EXTERNAL_DATA_FLAG_READ_ONLY, &mdl);

    /* STATUS_PENDING: return, the packet comes again (never on vmbare). */
    return status == STATUS_SUCCESS ? AddUp(mdl, sum) : status;
}

/* A mapping may live longer than the packet; this one does not. */
static NTSTATUS OfGpadl(VMBCHANNEL channel, UINT32 handle, UINT64 *sum)
{
    PMDL mdl;
    NTSTATUS status = VmbChannelMapGpadl(
        channel, VMBUS_CHANNEL_GPADL_FLAG_READ_ONLY, handle, &mdl);

    if (!NT_SUCCESS(status))
        return status;
    status = AddUp(mdl, sum);
    VmbChannelUnmapGpadl(channel, handle);
    return status;
}

static VOID EvtPacket(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                      PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    struct request *request = Buffer;
    NTSTATUS status;
    UINT64 sum = 0;

    /* Mapping is for PASSIVE: let the same packet come again there. */
    if (KeGetCurrentIrql() != PASSIVE_LEVEL) {
        VmbChannelPacketDeferToPassive(Packet);
        return;
    }
    if (BufferLength < sizeof(*request))
        status = STATUS_INVALID_PARAMETER;
    else if (Flags & VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA)
        status = OfPacket(Packet, &sum);
    else
        status = OfGpadl(Channel, request->handle, &sum);
    if (status == STATUS_PENDING)
        return;
    /* An empty completion says that it did not work. */
    if (NT_SUCCESS(status))
        VmbChannelPacketComplete(Packet, &sum, sizeof(sum));
    else
        VmbChannelPacketComplete(Packet, NULL, 0);
}

NTSTATUS SampleAdderStart(VMBCHANNEL *Channel)
{
    NTSTATUS status = VmbChannelAllocate(NULL, TRUE, Channel);

    if (!NT_SUCCESS(status))
        return status;
    status = VmbChannelInitSetProcessPacketCallbacks(*Channel, EvtPacket, NULL);
    /* As much external data as one packet may bring: 64 KiB in 4 MDLs. */
    if (NT_SUCCESS(status))
        status = VmbChannelInitSetMaximumExternalData(*Channel, 65536, 4);
    if (NT_SUCCESS(status))
        status = VmbServerChannelInitSetTargetInterfaceId(*Channel, SampleType,
                                                          SampleInstance);
    if (NT_SUCCESS(status))
        status = VmbChannelEnable(*Channel);
    if (!NT_SUCCESS(status)) {
        VmbChannelCleanup(*Channel);
        return status;
    }
    VmbChannelStart(*Channel);
    return STATUS_SUCCESS;
}

/* ---- the client --------------------------------------------------------- */

/* Sends the request and waits for the sum. */
static NTSTATUS Ask(VMBCHANNEL channel, struct request *request, PMDL mdl,
                    UINT64 *sum)
{
    UINT32 size = sizeof(*sum);
    NTSTATUS status = VmbChannelSendSynchronousRequest(
        channel, request, sizeof(*request), mdl,
        VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION, sum, &size, NULL);

    if (NT_SUCCESS(status) && size != sizeof(*sum))
        return STATUS_UNSUCCESSFUL;
    return status;
}

/* Lends the bytes for one request: they are the client's again when it is
 * complete. They may begin and end anywhere. */
NTSTATUS SampleAddLent(VMBCHANNEL Channel, PVOID Bytes, ULONG Size, UINT64 *Sum)
{
    struct request request = {0};
    PMDL mdl = IoAllocateMdl(Bytes, Size, FALSE, FALSE, NULL);
    NTSTATUS status;

    if (!mdl)
        return STATUS_INSUFFICIENT_RESOURCES;
    MmBuildMdlForNonPagedPool(mdl);
    status = Ask(Channel, &request, mdl, Sum);
    IoFreeMdl(mdl);
    return status;
}

/* Shares whole pages, for as many requests as there are, until the host has let
 * go of them: VmbChannelDeleteGpadl waits for that. */
NTSTATUS SampleAddShared(VMBCHANNEL Channel, PVOID Pages, UINT32 Size,
                         UINT64 *Sum)
{
    struct request request = {0};
    NTSTATUS status = VmbChannelCreateGpadlFromBuffer(
        Channel, VMBUS_CHANNEL_GPADL_READ_ONLY, Pages, Size, &request.handle);

    if (!NT_SUCCESS(status))
        return status;
    status = Ask(Channel, &request, NULL, Sum);
    VmbChannelDeleteGpadl(Channel, request.handle);
    return status;
}
