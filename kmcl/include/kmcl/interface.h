/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The queried interface of Windows 10 1803: the same functions through a
 * structure of pointers. Offset of client slot n is 32 + 8 n.
 *
 * The structure begins with the members of an INTERFACE, written out so that
 * no language extension is needed; a pointer to it may be cast to PINTERFACE.
 */
#ifndef KMCL_INTERFACE_H
#define KMCL_INTERFACE_H

#include "kmcl/channel_api.h"
#include "kmcl/config_api.h"
#include "kmcl/gpadl_api.h"
#include "kmcl/incoming_api.h"
#include "kmcl/packet_api.h"
#include "kmcl/property_api.h"
#include "kmcl/save_api.h"
#include "kmcl/send_api.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef FN_VMB_CHANNEL_ALLOCATE *PFN_VMB_CHANNEL_ALLOCATE;
typedef FN_VMB_CHANNEL_CLEANUP *PFN_VMB_CHANNEL_CLEANUP;
typedef FN_VMB_CHANNEL_CREATE_GPADL_FROM_BUFFER
    *PFN_VMB_CHANNEL_CREATE_GPADL_FROM_BUFFER;
typedef FN_VMB_CHANNEL_CREATE_GPADL_FROM_MDL
    *PFN_VMB_CHANNEL_CREATE_GPADL_FROM_MDL;
typedef FN_VMB_CHANNEL_DELETE_GPADL *PFN_VMB_CHANNEL_DELETE_GPADL;
typedef FN_VMB_CHANNEL_DISABLE *PFN_VMB_CHANNEL_DISABLE;
typedef FN_VMB_CHANNEL_ENABLE *PFN_VMB_CHANNEL_ENABLE;
typedef FN_VMB_CHANNEL_GET_INTERFACE_INSTANCE
    *PFN_VMB_CHANNEL_GET_INTERFACE_INSTANCE;
typedef FN_VMB_CHANNEL_GET_MMIO_SPACE *PFN_VMB_CHANNEL_GET_MMIO_SPACE;
typedef FN_VMB_CHANNEL_GET_POINTER *PFN_VMB_CHANNEL_GET_POINTER;
typedef FN_VMB_CHANNEL_INIT_SET_CLIENT_CONTEXT_SIZE
    *PFN_VMB_CHANNEL_INIT_SET_CLIENT_CONTEXT_SIZE;
typedef FN_VMB_CHANNEL_INIT_SET_FLAGS *PFN_VMB_CHANNEL_INIT_SET_FLAGS;
typedef FN_VMB_CHANNEL_INIT_SET_FRIENDLY_NAME
    *PFN_VMB_CHANNEL_INIT_SET_FRIENDLY_NAME;
typedef FN_VMB_CHANNEL_INIT_SET_MAXIMUM_EXTERNAL_DATA
    *PFN_VMB_CHANNEL_INIT_SET_MAXIMUM_EXTERNAL_DATA;
typedef FN_VMB_CHANNEL_INIT_SET_MAXIMUM_PACKET_SIZE
    *PFN_VMB_CHANNEL_INIT_SET_MAXIMUM_PACKET_SIZE;
typedef FN_VMB_CHANNEL_INIT_SET_PROCESS_PACKET_CALLBACKS
    *PFN_VMB_CHANNEL_INIT_SET_PROCESS_PACKET_CALLBACKS;
typedef FN_VMB_CHANNEL_INIT_SET_STATE_CHANGE_CALLBACKS
    *PFN_VMB_CHANNEL_INIT_SET_STATE_CHANGE_CALLBACKS;
typedef FN_VMB_CHANNEL_PACKET_COMPLETE *PFN_VMB_CHANNEL_PACKET_COMPLETE;
typedef FN_VMB_CHANNEL_PACKET_DEFER_TO_PASSIVE
    *PFN_VMB_CHANNEL_PACKET_DEFER_TO_PASSIVE;
typedef FN_VMB_CHANNEL_PACKET_FAIL *PFN_VMB_CHANNEL_PACKET_FAIL;
typedef FN_VMB_CHANNEL_PACKET_GET_EXTERNAL_DATA
    *PFN_VMB_CHANNEL_PACKET_GET_EXTERNAL_DATA;
