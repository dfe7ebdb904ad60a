/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Save and restore of a server channel: what it sent and is not complete.
 * A client gives STATUS_INVALID_PARAMETER_1 or asserts.
 *
 * Saving is for a channel without traffic: paused, or not open. The format is
 * KMCL's own (kmcl/save/format.h): versioned chunks, each with its number and
 * checksum. What one VmbChannelSaveContinue filled is one unit to store and
 * to feed back, in order.
 */
#ifndef KMCL_SAVE_API_H
#define KMCL_SAVE_API_H

#include "kmcl/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Opens a save session: fixes which packets will be saved. Until
 * VmbChannelSaveEnd nothing is transmitted, and what the guest or the driver
 * asks of the channel's state waits.
 *
 * @differs  the statuses besides STATUS_SUCCESS; Windows names none
 *
 *   STATUS_SUCCESS                 the session is open
 *   STATUS_INVALID_PARAMETER_1     bad handle or a client
 *   STATUS_INVALID_DEVICE_STATE    running, or a session is open already
 *   STATUS_INSUFFICIENT_RESOURCES  no memory
 * While it is open VmbChannelDisable asserts, and a guest that closes waits.
 * IRQL: PASSIVE [I]. Items: 137. [D]
 */
typedef _Must_inspect_result_ NTSTATUS
FN_VMB_CHANNEL_SAVE_BEGIN(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_SAVE_BEGIN VmbChannelSaveBegin;

/**
 * Writes as many whole chunks as fit; calls EvtSavePacket per packet.
 *
 * @SaveBuffer      receives whole chunks; NULL only with size 0
 * @SaveBufferSize  its bytes
 * @BytesFilled     receives the bytes written
 * @BytesRequired   receives the next chunk's size; 0 when all is saved
 * @differs         the format is vmbare's own, so a state moves between builds
 *                  of vmbare only; its head names the version that wrote it
 *
 *   STATUS_SUCCESS                 all saved
 *   STATUS_BUFFER_OVERFLOW         some written, more remain
 *   STATUS_BUFFER_TOO_SMALL        none written: enlarge to *BytesRequired
 *   STATUS_INVALID_PARAMETER_1     bad handle or a client
 *   STATUS_INVALID_PARAMETER_2     SaveBuffer NULL with a size
 *   STATUS_INVALID_PARAMETER_4/_5  BytesFilled or BytesRequired is NULL
 *   STATUS_INVALID_DEVICE_STATE    no session is open
 *   STATUS_INSUFFICIENT_RESOURCES  no memory, or EvtSavePacket asks for more
 *                                  than 16 MiB [P]
 *   STATUS_UNSUCCESSFUL            EvtSavePacket's second call returned
 *                                  STATUS_BUFFER_OVERFLOW or
 *                                  STATUS_BUFFER_TOO_SMALL, which speak of
 *                                  SaveBuffer here [P]
 *   any other                      what else EvtSavePacket's second call
 *                                  returned
 * IRQL: PASSIVE [I]. Items: 131..136. [D]
 */
typedef _Must_inspect_result_ NTSTATUS FN_VMB_CHANNEL_SAVE_CONTINUE(
    _In_ VMBCHANNEL Channel,
    _Out_writes_bytes_to_(SaveBufferSize, *BytesFilled) PVOID SaveBuffer,
    _In_ ULONG SaveBufferSize, _Out_ PULONG BytesFilled,
    _Out_ PULONG BytesRequired);
FN_VMB_CHANNEL_SAVE_CONTINUE VmbChannelSaveContinue;

/**
 * Ends the session and frees what it took, after success and after failure;
 * asserts without a session.
 *
 * @differs  a call without a session asserts
 *
 * IRQL: PASSIVE [I]. Items: 138. [D]
 */
typedef VOID FN_VMB_CHANNEL_SAVE_END(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_SAVE_END VmbChannelSaveEnd;

/**
 * Takes a unit of whole chunks into a Disabled channel; calls
 * EvtRestorePacket per packet; where there is none, a packet without driver's
 * state is restored all the same and frees itself when it ends. Buffer is
 * copied.
 *
 * @BufferSize  bytes at Buffer, above 0
 * @differs     the format, as with VmbChannelSaveContinue
 *
 *   STATUS_MORE_PROCESSING_REQUIRED  taken, feed the next (fails NT_SUCCESS!)
 *   STATUS_SUCCESS                   that was the last
 *   STATUS_INVALID_PARAMETER_1       bad handle or a client
 *   STATUS_INVALID_PARAMETER_2       Buffer is NULL
 *   STATUS_INVALID_PARAMETER_3       BufferSize is 0
 *   STATUS_INVALID_DEVICE_STATE      not Disabled, packets were sent before,
 *                                    a restore that failed or ended before (a
 *                                    new channel is needed), or
 *                                    EvtRestorePacket succeeded without
 *                                    VmbPacketRestore
 *   STATUS_INSUFFICIENT_RESOURCES    no memory
 *   STATUS_REVISION_MISMATCH         a format version this build lacks
 *   STATUS_DATA_ERROR                truncated, out of order, corrupted, or of
 *                                    another type and instance
 *   STATUS_NOT_SUPPORTED             a packet has driver's state and there is
 *                                    no EvtRestorePacket
 *   STATUS_UNSUCCESSFUL              EvtRestorePacket returned
 *                                    STATUS_MORE_PROCESSING_REQUIRED
 *   any other                        what else EvtRestorePacket returned
 * After a failure nothing more is taken.
 * IRQL: PASSIVE [I]. Items: 139, 140, 142, 143. [D]
 */
typedef _Must_inspect_result_ NTSTATUS FN_VMB_CHANNEL_RESTORE_FROM_BUFFER(
    _In_ VMBCHANNEL Channel, _In_reads_bytes_(BufferSize) PVOID Buffer,
    _In_ ULONG BufferSize);
FN_VMB_CHANNEL_RESTORE_FROM_BUFFER VmbChannelRestoreFromBuffer;

/**
 * Inside EvtRestorePacket: gives a packet from VmbPacketAllocate the state
 * saved in Buffer (the LibBuf). It is KMCL's until it completes: when the
 * peer answers, or when it was sent if it had still been queued.
 *
 * @BufferSize  the LibBufSize of the callback
 * @differs     the statuses besides STATUS_SUCCESS; Windows names none
 *
 *   STATUS_SUCCESS               the packet is KMCL's
 *   STATUS_INVALID_PARAMETER_1   no packet, in flight, or without a routine
 *   STATUS_INVALID_PARAMETER_2   Buffer is not this callback's LibBuf
 *   STATUS_INVALID_PARAMETER_3   not its size, or the channel's maxima are
 *                                too small for it
 *   STATUS_INVALID_DEVICE_STATE  not inside EvtRestorePacket, or done already
 *   STATUS_DATA_ERROR            the saved packet makes no sense, or was sent
 *                                before the one restored last
 * After a failure the packet is the driver's.
 * IRQL: PASSIVE [I]. Items: 141. [D]
 */
typedef NTSTATUS
FN_VMB_PACKET_RESTORE(_In_ __drv_aliasesMem VMBPACKET PacketObject,
                      _In_reads_bytes_(BufferSize) PVOID Buffer,
                      _In_ ULONG BufferSize);
FN_VMB_PACKET_RESTORE VmbPacketRestore;

#ifdef __cplusplus
}
#endif

#endif
