/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands for the header of this name in the WDK, which cannot be shipped: the
 * documented prototypes and the callbacks, with the values of the flags, in the
 * types of a Windows DDK. Only the compile test against mingw-w64's headers
 * includes it. prototypes.py compares it with the table of facts.
 */
#ifndef TESTS_WDK_VMBUSKERNELMODECLIENTLIBAPI_H
#define TESTS_WDK_VMBUSKERNELMODECLIENTLIBAPI_H

#include "missing.h"

DECLARE_HANDLE(VMBCHANNEL);
DECLARE_HANDLE(VMBPACKET);
DECLARE_HANDLE(VMBPACKETCOMPLETION);

#define VMBUS_CHANNEL_FORMAT_FLAG_WAIT_FOR_COMPLETION     0x1
#define VMBUS_CHANNEL_FORMAT_FLAG_FORCE_MDL_LENGTH        0x2
#define VMBUS_CHANNEL_FORMAT_FLAG_PAGED_BUFFER            0x4
#define VMBUS_CHANNEL_GPADL_READ_ONLY                     0x1
#define VMBUS_CHANNEL_GPADL_FLAG_READ_ONLY                0x1
#define VMBUS_CHANNEL_PROCESS_PACKET_FLAGS                0x1
#define VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA   0x1
#define VMBUS_CHANNEL_PACKET_EXTERNAL_DATA_FLAG_READ_ONLY 0x1
#define VMBUS_CHANNEL_INIT_FLAG_IS_PIPE                   0x1

typedef NTSTATUS EVT_VMB_CHANNEL_OPENED(VMBCHANNEL Channel);
typedef VOID EVT_VMB_CHANNEL_CLOSED(VMBCHANNEL Channel);
typedef VOID EVT_VMB_CHANNEL_SUSPEND(VMBCHANNEL Channel);
typedef VOID EVT_VMB_CHANNEL_STARTED(VMBCHANNEL Channel);
typedef VOID EVT_VMB_CHANNEL_POST_STARTED(VMBCHANNEL Channel);
typedef VOID EVT_VMB_CHANNEL_PROCESS_PACKET(VMBCHANNEL Channel,
                                            VMBPACKETCOMPLETION Packet,
                                            PVOID Buffer, UINT32 BufferLength,
                                            UINT32 Flags);
typedef VOID EVT_VMB_CHANNEL_PROCESSING_COMPLETE(VMBCHANNEL Channel,
                                                 UINT32 PacketsProcessed);
typedef VOID EVT_VMB_PACKET_COMPLETION_ROUTINE(VMBPACKET Packet,
                                               NTSTATUS Status, PVOID Buffer,
                                               UINT32 BufferLength);
typedef NTSTATUS EVT_VMB_CHANNEL_SAVE_PACKET(VMBCHANNEL Channel,
                                             VMBPACKET Packet, PVOID SaveBuf,
                                             UINT32 SaveBufSize,
                                             PUINT32 BytesNeeded);
typedef NTSTATUS EVT_VMB_CHANNEL_RESTORE_PACKET(VMBCHANNEL Channel,
                                                PVOID LibBuf, UINT32 LibBufSize,
                                                PVOID SaveBuf,
                                                UINT32 SaveBufSize);
typedef VOID EVT_VMB_CHANNEL_PNP_FAILURE(VMBCHANNEL Channel,
                                         NTSTATUS FailureStatus);
typedef EVT_VMB_CHANNEL_OPENED *PFN_VMB_CHANNEL_OPENED;
typedef EVT_VMB_CHANNEL_CLOSED *PFN_VMB_CHANNEL_CLOSED;
typedef EVT_VMB_CHANNEL_SUSPEND *PFN_VMB_CHANNEL_SUSPEND;
typedef EVT_VMB_CHANNEL_STARTED *PFN_VMB_CHANNEL_STARTED;
typedef EVT_VMB_CHANNEL_POST_STARTED *PFN_VMB_CHANNEL_POST_STARTED;
typedef EVT_VMB_CHANNEL_PROCESS_PACKET *PFN_VMB_CHANNEL_PROCESS_PACKET;
typedef EVT_VMB_CHANNEL_PROCESSING_COMPLETE
    *PFN_VMB_CHANNEL_PROCESSING_COMPLETE;