typedef FN_VMB_CHANNEL_PAUSE *PFN_VMB_CHANNEL_PAUSE;
typedef FN_VMB_CHANNEL_SEND_SYNCHRONOUS_REQUEST
    *PFN_VMB_CHANNEL_SEND_SYNCHRONOUS_REQUEST;
typedef FN_VMB_CHANNEL_SET_INCOMING_PROCESSING_AT_PASSIVE
    *PFN_VMB_CHANNEL_SET_INCOMING_PROCESSING_AT_PASSIVE;
typedef FN_VMB_CHANNEL_SET_INTERRUPT_LATENCY
    *PFN_VMB_CHANNEL_SET_INTERRUPT_LATENCY;
typedef FN_VMB_CHANNEL_SET_POINTER *PFN_VMB_CHANNEL_SET_POINTER;
typedef FN_VMB_CHANNEL_SET_TRANSACTION_QUOTA
    *PFN_VMB_CHANNEL_SET_TRANSACTION_QUOTA;
typedef FN_VMB_CHANNEL_SIZEOF_PACKET *PFN_VMB_CHANNEL_SIZEOF_PACKET;
typedef FN_VMB_CHANNEL_START *PFN_VMB_CHANNEL_START;
typedef FN_VMB_CLIENT_CHANNEL_INIT_SET_RING_BUFFER_PAGE_COUNT
    *PFN_VMB_CLIENT_CHANNEL_INIT_SET_RING_BUFFER_PAGE_COUNT;
typedef FN_VMB_CLIENT_CHANNEL_INIT_SET_TARGET_PNP
    *PFN_VMB_CLIENT_CHANNEL_INIT_SET_TARGET_PNP;
typedef FN_VMB_PACKET_ALLOCATE *PFN_VMB_PACKET_ALLOCATE;
typedef FN_VMB_PACKET_FREE *PFN_VMB_PACKET_FREE;
typedef FN_VMB_PACKET_GET_CHANNEL *PFN_VMB_PACKET_GET_CHANNEL;
typedef FN_VMB_PACKET_GET_POINTER *PFN_VMB_PACKET_GET_POINTER;
typedef FN_VMB_PACKET_INITIALIZE *PFN_VMB_PACKET_INITIALIZE;
typedef FN_VMB_PACKET_SEND *PFN_VMB_PACKET_SEND;
typedef FN_VMB_PACKET_SEND_WITH_EXTERNAL_MDL
    *PFN_VMB_PACKET_SEND_WITH_EXTERNAL_MDL;
typedef FN_VMB_PACKET_SEND_WITH_EXTERNAL_PFNS
    *PFN_VMB_PACKET_SEND_WITH_EXTERNAL_PFNS;
typedef FN_VMB_PACKET_SET_COMPLETION_ROUTINE
    *PFN_VMB_PACKET_SET_COMPLETION_ROUTINE;
typedef FN_VMB_PACKET_SET_POINTER *PFN_VMB_PACKET_SET_POINTER;
typedef FN_VMB_CHANNEL_MAP_GPADL *PFN_VMB_CHANNEL_MAP_GPADL;
typedef FN_VMB_CHANNEL_RESTORE_FROM_BUFFER *PFN_VMB_CHANNEL_RESTORE_FROM_BUFFER;
typedef FN_VMB_CHANNEL_SAVE_BEGIN *PFN_VMB_CHANNEL_SAVE_BEGIN;
typedef FN_VMB_CHANNEL_SAVE_CONTINUE *PFN_VMB_CHANNEL_SAVE_CONTINUE;
typedef FN_VMB_CHANNEL_SAVE_END *PFN_VMB_CHANNEL_SAVE_END;
typedef FN_VMB_CHANNEL_UNMAP_GPADL *PFN_VMB_CHANNEL_UNMAP_GPADL;
typedef FN_VMB_CONVERT_VMBUS_HANDLE_TO_KERNEL_HANDLE
    *PFN_VMB_CONVERT_VMBUS_HANDLE_TO_KERNEL_HANDLE;
