/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KMCL's handles and the 11 callbacks a driver may register.
 *
 * Order for one opening: Opened, Started, PostStarted, (packets), Suspend,
 * Closed [D][H]. State-change, save, restore and PnP callbacks run at
 * PASSIVE; packet callbacks and completion routines at <= DISPATCH [D]. No
 * callback of a channel is entered again from inside itself.
 */
#ifndef KMCL_TYPES_H
#define KMCL_TYPES_H

#include "kmcl/wdm_compat.h"

#ifdef __cplusplus
extern "C" {
#endif

DECLARE_HANDLE(VMBCHANNEL);
DECLARE_HANDLE(VMBPACKET);           /* an outgoing packet object */
DECLARE_HANDLE(VMBPACKETCOMPLETION); /* an incoming packet */

/**
 * The client side opened the channel. A failure status rolls the opening
 * back: no packet flows. GPADLs may be created from here on. PASSIVE.
 *
 * @return  success: the channel is used; any failure rolls the opening back
 */
typedef NTSTATUS EVT_VMB_CHANNEL_OPENED(VMBCHANNEL Channel);

/* The channel is closed. Delete all GPADLs here. A client is now Disabled; a
 * server whose guest closed stays offered. PASSIVE. */
typedef VOID EVT_VMB_CHANNEL_CLOSED(VMBCHANNEL Channel);

/* The channel leaves the running state; no packet callback runs any more.
 * Each packet held must still be completed: KMCL waits for it. PASSIVE. */
typedef VOID EVT_VMB_CHANNEL_SUSPEND(VMBCHANNEL Channel);

/* Open and active, the incoming queue still off: may send, must not wait for
 * a completion. PASSIVE. */
typedef VOID EVT_VMB_CHANNEL_STARTED(VMBCHANNEL Channel);

/* The incoming queue is on: may block on completions. PASSIVE. */
typedef VOID EVT_VMB_CHANNEL_POST_STARTED(VMBCHANNEL Channel);

/*
 * One packet from the other side. Buffer (BufferLength bytes, without any
 * header) stays until VmbChannelPacketComplete, which must be called for it
 * once, now or later. Flags: VMBUS_CHANNEL_PROCESS_PACKET_FLAG_EXTERNAL_DATA.
 * BufferLength may exceed what the sender wrote by up to 7 bytes, because
 * ring packets are sized in units of 8 (not in pipe mode). <= DISPATCH.
 */
typedef VOID EVT_VMB_CHANNEL_PROCESS_PACKET(VMBCHANNEL Channel,
                                            VMBPACKETCOMPLETION Packet,
                                            PVOID Buffer, UINT32 BufferLength,
                                            UINT32 Flags);

/* End of a batch of PacketsProcessed (> 0) delivered packets: the ring went
 * empty or delivery pauses. <= DISPATCH. */
typedef VOID EVT_VMB_CHANNEL_PROCESSING_COMPLETE(VMBCHANNEL Channel,
                                                 UINT32 PacketsProcessed);

/**
 * A packet's transaction ended. With WAIT_FOR_COMPLETION: STATUS_SUCCESS and
 * the response in Buffer (valid during the call; NULL, 0 when empty). Without
 * it: STATUS_SUCCESS when the packet is in the ring. STATUS_DEVICE_REMOVED:
 * the channel closed first. From here the packet is the driver's again: it
 * may be freed or sent. May run before the send returns. <= DISPATCH.
 *
 * @Status        how the transaction ended
 * @BufferLength  bytes at Buffer
 */
typedef VOID EVT_VMB_PACKET_COMPLETION_ROUTINE(VMBPACKET Packet,
                                               NTSTATUS Status, PVOID Buffer,
                                               UINT32 BufferLength);

/**
 * Saves the driver's own state of one outgoing packet. First call: SaveBuf
 * NULL, SaveBufSize 0; success means nothing to save; any failure asks for
 * *BytesNeeded bytes, and a second call brings them. PASSIVE.
 *
 * @return  success, or why nothing can be saved; see above for the first call
 */
typedef NTSTATUS EVT_VMB_CHANNEL_SAVE_PACKET(VMBCHANNEL Channel,
                                             VMBPACKET Packet, PVOID SaveBuf,
                                             UINT32 SaveBufSize,
                                             PUINT32 BytesNeeded);

/**
 * Rebuilds one saved packet: VmbPacketAllocate, set routine and pointer,
 * VmbPacketRestore(packet, LibBuf, LibBufSize), own state from SaveBuf (NULL,
 * 0 when none was saved). PASSIVE.
 *
 * @SaveBufSize  bytes at SaveBuf
 * @return       success; any failure becomes the result of
 *               VmbChannelRestoreFromBuffer
 */
typedef NTSTATUS EVT_VMB_CHANNEL_RESTORE_PACKET(VMBCHANNEL Channel,
                                                PVOID LibBuf, UINT32 LibBufSize,
                                                PVOID SaveBuf,
                                                UINT32 SaveBufSize);

/**
 * The device was found but connecting failed; the channel is Disabled when
 * this runs. PASSIVE.
 *
 * @FailureStatus  why connecting failed
 */
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

/* Each callback may be NULL; a NULL EvtChannelOpened counts as success. */
typedef struct _VMB_CHANNEL_STATE_CHANGE_CALLBACKS {
    ULONG Version; /* 1 [H] */
    ULONG Size;
    PFN_VMB_CHANNEL_OPENED EvtChannelOpened;
    PFN_VMB_CHANNEL_CLOSED EvtChannelClosed;
    PFN_VMB_CHANNEL_SUSPEND EvtChannelSuspend;
    PFN_VMB_CHANNEL_STARTED EvtChannelStarted;
    PFN_VMB_CHANNEL_POST_STARTED EvtChannelPostStarted;
} VMB_CHANNEL_STATE_CHANGE_CALLBACKS, *PVMB_CHANNEL_STATE_CHANGE_CALLBACKS;
C_ASSERT(sizeof(VMB_CHANNEL_STATE_CHANGE_CALLBACKS) == 48);

/**
 * Empties the structure and fills in Version and Size; registers nothing.
 * Any IRQL. Items: 7. [H]
 *
 * @Callbacks  the structure to prepare
 */
static inline VOID VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT(
    PVMB_CHANNEL_STATE_CHANGE_CALLBACKS Callbacks)
{
    Callbacks->Version = 1;
    Callbacks->Size = (ULONG)sizeof(*Callbacks);
    Callbacks->EvtChannelOpened = NULL;
    Callbacks->EvtChannelClosed = NULL;
    Callbacks->EvtChannelSuspend = NULL;
    Callbacks->EvtChannelStarted = NULL;
    Callbacks->EvtChannelPostStarted = NULL;
}

#ifdef __cplusplus
}
#endif

#endif