typedef EVT_VMB_PACKET_COMPLETION_ROUTINE *PFN_VMB_PACKET_COMPLETION_ROUTINE;
typedef EVT_VMB_CHANNEL_SAVE_PACKET *PFN_VMB_CHANNEL_SAVE_PACKET;
typedef EVT_VMB_CHANNEL_RESTORE_PACKET *PFN_VMB_CHANNEL_RESTORE_PACKET;
typedef EVT_VMB_CHANNEL_PNP_FAILURE *PFN_VMB_CHANNEL_PNP_FAILURE;

typedef struct _VMB_CHANNEL_STATE_CHANGE_CALLBACKS {
    ULONG Version;
    ULONG Size;
    PFN_VMB_CHANNEL_OPENED EvtChannelOpened;
    PFN_VMB_CHANNEL_CLOSED EvtChannelClosed;
    PFN_VMB_CHANNEL_SUSPEND EvtChannelSuspend;
    PFN_VMB_CHANNEL_STARTED EvtChannelStarted;
    PFN_VMB_CHANNEL_POST_STARTED EvtChannelPostStarted;
} VMB_CHANNEL_STATE_CHANGE_CALLBACKS, *PVMB_CHANNEL_STATE_CHANGE_CALLBACKS;

FORCEINLINE VOID VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(
    PVMB_CHANNEL_STATE_CHANGE_CALLBACKS Callbacks)
{
    RtlZeroMemory(Callbacks, sizeof(*Callbacks));
    Callbacks->Version = 1;
    Callbacks->Size = sizeof(*Callbacks);
}

typedef _IRQL_requires_(PASSIVE_LEVEL) NTSTATUS
    FN_VMB_CHANNEL_ALLOCATE(_In_opt_ PDEVICE_OBJECT ParentDeviceObject,
                            _In_ BOOLEAN IsServer, _Out_ VMBCHANNEL *Channel);
FN_VMB_CHANNEL_ALLOCATE VmbChannelAllocate;

