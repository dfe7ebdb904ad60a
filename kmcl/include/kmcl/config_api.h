/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channel configuration: sixteen functions, all PASSIVE [I], all but
 * VmbConvertVmbusHandleToKernelHandle for a Disabled channel only. (The
 * documentation's "invalid state, such as Disabled" means the opposite: it
 * names the state that is required.)
 *
 * What the caller passes is copied. Items for all: 11, 12, 13, 23, 25.
 */
#ifndef KMCL_CONFIG_API_H
#define KMCL_CONFIG_API_H

#include "kmcl/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- either endpoint --------------------------------------------------- */

/**
 * Sets (replaces [P]) the flags VMBUS_CHANNEL_INIT_FLAG_*.
 *
 * @Flags    VMBUS_CHANNEL_INIT_FLAG_*, or 0
 * @differs  the call replaces all flags; Windows does not say whether it adds
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, not Disabled, or the channel would
 *                               become a pipe, or be one no longer, while
 *                               packets are queued; nothing changes
 *   STATUS_INVALID_PARAMETER_2  unknown bit [D]
 * IRQL: PASSIVE [I].
 * Items: 16.
 */
typedef NTSTATUS FN_VMB_CHANNEL_INIT_SET_FLAGS(_In_ VMBCHANNEL Channel,
                                               _In_ UINT32 Flags);
FN_VMB_CHANNEL_INIT_SET_FLAGS VmbChannelInitSetFlags;

/**
 * Names the channel in log lines [D]. The first 47 characters are kept;
 * characters outside printable ASCII become '?' [P].
 *
 * @Name     the name; need not stay after the call
 * @differs  the name appears in log lines only, cut to 47 characters of ASCII
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle or not Disabled; nothing changes
 *   STATUS_INVALID_PARAMETER_2  NULL, odd length, or NULL buffer with length
 *                               [P]
 * IRQL: PASSIVE [I].
 * Items: 25.
 */
typedef NTSTATUS
FN_VMB_CHANNEL_INIT_SET_FRIENDLY_NAME(_In_ VMBCHANNEL Channel,
                                      _In_ PCUNICODE_STRING Name);
FN_VMB_CHANNEL_INIT_SET_FRIENDLY_NAME VmbChannelInitSetFriendlyName;

/**
 * Reserves ContextSize bytes (0..65536) with each incoming packet [D]. No V1
 * function reaches them.
 *
 * @ContextSize  bytes, 0 to 65536; 0: none
 * @differs      the limit
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle or not Disabled; nothing changes
 *   STATUS_INVALID_PARAMETER_2  more than 65536 [P]
 * IRQL: PASSIVE [I].
 * Items: 104.
 */
typedef NTSTATUS
FN_VMB_CHANNEL_INIT_SET_CLIENT_CONTEXT_SIZE(_In_ VMBCHANNEL Channel,
                                            _In_ UINT32 ContextSize);
FN_VMB_CHANNEL_INIT_SET_CLIENT_CONTEXT_SIZE VmbChannelInitSetClientContextSize;

/**
 * The largest inline packet that will be sent, in bytes; also the largest
 * response of VmbChannelPacketComplete. What is received may be larger.
 *
 * @PacketSize  bytes, 1 to 524,256
 * @differs     the upper limit, which Windows does not name
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle or not Disabled; nothing changes
 *   STATUS_INVALID_PARAMETER_2  0 [D], or more than 524,256: the wire's
 *                               length field ends there [P]
 * IRQL: PASSIVE [I].
 * Items: 14, 26, 68.
 */
typedef NTSTATUS
FN_VMB_CHANNEL_INIT_SET_MAXIMUM_PACKET_SIZE(_In_ VMBCHANNEL Channel,
                                            _In_ UINT32 PacketSize);
FN_VMB_CHANNEL_INIT_SET_MAXIMUM_PACKET_SIZE VmbChannelInitSetMaximumPacketSize;