typedef FN_VMB_PACKET_RESTORE *PFN_VMB_PACKET_RESTORE;
typedef FN_VMB_SERVER_CHANNEL_INIT_SET_FLAGS
    *PFN_VMB_SERVER_CHANNEL_INIT_SET_FLAGS;
typedef FN_VMB_SERVER_CHANNEL_INIT_SET_MMIO_MEGABYTES
    *PFN_VMB_SERVER_CHANNEL_INIT_SET_MMIO_MEGABYTES;
typedef FN_VMB_SERVER_CHANNEL_INIT_SET_SAVE_RESTORE_PACKET_CALLBACKS
    *PFN_VMB_SERVER_CHANNEL_INIT_SET_SAVE_RESTORE_PACKET_CALLBACKS;
typedef FN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_INTERFACE_ID
    *PFN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_INTERFACE_ID;
typedef FN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_VTL
    *PFN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_VTL;
typedef FN_VMB_SERVER_CHANNEL_INIT_SET_VMBUS_HANDLE
    *PFN_VMB_SERVER_CHANNEL_INIT_SET_VMBUS_HANDLE;

/* The 41 client slots, in documented order. */
#define KMCL_CLIENT_SLOTS_V1                                                  \
    PFN_VMB_CHANNEL_ALLOCATE VmbChannelAllocate;                              \
    PFN_VMB_CHANNEL_CLEANUP VmbChannelCleanup;                                \
    PFN_VMB_CHANNEL_CREATE_GPADL_FROM_BUFFER VmbChannelCreateGpadlFromBuffer; \
    PFN_VMB_CHANNEL_CREATE_GPADL_FROM_MDL VmbChannelCreateGpadlFromMdl;       \
    PFN_VMB_CHANNEL_DELETE_GPADL VmbChannelDeleteGpadl;                       \
    PFN_VMB_CHANNEL_DISABLE VmbChannelDisable;                                \
    PFN_VMB_CHANNEL_ENABLE VmbChannelEnable;                                  \
    PFN_VMB_CHANNEL_GET_INTERFACE_INSTANCE VmbChannelGetInterfaceInstance;    \
    PFN_VMB_CHANNEL_GET_MMIO_SPACE VmbChannelGetMmioSpace;                    \
    PFN_VMB_CHANNEL_GET_POINTER VmbChannelGetPointer;                         \
    PFN_VMB_CHANNEL_INIT_SET_CLIENT_CONTEXT_SIZE                              \
    VmbChannelInitSetClientContextSize;                                       \
    PFN_VMB_CHANNEL_INIT_SET_FLAGS VmbChannelInitSetFlags;                    \
    PFN_VMB_CHANNEL_INIT_SET_FRIENDLY_NAME VmbChannelInitSetFriendlyName;     \
    PFN_VMB_CHANNEL_INIT_SET_MAXIMUM_EXTERNAL_DATA                            \
    VmbChannelInitSetMaximumExternalData;                                     \
    PFN_VMB_CHANNEL_INIT_SET_MAXIMUM_PACKET_SIZE                              \
    VmbChannelInitSetMaximumPacketSize;                                       \
    PFN_VMB_CHANNEL_INIT_SET_PROCESS_PACKET_CALLBACKS                         \
    VmbChannelInitSetProcessPacketCallbacks;                                  \
    PFN_VMB_CHANNEL_INIT_SET_STATE_CHANGE_CALLBACKS                           \
    VmbChannelInitSetStateChangeCallbacks;                                    \
    PFN_VMB_CHANNEL_PACKET_COMPLETE VmbChannelPacketComplete;                 \
    PFN_VMB_CHANNEL_PACKET_DEFER_TO_PASSIVE VmbChannelPacketDeferToPassive;   \
    PFN_VMB_CHANNEL_PACKET_FAIL VmbChannelPacketFail;                         \
    PFN_VMB_CHANNEL_PACKET_GET_EXTERNAL_DATA VmbChannelPacketGetExternalData; \
    PFN_VMB_CHANNEL_PAUSE VmbChannelPause;                                    \
    PFN_VMB_CHANNEL_SEND_SYNCHRONOUS_REQUEST                                  \
    VmbChannelSendSynchronousRequest;                                         \
    PFN_VMB_CHANNEL_SET_INCOMING_PROCESSING_AT_PASSIVE                        \
    VmbChannelSetIncomingProcessingAtPassive;                                 \
    PFN_VMB_CHANNEL_SET_INTERRUPT_LATENCY VmbChannelSetInterruptLatency;      \
    PFN_VMB_CHANNEL_SET_POINTER VmbChannelSetPointer;                         \
    PFN_VMB_CHANNEL_SET_TRANSACTION_QUOTA VmbChannelSetTransactionQuota;      \
    PFN_VMB_CHANNEL_SIZEOF_PACKET VmbChannelSizeofPacket;                     \
    PFN_VMB_CHANNEL_START VmbChannelStart;                                    \
    PFN_VMB_CLIENT_CHANNEL_INIT_SET_RING_BUFFER_PAGE_COUNT                    \
    VmbClientChannelInitSetRingBufferPageCount;                               \
    PFN_VMB_CLIENT_CHANNEL_INIT_SET_TARGET_PNP                                \
    VmbClientChannelInitSetTargetPnp;                                         \
    PFN_VMB_PACKET_ALLOCATE VmbPacketAllocate;                                \
    PFN_VMB_PACKET_FREE VmbPacketFree;                                        \
    PFN_VMB_PACKET_GET_CHANNEL VmbPacketGetChannel;                           \
    PFN_VMB_PACKET_GET_POINTER VmbPacketGetPointer;                           \
    PFN_VMB_PACKET_INITIALIZE VmbPacketInitialize;                            \
    PFN_VMB_PACKET_SEND VmbPacketSend;                                        \
    PFN_VMB_PACKET_SEND_WITH_EXTERNAL_MDL VmbPacketSendWithExternalMdl;       \
    PFN_VMB_PACKET_SEND_WITH_EXTERNAL_PFNS VmbPacketSendWithExternalPfns;     \
    PFN_VMB_PACKET_SET_COMPLETION_ROUTINE VmbPacketSetCompletionRoutine;      \
    PFN_VMB_PACKET_SET_POINTER VmbPacketSetPointer;