typedef VOID FN_VMB_CHANNEL_CLEANUP(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_CLEANUP VmbChannelCleanup;

typedef NTSTATUS FN_VMB_CHANNEL_CREATE_GPADL_FROM_BUFFER(
    _In_ VMBCHANNEL Channel, _In_ UINT32 Flags,
    _In_reads_bytes_(ByteCount) PVOID Buffer, _In_ UINT32 ByteCount,
    _Out_ PUINT32 GpadlHandle);
FN_VMB_CHANNEL_CREATE_GPADL_FROM_BUFFER VmbChannelCreateGpadlFromBuffer;

typedef NTSTATUS FN_VMB_CHANNEL_CREATE_GPADL_FROM_MDL(
    _In_ VMBCHANNEL Channel, _In_ UINT32 Flags, _In_ PMDL Mdl,
    _In_ UINT32 StartOffsetWithinMdl, _In_ UINT32 DataLengthWithinMdl,
    _Out_ PUINT32 GpadlHandle);
FN_VMB_CHANNEL_CREATE_GPADL_FROM_MDL VmbChannelCreateGpadlFromMdl;

typedef VOID FN_VMB_CHANNEL_DELETE_GPADL(_In_ VMBCHANNEL Channel,
                                         _In_ UINT32 GpadlHandle);
FN_VMB_CHANNEL_DELETE_GPADL VmbChannelDeleteGpadl;

typedef VOID FN_VMB_CHANNEL_DISABLE(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_DISABLE VmbChannelDisable;

typedef _Must_inspect_result_ NTSTATUS
FN_VMB_CHANNEL_ENABLE(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_ENABLE VmbChannelEnable;

typedef VOID
FN_VMB_CHANNEL_GET_INTERFACE_INSTANCE(_In_ VMBCHANNEL Channel,
                                      _Out_ LPGUID InterfaceInstance);
FN_VMB_CHANNEL_GET_INTERFACE_INSTANCE VmbChannelGetInterfaceInstance;

typedef VOID FN_VMB_CHANNEL_GET_MMIO_SPACE(_In_ VMBCHANNEL Channel,
                                           _Out_ UINT64 *MmioAddress,
                                           _Out_ UINT64 *MmioSize);
FN_VMB_CHANNEL_GET_MMIO_SPACE VmbChannelGetMmioSpace;

typedef PVOID FN_VMB_CHANNEL_GET_POINTER(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_GET_POINTER VmbChannelGetPointer;

typedef NTSTATUS
FN_VMB_CHANNEL_INIT_SET_CLIENT_CONTEXT_SIZE(_In_ VMBCHANNEL Channel,
                                            _In_ UINT32 ContextSize);
FN_VMB_CHANNEL_INIT_SET_CLIENT_CONTEXT_SIZE VmbChannelInitSetClientContextSize;

typedef NTSTATUS FN_VMB_CHANNEL_INIT_SET_FLAGS(_In_ VMBCHANNEL Channel,
                                               _In_ UINT32 Flags);
FN_VMB_CHANNEL_INIT_SET_FLAGS VmbChannelInitSetFlags;

typedef NTSTATUS
FN_VMB_CHANNEL_INIT_SET_FRIENDLY_NAME(_In_ VMBCHANNEL Channel,
                                      _In_ PCUNICODE_STRING Name);
FN_VMB_CHANNEL_INIT_SET_FRIENDLY_NAME VmbChannelInitSetFriendlyName;

typedef NTSTATUS FN_VMB_CHANNEL_INIT_SET_MAXIMUM_EXTERNAL_DATA(
    _In_ VMBCHANNEL Channel, _In_ UINT32 DataSize, _In_ UINT32 ChainLength);
FN_VMB_CHANNEL_INIT_SET_MAXIMUM_EXTERNAL_DATA
VmbChannelInitSetMaximumExternalData;

typedef NTSTATUS
FN_VMB_CHANNEL_INIT_SET_MAXIMUM_PACKET_SIZE(_In_ VMBCHANNEL Channel,
                                            _In_ UINT32 PacketSize);
FN_VMB_CHANNEL_INIT_SET_MAXIMUM_PACKET_SIZE VmbChannelInitSetMaximumPacketSize;

typedef NTSTATUS FN_VMB_CHANNEL_INIT_SET_PROCESS_PACKET_CALLBACKS(
    _In_ VMBCHANNEL Channel,
    _In_ PFN_VMB_CHANNEL_PROCESS_PACKET ProcessPacketCallback,
    _In_opt_ PFN_VMB_CHANNEL_PROCESSING_COMPLETE ProcessingCompleteCallback);
FN_VMB_CHANNEL_INIT_SET_PROCESS_PACKET_CALLBACKS
VmbChannelInitSetProcessPacketCallbacks;

typedef NTSTATUS FN_VMB_CHANNEL_INIT_SET_STATE_CHANGE_CALLBACKS(
    _In_ VMBCHANNEL Channel,
    _In_ PVMB_CHANNEL_STATE_CHANGE_CALLBACKS StateChangeCallbacks);
FN_VMB_CHANNEL_INIT_SET_STATE_CHANGE_CALLBACKS
VmbChannelInitSetStateChangeCallbacks;

typedef NTSTATUS FN_VMB_CHANNEL_MAP_GPADL(_In_ VMBCHANNEL Channel,
                                          _In_ UINT32 Flags,
                                          _In_ UINT32 GpadlHandle,
                                          _Out_ PMDL *Mdl);
FN_VMB_CHANNEL_MAP_GPADL VmbChannelMapGpadl;

typedef VOID
FN_VMB_CHANNEL_PACKET_COMPLETE(_In_ VMBPACKETCOMPLETION PacketCompletionContext,
                               _In_reads_bytes_opt_(BufSize)
                                   PVOID PacketCompletionBuffer,
                               _In_ UINT32 BufSize);
FN_VMB_CHANNEL_PACKET_COMPLETE VmbChannelPacketComplete;

typedef VOID FN_VMB_CHANNEL_PACKET_DEFER_TO_PASSIVE(
    _In_ VMBPACKETCOMPLETION PacketCompletionContext);
FN_VMB_CHANNEL_PACKET_DEFER_TO_PASSIVE VmbChannelPacketDeferToPassive;

typedef VOID
FN_VMB_CHANNEL_PACKET_FAIL(_In_ VMBPACKETCOMPLETION PacketCompletionContext);
FN_VMB_CHANNEL_PACKET_FAIL VmbChannelPacketFail;

typedef NTSTATUS FN_VMB_CHANNEL_PACKET_GET_EXTERNAL_DATA(
    _In_ VMBPACKETCOMPLETION PacketCompletionContext, _In_ UINT32 Flags,
    _Out_ PMDL *Mdl);
FN_VMB_CHANNEL_PACKET_GET_EXTERNAL_DATA VmbChannelPacketGetExternalData;

typedef VOID FN_VMB_CHANNEL_PAUSE(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_PAUSE VmbChannelPause;

typedef _Must_inspect_result_ NTSTATUS FN_VMB_CHANNEL_RESTORE_FROM_BUFFER(
    _In_ VMBCHANNEL Channel, _In_reads_bytes_(BufferSize) PVOID Buffer,
    _In_ ULONG BufferSize);
FN_VMB_CHANNEL_RESTORE_FROM_BUFFER VmbChannelRestoreFromBuffer;

typedef _Must_inspect_result_ NTSTATUS
FN_VMB_CHANNEL_SAVE_BEGIN(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_SAVE_BEGIN VmbChannelSaveBegin;

typedef _Must_inspect_result_ NTSTATUS FN_VMB_CHANNEL_SAVE_CONTINUE(
    _In_ VMBCHANNEL Channel,
    _Out_writes_bytes_to_(SaveBufferSize, *BytesFilled) PVOID SaveBuffer,
    _In_ ULONG SaveBufferSize, _Out_ PULONG BytesFilled,
    _Out_ PULONG BytesRequired);
FN_VMB_CHANNEL_SAVE_CONTINUE VmbChannelSaveContinue;

typedef VOID FN_VMB_CHANNEL_SAVE_END(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_SAVE_END VmbChannelSaveEnd;

typedef NTSTATUS FN_VMB_CHANNEL_SEND_SYNCHRONOUS_REQUEST(
    _In_ VMBCHANNEL Channel, _In_reads_bytes_(BufferSize) PVOID Buffer,
    _In_ UINT32 BufferSize, _In_opt_ PMDL ExternalDataMdl, _In_ UINT32 Flags,
    _Out_writes_bytes_to_opt_(*CompletionBufferSize, *CompletionBufferSize)
        PVOID CompletionBuffer,
    _Inout_opt_ _Pre_satisfies_(*_Curr_ % 8 == 0) PUINT32 CompletionBufferSize,
    _In_opt_ PLARGE_INTEGER Timeout);
FN_VMB_CHANNEL_SEND_SYNCHRONOUS_REQUEST VmbChannelSendSynchronousRequest;

typedef VOID
FN_VMB_CHANNEL_SET_INCOMING_PROCESSING_AT_PASSIVE(_In_ VMBCHANNEL Channel,
                                                  _In_ BOOLEAN RequirePassive);
FN_VMB_CHANNEL_SET_INCOMING_PROCESSING_AT_PASSIVE
VmbChannelSetIncomingProcessingAtPassive;

typedef _Must_inspect_result_ NTSTATUS FN_VMB_CHANNEL_SET_INTERRUPT_LATENCY(
    _In_ VMBCHANNEL Channel, _In_ UINT16 Latency,
    _Out_ PUINT16 OriginalLatency);
FN_VMB_CHANNEL_SET_INTERRUPT_LATENCY VmbChannelSetInterruptLatency;

typedef VOID FN_VMB_CHANNEL_SET_POINTER(_In_ VMBCHANNEL Channel,
                                        _In_opt_ PVOID Pointer);
FN_VMB_CHANNEL_SET_POINTER VmbChannelSetPointer;

typedef VOID FN_VMB_CHANNEL_SET_TRANSACTION_QUOTA(_In_ VMBCHANNEL Channel,
                                                  _In_ UINT32 Quota);
FN_VMB_CHANNEL_SET_TRANSACTION_QUOTA VmbChannelSetTransactionQuota;

typedef UINT32 FN_VMB_CHANNEL_SIZEOF_PACKET(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_SIZEOF_PACKET VmbChannelSizeofPacket;

typedef VOID FN_VMB_CHANNEL_START(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_START VmbChannelStart;

typedef VOID FN_VMB_CHANNEL_UNMAP_GPADL(_In_ VMBCHANNEL Channel,
                                        _In_ UINT32 GpadlHandle);
FN_VMB_CHANNEL_UNMAP_GPADL VmbChannelUnmapGpadl;

typedef NTSTATUS FN_VMB_CLIENT_CHANNEL_INIT_SET_RING_BUFFER_PAGE_COUNT(
    _In_ VMBCHANNEL Channel, _In_ UINT32 IncomingPageCount,
    _In_ UINT32 OutgoingPageCount);
FN_VMB_CLIENT_CHANNEL_INIT_SET_RING_BUFFER_PAGE_COUNT
VmbClientChannelInitSetRingBufferPageCount;

typedef NTSTATUS FN_VMB_CLIENT_CHANNEL_INIT_SET_TARGET_PNP(
    _In_ VMBCHANNEL Channel, _In_ LPCGUID InterfaceType,
    _In_opt_ LPCGUID InterfaceInstance,
    _In_opt_ PFN_VMB_CHANNEL_PNP_FAILURE PnpFailureCallback);
FN_VMB_CLIENT_CHANNEL_INIT_SET_TARGET_PNP VmbClientChannelInitSetTargetPnp;

typedef NTSTATUS
FN_VMB_CONVERT_VMBUS_HANDLE_TO_KERNEL_HANDLE(_In_ HANDLE VmbusHandle,
                                             _Out_ PHANDLE KernelHandle);
FN_VMB_CONVERT_VMBUS_HANDLE_TO_KERNEL_HANDLE
VmbConvertVmbusHandleToKernelHandle;

typedef VMBPACKET FN_VMB_PACKET_ALLOCATE(_In_ VMBCHANNEL Channel);
FN_VMB_PACKET_ALLOCATE VmbPacketAllocate;

typedef VOID FN_VMB_PACKET_FREE(_In_ VMBPACKET VmbPacket);
FN_VMB_PACKET_FREE VmbPacketFree;

typedef VMBCHANNEL FN_VMB_PACKET_GET_CHANNEL(_In_ VMBPACKET PacketObject);
FN_VMB_PACKET_GET_CHANNEL VmbPacketGetChannel;

typedef PVOID FN_VMB_PACKET_GET_POINTER(_In_ VMBPACKET PacketObject);
FN_VMB_PACKET_GET_POINTER VmbPacketGetPointer;

typedef NTSTATUS FN_VMB_PACKET_INITIALIZE(_In_ VMBCHANNEL Channel,
                                          _Out_writes_bytes_(ByteCount)
                                              VMBPACKET VmbPacket,
                                          _In_ UINT32 ByteCount);
FN_VMB_PACKET_INITIALIZE VmbPacketInitialize;

typedef NTSTATUS
FN_VMB_PACKET_RESTORE(_In_ __drv_aliasesMem VMBPACKET PacketObject,
                      _In_reads_bytes_(BufferSize) PVOID Buffer,
                      _In_ ULONG BufferSize);
FN_VMB_PACKET_RESTORE VmbPacketRestore;

typedef NTSTATUS
FN_VMB_PACKET_SEND(_In_ __drv_aliasesMem VMBPACKET PacketObject,
                   _In_reads_bytes_(BufferLength) PVOID Buffer,
                   _In_ UINT32 BufferLength, _In_opt_ PMDL ExternalDataMdl,
                   _In_ UINT32 Flags);
FN_VMB_PACKET_SEND VmbPacketSend;

typedef NTSTATUS FN_VMB_PACKET_SEND_WITH_EXTERNAL_MDL(
    _In_ __drv_aliasesMem VMBPACKET PacketObject,
    _In_reads_bytes_(BufferLength) PVOID Buffer, _In_ UINT32 BufferLength,
    _In_ PMDL ExternalDataMdl, _In_ UINT32 MdlOffset, _In_ UINT32 MdlLength,
    _In_ UINT32 Flags);
FN_VMB_PACKET_SEND_WITH_EXTERNAL_MDL VmbPacketSendWithExternalMdl;

typedef NTSTATUS FN_VMB_PACKET_SEND_WITH_EXTERNAL_PFNS(
    _In_ __drv_aliasesMem VMBPACKET PacketObject,
    _In_reads_bytes_(BufferLength) PVOID Buffer, _In_ UINT32 BufferLength,
    _In_ PPFN_NUMBER ExternalDataPfns, _In_ UINT32 PfnLength,
    _In_ UINT32 Flags);
FN_VMB_PACKET_SEND_WITH_EXTERNAL_PFNS VmbPacketSendWithExternalPfns;

typedef VOID FN_VMB_PACKET_SET_COMPLETION_ROUTINE(
    _In_ VMBPACKET PacketObject,
    _In_ PFN_VMB_PACKET_COMPLETION_ROUTINE CompletionRoutine);
FN_VMB_PACKET_SET_COMPLETION_ROUTINE VmbPacketSetCompletionRoutine;

typedef VOID FN_VMB_PACKET_SET_POINTER(_In_ VMBPACKET PacketObject,
                                       _In_opt_ PVOID Pointer);
FN_VMB_PACKET_SET_POINTER VmbPacketSetPointer;

typedef NTSTATUS FN_VMB_SERVER_CHANNEL_INIT_SET_FLAGS(_In_ VMBCHANNEL Channel,
                                                      _In_ UINT32 Flags);
FN_VMB_SERVER_CHANNEL_INIT_SET_FLAGS VmbServerChannelInitSetFlags;

typedef NTSTATUS FN_VMB_SERVER_CHANNEL_INIT_SET_MMIO_MEGABYTES(
    _In_ VMBCHANNEL Channel, _In_ UINT16 MmioMegabytes,
    _In_ UINT16 MmioMegabytesOptional);
FN_VMB_SERVER_CHANNEL_INIT_SET_MMIO_MEGABYTES
VmbServerChannelInitSetMmioMegabytes;

typedef NTSTATUS FN_VMB_SERVER_CHANNEL_INIT_SET_SAVE_RESTORE_PACKET_CALLBACKS(
    _In_ VMBCHANNEL Channel,
    _In_ PFN_VMB_CHANNEL_SAVE_PACKET SavePacketCallback,
    _In_ PFN_VMB_CHANNEL_RESTORE_PACKET RestorePacketCallback);
FN_VMB_SERVER_CHANNEL_INIT_SET_SAVE_RESTORE_PACKET_CALLBACKS
VmbServerChannelInitSetSaveRestorePacketCallbacks;

typedef NTSTATUS
FN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_INTERFACE_ID(_In_ VMBCHANNEL Channel,
                                                   _In_ GUID InterfaceType,
                                                   _In_ GUID InterfaceInstance);
FN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_INTERFACE_ID
VmbServerChannelInitSetTargetInterfaceId;

typedef NTSTATUS
FN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_VTL(_In_ VMBCHANNEL Channel,
                                          _In_ UINT8 TargetVtl);
FN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_VTL VmbServerChannelInitSetTargetVtl;

typedef NTSTATUS
FN_VMB_SERVER_CHANNEL_INIT_SET_VMBUS_HANDLE(_In_ VMBCHANNEL Channel,
                                            _In_ HANDLE VmbusHandle);
FN_VMB_SERVER_CHANNEL_INIT_SET_VMBUS_HANDLE VmbServerChannelInitSetVmbusHandle;

#endif
