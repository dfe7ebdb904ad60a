/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The queried interface: the documented pointers, and their reference count.
 *
 * On Windows 10 1803 and later drivers get KMCL's functions in a structure that
 * they query from the bus driver. Here the pointers lead to the plain
 * functions, so both ways have the same effect.
 */
#include "kmcl/interface.h"

#include "kmcl/base/root.h"
#include "kmcl/base/server_half.h"

/* The values of these two are not documented, so they are our own [P]. */
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

/* A server's interface begins as a client's; the rest of it is the server
 * half's (server_half.h). */
static const KMCL_CLIENT_INTERFACE_V1 methods = {
    /* In the order of the documented structure, which is alphabetical [D]. */
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
};

_Static_assert(offsetof(KMCL_SERVER_INTERFACE_V1, VmbChannelMapGpadl) == 360,
               "the server's slots follow the client's");

/* Counts the users of the interface, so that kmcl_detach() can see that none is
 * left. Any IRQL. */
static VOID reference(PVOID context)
{
    struct kmcl *kmcl = context;

    __atomic_add_fetch(&kmcl->interface_references, 1, __ATOMIC_RELAXED);
}

/* Gives one reference back. Any IRQL. */
static VOID dereference(PVOID context)
{
    struct kmcl *kmcl = context;

    SEAM_ASSERT(kmcl->s, kmcl->interface_references,
                "each reference is given back once");
    __atomic_sub_fetch(&kmcl->interface_references, 1, __ATOMIC_RELAXED);
}

/* Compares interface types by their bytes. */
static bool is_type(LPCGUID type, LPCGUID wanted)
{
    return !memcmp(type, wanted, sizeof(GUID));
}

NTSTATUS KmclQueryInterface(LPCGUID InterfaceType, PINTERFACE Interface,
                            USHORT Size, USHORT Version)
{
    const struct kmcl_server_half *server;
    KMCL_CLIENT_INTERFACE_V1 filled = methods;
    USHORT size = sizeof(KMCL_CLIENT_INTERFACE_V1);
    struct kmcl *kmcl;
    bool for_server;

    if (!InterfaceType || !Interface)
        return STATUS_INVALID_PARAMETER;
    /* Check everything before anything is written: a refused caller's structure
     * stays as it was. */
    for_server = is_type(InterfaceType, &KMCL_SERVER_INTERFACE_TYPE);
    if (!for_server && !is_type(InterfaceType, &KMCL_CLIENT_INTERFACE_TYPE))
        return STATUS_NOT_SUPPORTED;
    if (for_server)
        size = sizeof(KMCL_SERVER_INTERFACE_V1);
    /* Later versions have functions whose prototypes are not documented. */
    if (Version != KMCL_CLIENT_INTERFACE_VERSION_V1)
        return STATUS_NOT_SUPPORTED;
    /* A caller with another structure would read beyond what is filled in. */
    if (Size != size)
        return STATUS_BUFFER_TOO_SMALL;
    /* Servers have their bus beside a real one, which has no host half. */
    kmcl = for_server ? kmcl_server_root() : seam_root();
    if (!kmcl)
        return STATUS_INVALID_DEVICE_STATE;
    /* Only an image with a host half has the server's functions. */
    server = kmcl->config.server;
    if (for_server && !server) {
        seam_log(kmcl->s, SEAM_LOG_ERROR,
                 "kmcl: no interface for servers: no bus with a host half is "
                 "attached, for example a loopback");
        return STATUS_NOT_SUPPORTED;
    }

    /* The head is that of every WDM interface [W]. */
    filled.Size = size;
    filled.Version = Version;
    filled.Context = kmcl;
    filled.InterfaceReference = reference;
    filled.InterfaceDereference = dereference;
    /* The server's structure begins with the client's, as Windows' does. */
    memcpy(Interface, &filled, sizeof(filled));
    if (for_server)
        memcpy((uint8_t *)Interface + sizeof(filled), &server->methods,
               sizeof(server->methods));
    /* A successful query has taken one reference [W]. */
    reference(kmcl);
    return STATUS_SUCCESS;
}