/* The 14 server slots, in documented order. */
#define KMCL_SERVER_SLOTS                                               \
    PFN_VMB_CHANNEL_MAP_GPADL VmbChannelMapGpadl;                       \
    PFN_VMB_CHANNEL_RESTORE_FROM_BUFFER VmbChannelRestoreFromBuffer;    \
    PFN_VMB_CHANNEL_SAVE_BEGIN VmbChannelSaveBegin;                     \
    PFN_VMB_CHANNEL_SAVE_CONTINUE VmbChannelSaveContinue;               \
    PFN_VMB_CHANNEL_SAVE_END VmbChannelSaveEnd;                         \
    PFN_VMB_CHANNEL_UNMAP_GPADL VmbChannelUnmapGpadl;                   \
    PFN_VMB_CONVERT_VMBUS_HANDLE_TO_KERNEL_HANDLE                       \
    VmbConvertVmbusHandleToKernelHandle;                                \
    PFN_VMB_PACKET_RESTORE VmbPacketRestore;                            \
    PFN_VMB_SERVER_CHANNEL_INIT_SET_FLAGS VmbServerChannelInitSetFlags; \
    PFN_VMB_SERVER_CHANNEL_INIT_SET_MMIO_MEGABYTES                      \
    VmbServerChannelInitSetMmioMegabytes;                               \
    PFN_VMB_SERVER_CHANNEL_INIT_SET_SAVE_RESTORE_PACKET_CALLBACKS       \
    VmbServerChannelInitSetSaveRestorePacketCallbacks;                  \
    PFN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_INTERFACE_ID                 \
    VmbServerChannelInitSetTargetInterfaceId;                           \
    PFN_VMB_SERVER_CHANNEL_INIT_SET_TARGET_VTL                          \
    VmbServerChannelInitSetTargetVtl;                                   \
    PFN_VMB_SERVER_CHANNEL_INIT_SET_VMBUS_HANDLE                        \
    VmbServerChannelInitSetVmbusHandle;

#define KMCL_INTERFACE_HEADER                  \
    USHORT Size, Version;                      \
    PVOID Context;                             \
    VOID (*InterfaceReference)(PVOID Context); \
    VOID (*InterfaceDereference)(PVOID Context);