/**
 * The largest external buffer in bytes and the longest MDL chain, for both
 * directions.
 *
 * @DataSize     bytes of the largest buffer, above 0
 * @ChainLength  MDLs of the longest chain, above 0
 * @differs      the limits hold for both directions; Windows names ChainLength
 *               for incoming chains only
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle or not Disabled; nothing changes
 *   STATUS_INVALID_PARAMETER_2  DataSize is 0 [D], or its frames, one for
 *                               each 4,096 bytes, do not fit a packet [P]
 *   STATUS_INVALID_PARAMETER_3  ChainLength is 0 [D], or with so many MDLs
 *                               they do not [P]
 * IRQL: PASSIVE [I].
 * Items: 15, 26, 89.
 */
typedef NTSTATUS FN_VMB_CHANNEL_INIT_SET_MAXIMUM_EXTERNAL_DATA(
    _In_ VMBCHANNEL Channel, _In_ UINT32 DataSize, _In_ UINT32 ChainLength);
FN_VMB_CHANNEL_INIT_SET_MAXIMUM_EXTERNAL_DATA
VmbChannelInitSetMaximumExternalData;

/**
 * The callback for each packet and the one for the end of each batch (may be
 * NULL [D18]). Without this call incoming packets are completed empty [P].
 *
 * @ProcessPacketCallback  called for each packet
 * @ProcessingCompleteCallback  called at the end of each batch; may be NULL
 * @differs  without this call incoming packets are completed empty; Windows
 *           does not say
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle or not Disabled; nothing changes
 *   STATUS_INVALID_PARAMETER_2  ProcessPacketCallback is NULL [P]
 * IRQL: PASSIVE [I].
 * Items: 20.
 */
typedef NTSTATUS FN_VMB_CHANNEL_INIT_SET_PROCESS_PACKET_CALLBACKS(
    _In_ VMBCHANNEL Channel,
    _In_ PFN_VMB_CHANNEL_PROCESS_PACKET ProcessPacketCallback,
    _In_opt_ PFN_VMB_CHANNEL_PROCESSING_COMPLETE ProcessingCompleteCallback);
FN_VMB_CHANNEL_INIT_SET_PROCESS_PACKET_CALLBACKS
VmbChannelInitSetProcessPacketCallbacks;

/**
 * The five state-change callbacks, of which each may be NULL [D]; the
 * structure is copied.
 *
 * @StateChangeCallbacks  as VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT prepared
 *                        it; need not stay after the call
 * @differs               nothing that is known
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle or not Disabled; nothing changes
 *   STATUS_INVALID_PARAMETER_2  NULL, or wrong Version or Size [D]
 * IRQL: PASSIVE [I].
 * Items: 18, 19.
 */
typedef NTSTATUS FN_VMB_CHANNEL_INIT_SET_STATE_CHANGE_CALLBACKS(
    _In_ VMBCHANNEL Channel,
    _In_ PVMB_CHANNEL_STATE_CHANGE_CALLBACKS StateChangeCallbacks);
FN_VMB_CHANNEL_INIT_SET_STATE_CHANGE_CALLBACKS
VmbChannelInitSetStateChangeCallbacks;

/* ---- client ------------------------------------------------------------ */

/**
 * Data pages (4096 bytes; the control page is not counted [P]) of the
 * incoming and the outgoing ring [D]. Without this call the rings are as large
 * as the maxima need.
 *
 * @IncomingPageCount  data pages from the host, 1 to 4094
 * @OutgoingPageCount  data pages to the host, 1 to 4094
 * @differs            the control page is not counted, and there is a limit;
 *                     Windows says neither
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, not Disabled, or a server; nothing
 *                               changes
 *   STATUS_INVALID_PARAMETER_2  IncomingPageCount 0 or above 4094 [P]
 *   STATUS_INVALID_PARAMETER_3  OutgoingPageCount likewise [P]
 * IRQL: PASSIVE [I].
 * Items: 23, 24, 26.
 */
typedef NTSTATUS FN_VMB_CLIENT_CHANNEL_INIT_SET_RING_BUFFER_PAGE_COUNT(
    _In_ VMBCHANNEL Channel, _In_ UINT32 IncomingPageCount,
    _In_ UINT32 OutgoingPageCount);
FN_VMB_CLIENT_CHANNEL_INIT_SET_RING_BUFFER_PAGE_COUNT
VmbClientChannelInitSetRingBufferPageCount;

