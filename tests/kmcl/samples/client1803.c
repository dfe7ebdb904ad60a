/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client as a driver for Windows 10 1803 would be written: all of KMCL
 * through the queried interface, packets of its own memory, external data by
 * MDL. Only the query call has another name than on Windows.
 */
#include "samples.h"

static EVT_VMB_CHANNEL_OPENED EvtOpened;
static EVT_VMB_CHANNEL_CLOSED EvtClosed;
static EVT_VMB_CHANNEL_PROCESS_PACKET EvtPacket;
static EVT_VMB_PACKET_COMPLETION_ROUTINE EvtSent;

static struct sample_driver *driver_of(KMCL_CLIENT_INTERFACE_V1 *kmcl,
                                       VMBCHANNEL Channel)
{
    return kmcl->VmbChannelGetPointer(Channel);
}

/* A driver keeps its interface where callbacks find it. */
static KMCL_CLIENT_INTERFACE_V1 Kmcl;

static NTSTATUS EvtOpened(VMBCHANNEL Channel)
{
    driver_of(&Kmcl, Channel)->open = TRUE;
    return STATUS_SUCCESS;
}

static VOID EvtClosed(VMBCHANNEL Channel)
{
    driver_of(&Kmcl, Channel)->open = FALSE;
}

static VOID EvtPacket(VMBCHANNEL Channel, VMBPACKETCOMPLETION Packet,
                      PVOID Buffer, UINT32 BufferLength, UINT32 Flags)
{
    UNREFERENCED_PARAMETER(Channel);
    UNREFERENCED_PARAMETER(Buffer);
    UNREFERENCED_PARAMETER(BufferLength);
    UNREFERENCED_PARAMETER(Flags);
    Kmcl.VmbChannelPacketComplete(Packet, NULL, 0);
}

static VOID EvtSent(VMBPACKET Packet, NTSTATUS Status, PVOID Buffer,
                    UINT32 BufferLength)
{
    struct sample_driver *driver = Kmcl.VmbPacketGetPointer(Packet);

    UNREFERENCED_PARAMETER(Buffer);
    driver->status = Status;
    driver->answered = BufferLength;
    driver->pending = FALSE;
}

static NTSTATUS Configure(struct sample_driver *driver)
{
    VMB_CHANNEL_STATE_CHANGE_CALLBACKS callbacks;
    NTSTATUS status;

    VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(&callbacks);
    callbacks.EvtChannelOpened = EvtOpened;
    callbacks.EvtChannelClosed = EvtClosed;
    Kmcl.VmbChannelSetPointer(driver->channel, driver);
    status =
        Kmcl.VmbChannelInitSetStateChangeCallbacks(driver->channel, &callbacks);
    if (NT_SUCCESS(status))
        status = Kmcl.VmbChannelInitSetProcessPacketCallbacks(driver->channel,
                                                              EvtPacket, NULL);
    if (NT_SUCCESS(status))
        status =
            Kmcl.VmbChannelInitSetMaximumExternalData(driver->channel, 8192, 2);
    if (NT_SUCCESS(status))
        status = Kmcl.VmbClientChannelInitSetTargetPnp(
            driver->channel, &SampleType, &SampleInstance, NULL);
    return status;
}

/* A packet in the driver's own memory, made once and sent many times. */
static NTSTATUS MakePacket(struct sample_driver *driver)
{
    NTSTATUS status;

    if (Kmcl.VmbChannelSizeofPacket(driver->channel) > sizeof(driver->memory))
        return STATUS_BUFFER_TOO_SMALL;
    driver->packet = (VMBPACKET)(PVOID)driver->memory;
    status = Kmcl.VmbPacketInitialize(driver->channel, driver->packet,
                                      sizeof(driver->memory));
    if (!NT_SUCCESS(status))
        return status;
    Kmcl.VmbPacketSetPointer(driver->packet, driver);
    Kmcl.VmbPacketSetCompletionRoutine(driver->packet, EvtSent);
    return STATUS_SUCCESS;
}

NTSTATUS SampleDriverStart(struct sample_driver *driver)
{
    NTSTATUS status;

    status =
        KmclQueryInterface(&KMCL_CLIENT_INTERFACE_TYPE, (PINTERFACE)&Kmcl,
                           sizeof(Kmcl), KMCL_CLIENT_INTERFACE_VERSION_LATEST);
    if (!NT_SUCCESS(status))
        return status;
    status = Kmcl.VmbChannelAllocate(NULL, FALSE, &driver->channel);
    if (!NT_SUCCESS(status)) {
        Kmcl.InterfaceDereference(Kmcl.Context);
        return status;
    }
    status = Configure(driver);
    if (NT_SUCCESS(status))
        status = MakePacket(driver);
    if (NT_SUCCESS(status))
        status = Kmcl.VmbChannelEnable(driver->channel);
    if (!NT_SUCCESS(status)) {
        Kmcl.VmbChannelCleanup(driver->channel);
        Kmcl.InterfaceDereference(Kmcl.Context);
    }
    return status;
}

/* Lends the pages of `mdl` to the server until EvtSent runs. */
NTSTATUS SampleDriverRead(struct sample_driver *driver, PMDL mdl)
{
    UINT64 request = 7;

    driver->pending = TRUE;
    return Kmcl.VmbPacketSendWithExternalMdl(
        driver->packet, &request, sizeof(request), mdl, 0, 0,
        VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION);
}

VOID SampleDriverStop(struct sample_driver *driver)
{
    Kmcl.VmbChannelDisable(driver->channel);
    Kmcl.VmbChannelCleanup(driver->channel);
    Kmcl.InterfaceDereference(Kmcl.Context);
}
