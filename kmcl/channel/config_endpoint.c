/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration that only a client, or only a server, has. The functions of the
 * other endpoint refuse the channel with STATUS_INVALID_PARAMETER_1.
 */
#include "kmcl/base/instances.h"
#include "kmcl/channel/config.h"

/* Both rings with their control pages are one GPADL. */
#define RING_PAGES_MAX (VMBUS_GPADL_PAGES_MAX / 2 - 1)

/* Levels that Hyper-V uses. [TLFS] */
#define VTL_MAX 2

/* Parts of a transfer-page packet, 8 bytes each, that its header surely has
 * room for: twice as many would not. */
#define PARTS_MAX 32768u

NTSTATUS VmbClientChannelInitSetRingBufferPageCount(VMBCHANNEL Channel,
                                                    UINT32 IncomingPageCount,
                                                    UINT32 OutgoingPageCount)
{
    if (!kmcl_client_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    /* Whether a packet of the maximum size fits is checked by VmbChannelEnable,
     * because the maxima may be set later. */
    if (!IncomingPageCount || IncomingPageCount > RING_PAGES_MAX)
        return STATUS_INVALID_PARAMETER_2;
    if (!OutgoingPageCount || OutgoingPageCount > RING_PAGES_MAX)
        return STATUS_INVALID_PARAMETER_3;
    /* Without this call the rings are as large as the maxima need. */
    Channel->set.incoming_pages = IncomingPageCount;
    Channel->set.outgoing_pages = OutgoingPageCount;
    return STATUS_SUCCESS;
}

NTSTATUS
VmbClientChannelInitSetTargetPnp(VMBCHANNEL Channel, LPCGUID InterfaceType,
                                 LPCGUID InterfaceInstance,
                                 PFN_VMB_CHANNEL_PNP_FAILURE PnpFailureCallback)
{
    struct kmcl_settings *set;

    if (!kmcl_client_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    if (!InterfaceType)
        return STATUS_INVALID_PARAMETER_2;
    set = &Channel->set;
    /* Without an instance the first offer of the type will do [D]. */
    set->target = InterfaceInstance ? KMCL_TARGET_INSTANCE : KMCL_TARGET_TYPE;
    set->type = *InterfaceType;
    set->instance = InterfaceInstance ? *InterfaceInstance : (GUID){0};
    kmcl_instance_set(Channel);
    /* NULL is valid: the failure is only logged. */
    set->pnp_failure = PnpFailureCallback;
    return STATUS_SUCCESS;
}

NTSTATUS VmbServerChannelInitSetFlags(VMBCHANNEL Channel, UINT32 Flags)
{
    if (!kmcl_server_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    if (Flags & ~VMBUS_SERVER_CHANNEL_INIT_FLAGS)
        return STATUS_INVALID_PARAMETER_2;
    if (!kmcl_set_flags(Channel, Channel->set.flags, Flags))
        return STATUS_INVALID_PARAMETER_1;
    return STATUS_SUCCESS;
}

NTSTATUS VmbServerChannelInitSetMmioMegabytes(VMBCHANNEL Channel,
                                              UINT16 MmioMegabytes,
                                              UINT16 MmioMegabytesOptional)
{
    if (!kmcl_server_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    /* This status has no number of an argument, because it is about both [D].
     */
    if (!MmioMegabytes && !MmioMegabytesOptional)
        return STATUS_INVALID_PARAMETER;
    /* Both go into the offer; the guest looks for the space. */
    Channel->set.mmio_megabytes = MmioMegabytes;
    Channel->set.mmio_megabytes_optional = MmioMegabytesOptional;
    return STATUS_SUCCESS;
}

NTSTATUS VmbServerChannelInitSetSaveRestorePacketCallbacks(
    VMBCHANNEL Channel, PFN_VMB_CHANNEL_SAVE_PACKET SavePacketCallback,
    PFN_VMB_CHANNEL_RESTORE_PACKET RestorePacketCallback)
{
    if (!kmcl_server_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    /* Either may be NULL: then there is nothing of the driver's to save. */
    Channel->set.save_packet = SavePacketCallback;
    Channel->set.restore_packet = RestorePacketCallback;
    return STATUS_SUCCESS;
}

NTSTATUS VmbServerChannelInitSetTargetInterfaceId(VMBCHANNEL Channel,
                                                  GUID InterfaceType,
                                                  GUID InterfaceInstance)
{
    if (!kmcl_server_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    /* An offer always has an instance of its own. */
    Channel->set.target = KMCL_TARGET_INSTANCE;
    Channel->set.type = InterfaceType;
    Channel->set.instance = InterfaceInstance;
    kmcl_instance_set(Channel);
    return STATUS_SUCCESS;
}

/* Windows has no name for this; a network's client needs it. */
NTSTATUS kmcl_client_set_parts(VMBCHANNEL channel, UINT32 count)
{
    if (!kmcl_client_configurable(channel))
        return STATUS_INVALID_PARAMETER_1;
    /* The parts lie in the packet's own header. */
    if (count > PARTS_MAX)
        return STATUS_INVALID_PARAMETER_2;
    channel->set.max_parts = count;
    return STATUS_SUCCESS;
}

/* Windows documents no name for this; a network's client needs it, too. */
NTSTATUS kmcl_client_set_subchannel(VMBCHANNEL channel, UINT16 index)
{
    if (!kmcl_client_configurable(channel))
        return STATUS_INVALID_PARAMETER_1;
    /* Whether an instance is named as well VmbChannelEnable looks. */
    channel->set.subchannel = index;
    return STATUS_SUCCESS;
}

/* Windows has no name for this; a host with sub-channels needs it. */
NTSTATUS kmcl_server_set_subchannel(VMBCHANNEL channel, UINT16 index)
{
    if (!kmcl_server_configurable(channel))
        return STATUS_INVALID_PARAMETER_1;
    channel->set.subchannel = index;
    return STATUS_SUCCESS;
}

/* Nor for this. */
NTSTATUS kmcl_server_set_connects(VMBCHANNEL channel, BOOLEAN host_connects)
{
    if (!kmcl_server_configurable(channel))
        return STATUS_INVALID_PARAMETER_1;
    channel->set.host_connects = host_connects != 0;
    return STATUS_SUCCESS;
}

/* Nor for this: whether Windows monitors a channel its host decides. */
NTSTATUS kmcl_server_set_monitored(VMBCHANNEL channel, BOOLEAN monitored)
{
    if (!kmcl_server_configurable(channel))
        return STATUS_INVALID_PARAMETER_1;
    channel->set.monitored = monitored;
    return STATUS_SUCCESS;
}

NTSTATUS VmbServerChannelInitSetTargetVtl(VMBCHANNEL Channel, UINT8 TargetVtl)
{
    if (!kmcl_server_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    /* Whether the guest runs at that level is checked by VmbChannelEnable. */
    if (TargetVtl > VTL_MAX)
        return STATUS_INVALID_PARAMETER_2;
    /* Only what is valid is kept. */
    Channel->set.target_vtl = TargetVtl;
    return STATUS_SUCCESS;
}