/**
 * Chooses the offer by interface type and, unless InterfaceInstance is NULL,
 * instance [D]. PnpFailureCallback may be NULL [D18].
 *
 * @InterfaceType       copied
 * @InterfaceInstance   copied; NULL: any offer of the type
 * @PnpFailureCallback  called if the offer is there and connecting fails; may
 *                      be NULL
 * @differs             there is no PnP: the offers of the bus are searched
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, not Disabled, or a server; nothing
 *                               changes
 *   STATUS_INVALID_PARAMETER_2  InterfaceType is NULL [P]
 * IRQL: PASSIVE [I].
 * Items: 29..33.
 */
typedef NTSTATUS FN_VMB_CLIENT_CHANNEL_INIT_SET_TARGET_PNP(
    _In_ VMBCHANNEL Channel, _In_ LPCGUID InterfaceType,
    _In_opt_ LPCGUID InterfaceInstance,
    _In_opt_ PFN_VMB_CHANNEL_PNP_FAILURE PnpFailureCallback);
FN_VMB_CLIENT_CHANNEL_INIT_SET_TARGET_PNP VmbClientChannelInitSetTargetPnp;

/* ---- server ------------------------------------------------------------ */

/**
 * Sets (replaces [P]) the flags VMBUS_SERVER_CHANNEL_INIT_FLAG_*.
 *
 * @Flags    VMBUS_SERVER_CHANNEL_INIT_FLAG_*, or 0
 * @differs  the call replaces all flags; Windows does not say whether it adds
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, a client, not Disabled, or the
 *                               channel would become a pipe, or be one no
 *                               longer, while packets are queued; nothing
 *                               changes
 *   STATUS_INVALID_PARAMETER_2  unknown bit [D]
 * IRQL: PASSIVE [I].
 * Items: 17.
 */
typedef NTSTATUS FN_VMB_SERVER_CHANNEL_INIT_SET_FLAGS(_In_ VMBCHANNEL Channel,
                                                      _In_ UINT32 Flags);
FN_VMB_SERVER_CHANNEL_INIT_SET_FLAGS VmbServerChannelInitSetFlags;

/**
 * Megabytes of guest MMIO space the offer asks for, and what it would like
 * in addition.
 *
 * @MmioMegabytes          MiB that the offer asks for
 * @MmioMegabytesOptional  MiB that it would like besides
 * @differs                nothing that is known
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, not Disabled, or a client; nothing
 *                               changes
 *   STATUS_INVALID_PARAMETER  both are 0 (without suffix [D])
 * IRQL: PASSIVE [I].
 * Items: 21, 144.
 */
typedef NTSTATUS FN_VMB_SERVER_CHANNEL_INIT_SET_MMIO_MEGABYTES(
    _In_ VMBCHANNEL Channel, _In_ UINT16 MmioMegabytes,
    _In_ UINT16 MmioMegabytesOptional);
FN_VMB_SERVER_CHANNEL_INIT_SET_MMIO_MEGABYTES
VmbServerChannelInitSetMmioMegabytes;

/**
 * The callbacks of VmbChannelSaveContinue and VmbChannelRestoreFromBuffer
 * [D]; each may be NULL [P].
 *
 * @SavePacketCallback     saves the driver's state of one packet; may be NULL
 * @RestorePacketCallback  restores it; may be NULL
 * @differs                each callback may be NULL; Windows does not say
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, not Disabled, or a client; nothing
 *                               changes
 * IRQL: PASSIVE [I].
 * Items: 131..143.
 */
typedef NTSTATUS FN_VMB_SERVER_CHANNEL_INIT_SET_SAVE_RESTORE_PACKET_CALLBACKS(
    _In_ VMBCHANNEL Channel,
    _In_ PFN_VMB_CHANNEL_SAVE_PACKET SavePacketCallback,
    _In_ PFN_VMB_CHANNEL_RESTORE_PACKET RestorePacketCallback);
FN_VMB_SERVER_CHANNEL_INIT_SET_SAVE_RESTORE_PACKET_CALLBACKS
VmbServerChannelInitSetSaveRestorePacketCallbacks;