/* The client's interface. */
typedef struct _KMCL_CLIENT_INTERFACE_V1 {
    KMCL_INTERFACE_HEADER
    KMCL_CLIENT_SLOTS_V1
} KMCL_CLIENT_INTERFACE_V1, *PKMCL_CLIENT_INTERFACE_V1;

/* The slots that only a server's interface has. */
typedef struct _KMCL_SERVER_ONLY_METHODS {
    KMCL_SERVER_SLOTS
} KMCL_SERVER_ONLY_METHODS, *PKMCL_SERVER_ONLY_METHODS;

/* The server's interface: the client's slots, then its own. */
typedef struct _KMCL_SERVER_INTERFACE_V1 {
    KMCL_INTERFACE_HEADER
    KMCL_CLIENT_SLOTS_V1
    KMCL_SERVER_SLOTS
} KMCL_SERVER_INTERFACE_V1, *PKMCL_SERVER_INTERFACE_V1;

C_ASSERT(sizeof(KMCL_CLIENT_INTERFACE_V1) == 360);
C_ASSERT(sizeof(KMCL_SERVER_ONLY_METHODS) == 112);
C_ASSERT(sizeof(KMCL_SERVER_INTERFACE_V1) == 472);
C_ASSERT(offsetof(KMCL_CLIENT_INTERFACE_V1, VmbChannelAllocate) == 32);

/* The types' GUIDs are this project's: Windows' are not documented [P]. */
#define KMCL_CLIENT_INTERFACE_TYPE_GUID \
    ((GUID){0x6b6d636cu,                \
            0x7631,                     \
            0x4c01,                     \
            {0x9a, 0x11, 0x76, 0x6d, 0x62, 0x61, 0x72, 0x65}})
#define KMCL_SERVER_INTERFACE_TYPE_GUID \
    ((GUID){0x6b6d636cu,                \
            0x7631,                     \
            0x5301,                     \
            {0x9a, 0x11, 0x76, 0x6d, 0x62, 0x61, 0x72, 0x65}})
extern const GUID KMCL_CLIENT_INTERFACE_TYPE;
extern const GUID KMCL_SERVER_INTERFACE_TYPE;

#define KMCL_CLIENT_INTERFACE_VERSION_V1     1 /* [P] */
#define KMCL_SERVER_INTERFACE_VERSION_V1     1 /* [P] */
#define KMCL_CLIENT_INTERFACE_VERSION_LATEST KMCL_CLIENT_INTERFACE_VERSION_V1
#define KMCL_SERVER_INTERFACE_VERSION_LATEST KMCL_SERVER_INTERFACE_VERSION_V1

/**
 * Fills an interface structure; stands for WdfFdoQueryForInterface and
 * WdfIoTargetQueryForInterface, whose last arguments it takes.
 *
 * @differs  Windows has no such function: a driver asks through WDF. The GUIDs
 *           of the types are this project's
 *
 *   InterfaceType  KMCL_CLIENT_INTERFACE_TYPE or KMCL_SERVER_INTERFACE_TYPE
 *   Interface      the structure, cast to PINTERFACE
 *   Size, Version  its exact size and version
 * A success has taken one reference; the caller gives it back by
 * InterfaceDereference(Context) and takes more by InterfaceReference.
 * IRQL: PASSIVE.
 *   STATUS_SUCCESS                  filled in
 *   STATUS_INVALID_PARAMETER        InterfaceType or Interface is NULL [W]
 *   STATUS_NOT_SUPPORTED            unknown type or version; the server's, and
 *                                   no bus with a host half is attached: call
 *                                   vmbare_loopback() first
 *   STATUS_BUFFER_TOO_SMALL         Size is not the structure's
 *   STATUS_INVALID_DEVICE_STATE     no default bus was attached
 * A failure leaves the structure untouched. Items: 1..6, 8. [D][W][P]
 */
NTSTATUS KmclQueryInterface(LPCGUID InterfaceType, PINTERFACE Interface,
                            USHORT Size, USHORT Version);

#ifdef __cplusplus
}
#endif

#endif
