/*
 * Configuration that only a client, or only a server, has.
 */
#include "kmcl/channel/config.h"

/* Both rings with their control pages are one GPADL. */
#define RING_PAGES_MAX (VMBUS_GPADL_PAGES_MAX / 2 - 1)

/* Levels that Hyper-V uses. [TLFS] */
#define VTL_MAX 2

NTSTATUS VmbClientChannelInitSetRingBufferPageCount(VMBCHANNEL Channel,
                                                    UINT32 IncomingPageCount,
                                                    UINT32 OutgoingPageCount)
{
    if (!kmcl_client_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    if (!IncomingPageCount || IncomingPageCount > RING_PAGES_MAX)
        return STATUS_INVALID_PARAMETER_2;
    if (!OutgoingPageCount || OutgoingPageCount > RING_PAGES_MAX)
        return STATUS_INVALID_PARAMETER_3;
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
    set->target = InterfaceInstance ? KMCL_TARGET_INSTANCE : KMCL_TARGET_TYPE;
    set->type = *InterfaceType;
    set->instance = InterfaceInstance ? *InterfaceInstance : (GUID){0};
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
    if (!MmioMegabytes && !MmioMegabytesOptional)
        return STATUS_INVALID_PARAMETER;
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
    Channel->set.target = KMCL_TARGET_INSTANCE;
    Channel->set.type = InterfaceType;
    Channel->set.instance = InterfaceInstance;
    return STATUS_SUCCESS;
}

NTSTATUS kmcl_server_set_subchannel(VMBCHANNEL channel, UINT16 index)
{
    if (!kmcl_server_configurable(channel))
        return STATUS_INVALID_PARAMETER_1;
    channel->set.subchannel = index;
    return STATUS_SUCCESS;
}

NTSTATUS VmbServerChannelInitSetTargetVtl(VMBCHANNEL Channel, UINT8 TargetVtl)
{
    if (!kmcl_server_configurable(Channel))
        return STATUS_INVALID_PARAMETER_1;
    if (TargetVtl > VTL_MAX)
        return STATUS_INVALID_PARAMETER_2;
    Channel->set.target_vtl = TargetVtl;
    return STATUS_SUCCESS;
}
