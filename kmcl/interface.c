/*
 * The queried interface: the documented pointers, and their reference count.
 */
#include "kmcl_interface.h"

#include "root.h"

const GUID KMCL_CLIENT_INTERFACE_TYPE = {
    0x6b6d636cu,
    0x7631,
    0x4c01,
    {0x9a, 0x11, 0x76, 0x6d, 0x62, 0x61, 0x72, 0x65}};
const GUID KMCL_SERVER_INTERFACE_TYPE = {
    0x6b6d636cu,
    0x7631,
    0x5301,
    {0x9a, 0x11, 0x76, 0x6d, 0x62, 0x61, 0x72, 0x65}};

/* A server's interface begins as a client's, so one table serves both. */
static const KMCL_SERVER_INTERFACE_V1 methods = {
    .VmbChannelAllocate = VmbChannelAllocate,
    .VmbChannelCleanup = VmbChannelCleanup,
    .VmbChannelCreateGpadlFromBuffer = VmbChannelCreateGpadlFromBuffer,
    .VmbChannelCreateGpadlFromMdl = VmbChannelCreateGpadlFromMdl,
    .VmbChannelDeleteGpadl = VmbChannelDeleteGpadl,
    .VmbChannelDisable = VmbChannelDisable,
    .VmbChannelEnable = VmbChannelEnable,
    .VmbChannelGetInterfaceInstance = VmbChannelGetInterfaceInstance,
    .VmbChannelGetMmioSpace = VmbChannelGetMmioSpace,
    .VmbChannelGetPointer = VmbChannelGetPointer,
    .VmbChannelInitSetClientContextSize = VmbChannelInitSetClientContextSize,
    .VmbChannelInitSetFlags = VmbChannelInitSetFlags,
    .VmbChannelInitSetFriendlyName = VmbChannelInitSetFriendlyName,
    .VmbChannelInitSetMaximumExternalData =
        VmbChannelInitSetMaximumExternalData,
    .VmbChannelInitSetMaximumPacketSize = VmbChannelInitSetMaximumPacketSize,
    .VmbChannelInitSetProcessPacketCallbacks =
        VmbChannelInitSetProcessPacketCallbacks,
    .VmbChannelInitSetStateChangeCallbacks =
        VmbChannelInitSetStateChangeCallbacks,
    .VmbChannelPacketComplete = VmbChannelPacketComplete,
    .VmbChannelPacketDeferToPassive = VmbChannelPacketDeferToPassive,
    .VmbChannelPacketFail = VmbChannelPacketFail,
    .VmbChannelPacketGetExternalData = VmbChannelPacketGetExternalData,
    .VmbChannelPause = VmbChannelPause,
    .VmbChannelSendSynchronousRequest = VmbChannelSendSynchronousRequest,
    .VmbChannelSetIncomingProcessingAtPassive =
        VmbChannelSetIncomingProcessingAtPassive,
    .VmbChannelSetInterruptLatency = VmbChannelSetInterruptLatency,
    .VmbChannelSetPointer = VmbChannelSetPointer,
    .VmbChannelSetTransactionQuota = VmbChannelSetTransactionQuota,
    .VmbChannelSizeofPacket = VmbChannelSizeofPacket,
    .VmbChannelStart = VmbChannelStart,
    .VmbClientChannelInitSetRingBufferPageCount =
        VmbClientChannelInitSetRingBufferPageCount,
    .VmbClientChannelInitSetTargetPnp = VmbClientChannelInitSetTargetPnp,
    .VmbPacketAllocate = VmbPacketAllocate,
    .VmbPacketFree = VmbPacketFree,
    .VmbPacketGetChannel = VmbPacketGetChannel,
    .VmbPacketGetPointer = VmbPacketGetPointer,
    .VmbPacketInitialize = VmbPacketInitialize,
    .VmbPacketSend = VmbPacketSend,
    .VmbPacketSendWithExternalMdl = VmbPacketSendWithExternalMdl,
    .VmbPacketSendWithExternalPfns = VmbPacketSendWithExternalPfns,
    .VmbPacketSetCompletionRoutine = VmbPacketSetCompletionRoutine,
    .VmbPacketSetPointer = VmbPacketSetPointer,
    .VmbChannelMapGpadl = VmbChannelMapGpadl,
    .VmbChannelRestoreFromBuffer = VmbChannelRestoreFromBuffer,
    .VmbChannelSaveBegin = VmbChannelSaveBegin,
    .VmbChannelSaveContinue = VmbChannelSaveContinue,
    .VmbChannelSaveEnd = VmbChannelSaveEnd,
    .VmbChannelUnmapGpadl = VmbChannelUnmapGpadl,
    .VmbConvertVmbusHandleToKernelHandle = VmbConvertVmbusHandleToKernelHandle,
    .VmbPacketRestore = VmbPacketRestore,
    .VmbServerChannelInitSetFlags = VmbServerChannelInitSetFlags,
    .VmbServerChannelInitSetMmioMegabytes =
        VmbServerChannelInitSetMmioMegabytes,
    .VmbServerChannelInitSetSaveRestorePacketCallbacks =
        VmbServerChannelInitSetSaveRestorePacketCallbacks,
    .VmbServerChannelInitSetTargetInterfaceId =
        VmbServerChannelInitSetTargetInterfaceId,
    .VmbServerChannelInitSetTargetVtl = VmbServerChannelInitSetTargetVtl,
    .VmbServerChannelInitSetVmbusHandle = VmbServerChannelInitSetVmbusHandle,
};

_Static_assert(offsetof(KMCL_SERVER_INTERFACE_V1, VmbChannelMapGpadl) == 360,
               "the server's slots follow the client's");

static VOID reference(PVOID context)
{
    struct kmcl *kmcl = context;

    __atomic_add_fetch(&kmcl->interface_references, 1, __ATOMIC_RELAXED);
}

static VOID dereference(PVOID context)
{
    struct kmcl *kmcl = context;

    SEAM_ASSERT(kmcl->s, kmcl->interface_references,
                "each reference is given back once");
    __atomic_sub_fetch(&kmcl->interface_references, 1, __ATOMIC_RELAXED);
}

NTSTATUS KmclQueryInterface(LPCGUID InterfaceType, PINTERFACE Interface,
                            USHORT Size, USHORT Version)
{
    struct kmcl *kmcl = seam_default_kmcl();
    KMCL_SERVER_INTERFACE_V1 filled = methods;
    USHORT size;

    if (!InterfaceType || !Interface)
        return STATUS_INVALID_PARAMETER;
    if (!memcmp(InterfaceType, &KMCL_CLIENT_INTERFACE_TYPE, sizeof(GUID)))
        size = sizeof(KMCL_CLIENT_INTERFACE_V1);
    else if (!memcmp(InterfaceType, &KMCL_SERVER_INTERFACE_TYPE, sizeof(GUID)))
        size = sizeof(KMCL_SERVER_INTERFACE_V1);
    else
        return STATUS_NOT_SUPPORTED;
    if (Version != KMCL_CLIENT_INTERFACE_VERSION_V1)
        return STATUS_NOT_SUPPORTED;
    if (Size != size)
        return STATUS_BUFFER_TOO_SMALL;
    if (!kmcl)
        return STATUS_INVALID_DEVICE_STATE;

    filled.Size = size;
    filled.Version = Version;
    filled.Context = kmcl;
    filled.InterfaceReference = reference;
    filled.InterfaceDereference = dereference;
    memcpy(Interface, &filled, size);
    reference(kmcl);
    return STATUS_SUCCESS;
}