/**
 * Type and instance of the offer, by value [D].
 *
 * @InterfaceType      what the device is
 * @InterfaceInstance  which one it is
 * @differs            nothing that is known
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, not Disabled, or a client; nothing
 *                               changes
 * IRQL: PASSIVE [I].
 * Items: 29, 30.
 */
typedef NTSTATUS
FN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_INTERFACE_ID(_In_ VMBCHANNEL Channel,
                                                   _In_ GUID InterfaceType,
                                                   _In_ GUID InterfaceInstance);
FN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_INTERFACE_ID
VmbServerChannelInitSetTargetInterfaceId;

/**
 * Offers only to clients in one virtual trust level, 0..2 [D]. VmbChannelEnable
 * refuses a level that the guest behind the bus is not in.
 *
 * @TargetVtl  the level, 0 to 2
 * @differs    the guests here are in level 0, so VmbChannelEnable refuses the
 *             others
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, not Disabled, or a client; nothing
 *                               changes
 *   STATUS_INVALID_PARAMETER_2  more than 2 [D: "invalid VTL"; P: the limit]
 * IRQL: PASSIVE [I].
 * Items: 22.
 */
typedef NTSTATUS
FN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_VTL(_In_ VMBCHANNEL Channel,
                                          _In_ UINT8 TargetVtl);
FN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_VTL VmbServerChannelInitSetTargetVtl;

/**
 * Attaches the channel to the bus named by a handle from
 * VmbConvertVmbusHandleToKernelHandle, in place of the one it was allocated
 * on [D]. The handle must stay open until VmbChannelCleanup.
 *
 * @VmbusHandle  from VmbConvertVmbusHandleToKernelHandle; must stay open until
 *               VmbChannelCleanup
 * @differs      the handle names a bus of this image, as there is no other
 *               process
 *
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, not Disabled, or a client; nothing
 *                               changes
 *   STATUS_INVALID_PARAMETER_2  no such handle, or the bus has no host half
 * IRQL: PASSIVE [I].
 * Items: 11.
 */
typedef NTSTATUS
FN_VMB_SERVER_CHANNEL_INIT_SET_VMBUS_HANDLE(_In_ VMBCHANNEL Channel,
                                            _In_ HANDLE VmbusHandle);
FN_VMB_SERVER_CHANNEL_INIT_SET_VMBUS_HANDLE VmbServerChannelInitSetVmbusHandle;

/**
 * Turns a bus's own handle (the PDEVICE_OBJECT of the bus; NULL: that
 * of servers without a device) into a kernel handle, which the caller closes
 * with ZwClose.
 *
 * @VmbusHandle   the bus's PDEVICE_OBJECT, or NULL: the bus of a server that
 *                VmbChannelAllocate got no device for
 * @KernelHandle  receives the handle, which the caller gives to ZwClose
 * @differs       VmbusHandle is a PDEVICE_OBJECT, because there are no
 *                user-mode handles
 *
 *   STATUS_SUCCESS              *KernelHandle is the handle
 *   STATUS_INVALID_PARAMETER_1  VmbusHandle is no bus, or NULL and no default
 *                               bus is attached
 *   STATUS_INVALID_PARAMETER_2  KernelHandle is NULL
 * IRQL: PASSIVE [I].
 * Items: 11. [D]
 */
typedef NTSTATUS
FN_VMB_CONVERT_VMBUS_HANDLE_TO_KERNEL_HANDLE(_In_ HANDLE VmbusHandle,
                                             _Out_ PHANDLE KernelHandle);
FN_VMB_CONVERT_VMBUS_HANDLE_TO_KERNEL_HANDLE
VmbConvertVmbusHandleToKernelHandle;

/**
 * Closes a kernel handle. PASSIVE. STATUS_SUCCESS;
 * STATUS_INVALID_PARAMETER_1: not an open one. [W]
 *
 * @Handle  from VmbConvertVmbusHandleToKernelHandle
 * @return  STATUS_SUCCESS; STATUS_INVALID_PARAMETER_1: not an open handle
 */
NTSTATUS ZwClose(HANDLE Handle);

#ifdef __cplusplus
}
#endif

#endif
