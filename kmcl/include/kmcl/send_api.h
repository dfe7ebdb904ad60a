/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sending: three functions that start a transaction and return, and one that
 * waits for its end.
 *
 * Packets leave in the order sent. One that finds the ring full, or the
 * channel not open, waits in the channel's queue: that is no error, and needs
 * no memory. Sending is allowed from VmbChannelAllocate to VmbChannelCleanup;
 * a driver stops when EvtChannelSuspend is called. From the moment when
 * VmbChannelCleanup has begun, also in the completion routines that it calls,
 * a send is refused with STATUS_DEVICE_REMOVED.
 *
 * Each accepted packet gets exactly one call of its completion routine,
 * possibly before the send returns; a refused one gets none and stays the
 * driver's. The inline bytes are copied during the call; external pages are
 * shared with the other side until the routine runs.
 */
#ifndef KMCL_SEND_API_H
#define KMCL_SEND_API_H

#include "kmcl/types.h"
#include "kmcl/mdl.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Sends BufferLength inline bytes and, unless ExternalDataMdl is NULL, a
 * whole MDL chain (then WAIT_FOR_COMPLETION must be set).
 *
 * @Buffer           the inline bytes, which are copied during the call; NULL
 *                   with length 0
 * @BufferLength     bytes at Buffer, at most the maximum packet size
 * @ExternalDataMdl  the chain whose bytes the other side may use until
 *                   completion, or NULL
 * @Flags            VMBUS_CHANNEL_FORMAT_FLAG_*, or 0
 * @differs          a server cannot send an MDL, because only a guest has
 *                   memory to lend
 *
 * IRQL: <= DISPATCH [I].
 *   STATUS_SUCCESS              accepted
 *   STATUS_INVALID_PARAMETER_1  PacketObject is no packet or is in flight
 *   STATUS_INVALID_PARAMETER_2  Buffer is NULL and BufferLength is not 0
 *   STATUS_INVALID_PARAMETER_3  BufferLength above the maximum packet size,
 *                               now or when the packet was made; on a pipe
 *                               also above 16,384, the most that the other
 *                               side takes
 *   STATUS_INVALID_PARAMETER_4  the chain is empty or above the external
 *                               maxima, now or when the packet was made
 *   STATUS_INVALID_PARAMETER_5  unknown flag, FORCE_MDL_LENGTH, an MDL
 *                               without WAIT_FOR_COMPLETION, or
 *                               WAIT_FOR_COMPLETION on a pipe
 *   STATUS_NOT_SUPPORTED        an MDL on a server channel: only a guest has
 *                               memory to lend
 *   STATUS_DEVICE_REMOVED       VmbChannelCleanup has begun
 * A packet without a completion routine asserts.
 * Items: 36, 37, 53, 69, 71..84, 90, 91. [D]
 */
typedef NTSTATUS
FN_VMB_PACKET_SEND(_In_ __drv_aliasesMem VMBPACKET PacketObject,
                   _In_reads_bytes_(BufferLength) PVOID Buffer,
                   _In_ UINT32 BufferLength, _In_opt_ PMDL ExternalDataMdl,
                   _In_ UINT32 Flags);
FN_VMB_PACKET_SEND VmbPacketSend;

/**
 * As VmbPacketSend, with the MdlLength bytes from MdlOffset on in the chain;
 * MdlLength 0: up to its end. With FORCE_MDL_LENGTH only the first MDL counts
 * and MdlLength may pass its ByteCount up to the end of its last page.
 *
 * @Buffer           the inline bytes, which are copied during the call; NULL
 *                   with length 0
 * @BufferLength     bytes at Buffer, at most the maximum packet size
 * @ExternalDataMdl  the chain of which a part goes along
 * @MdlOffset        bytes of the chain to leave out at its start
 * @MdlLength        bytes from there on; 0: to the end
 * @Flags            VMBUS_CHANNEL_FORMAT_FLAG_*, or 0; WAIT_FOR_COMPLETION is
 *                   required
 * @differs          a server cannot send an MDL, because only a guest has
 *                   memory to lend
 *
 * IRQL: <= DISPATCH [I].
 *   STATUS_INVALID_PARAMETER_4  ExternalDataMdl is NULL, the channel is a pipe,
 *                               or the part is above the external maxima, now
 *                               or when the packet was made
 *   STATUS_INVALID_PARAMETER_5  MdlOffset is not inside the MDL
 *   STATUS_INVALID_PARAMETER_6  MdlLength passes its end
 *   STATUS_INVALID_PARAMETER_7  unknown flag, or WAIT_FOR_COMPLETION missing
 *   others                      as VmbPacketSend
 * Items: 82, 83, 85..87, 89, 91. [D]
 */
typedef NTSTATUS FN_VMB_PACKET_SEND_WITH_EXTERNAL_MDL(
    _In_ __drv_aliasesMem VMBPACKET PacketObject,
    _In_reads_bytes_(BufferLength) PVOID Buffer, _In_ UINT32 BufferLength,
    _In_ PMDL ExternalDataMdl, _In_ UINT32 MdlOffset, _In_ UINT32 MdlLength,
    _In_ UINT32 Flags);
FN_VMB_PACKET_SEND_WITH_EXTERNAL_MDL VmbPacketSendWithExternalMdl;

/**
 * As VmbPacketSend, with PfnLength whole pages given by frame number. The
 * array is copied.
 *
 * @Buffer            the inline bytes, which are copied during the call; NULL
 *                    with length 0
 * @BufferLength      bytes at Buffer, at most the maximum packet size
 * @ExternalDataPfns  frame numbers of whole pages of 4096 bytes; copied
 * @PfnLength         how many
 * @Flags             VMBUS_CHANNEL_FORMAT_FLAG_*, or 0; WAIT_FOR_COMPLETION is
 *                    required
 * @differs           a server cannot send pages, because only a guest has
 *                    memory to lend
 *
 * IRQL: <= DISPATCH [I].
 *   STATUS_INVALID_PARAMETER_4  ExternalDataPfns is NULL, or a pipe
 *   STATUS_INVALID_PARAMETER_5  PfnLength is 0 or above the external maximum
 *   STATUS_INVALID_PARAMETER_6  unknown flag, FORCE_MDL_LENGTH, or
 *                               WAIT_FOR_COMPLETION missing
 *   others                      as VmbPacketSend
 * Items: 82, 83, 88, 89. [D]
 */
typedef NTSTATUS FN_VMB_PACKET_SEND_WITH_EXTERNAL_PFNS(
    _In_ __drv_aliasesMem VMBPACKET PacketObject,
    _In_reads_bytes_(BufferLength) PVOID Buffer, _In_ UINT32 BufferLength,
    _In_ PPFN_NUMBER ExternalDataPfns, _In_ UINT32 PfnLength,
    _In_ UINT32 Flags);
FN_VMB_PACKET_SEND_WITH_EXTERNAL_PFNS VmbPacketSendWithExternalPfns;

/**
 * Sends and waits for the outcome: for the response with
 * WAIT_FOR_COMPLETION, else until the packet is in the ring.
 *
 * @Buffer           the inline bytes, which are copied during the call; NULL
 *                   with length 0
 * @BufferSize       bytes at Buffer, at most the maximum packet size
 * @ExternalDataMdl  as with VmbPacketSend
 * @Flags            VMBUS_CHANNEL_FORMAT_FLAG_*, or 0
 * @differs          a call that would wait where nothing is received gets
 *                   STATUS_INVALID_DEVICE_STATE; on Windows it does not return
 *
 *   CompletionBuffer      receives the response; may be NULL: discarded
 *   CompletionBufferSize  in: its size, a multiple of 8; out, on success:
 *                         bytes of the response; may be NULL: discarded
 *   Timeout               100 ns units: negative relative, positive absolute
 *                         since 1601, 0 is never queued (and waits only for a
 *                         response); NULL: no limit
 * A server may call it only with *Timeout 0 and without WAIT_FOR_COMPLETION.
 * IRQL: PASSIVE, but with *Timeout 0 and without WAIT_FOR_COMPLETION
 * <= DISPATCH [H].
 *   STATUS_SUCCESS                 done
 *   STATUS_BUFFER_OVERFLOW         *Timeout 0: no room, nothing was queued
 *   STATUS_CANCELLED               the time ran out; the packet is withdrawn.
 *                                  External pages of a packet that was in the
 *                                  ring stay the host's to write
 *   STATUS_DEVICE_REMOVED          the channel closed; with *Timeout 0 also: it
 *                                  is not open
 *   STATUS_BUFFER_TOO_SMALL        the response is larger than the buffer
 *   STATUS_INVALID_DEVICE_STATE    it would have to wait where nothing is
 *                                  received: in EvtChannelOpened, Started,
 *                                  Suspend or Closed, or while Disabled [P]
 *   STATUS_NOT_SUPPORTED           an absolute *Timeout, and the platform
 *                                  gives no date (kmcl.h)
 *   STATUS_INSUFFICIENT_RESOURCES  no memory for the packet
 *   STATUS_INVALID_PARAMETER_1     bad handle
 *   STATUS_INVALID_PARAMETER_2..4  as VmbPacketSend
 *   STATUS_INVALID_PARAMETER_5     as VmbPacketSend, or a server with
 *                                  WAIT_FOR_COMPLETION
 *   STATUS_INVALID_PARAMETER_7     size not a multiple of 8
 *   STATUS_INVALID_PARAMETER_8     a server without *Timeout 0
 * Items: 38, 39, 60, 92..103. [D]
 */
typedef NTSTATUS FN_VMB_CHANNEL_SEND_SYNCHRONOUS_REQUEST(
    _In_ VMBCHANNEL Channel, _In_reads_bytes_(BufferSize) PVOID Buffer,
    _In_ UINT32 BufferSize, _In_opt_ PMDL ExternalDataMdl, _In_ UINT32 Flags,
    _Out_writes_bytes_to_opt_(*CompletionBufferSize, *CompletionBufferSize)
        PVOID CompletionBuffer,
    _Inout_opt_ _Pre_satisfies_(*_Curr_ % 8 == 0) PUINT32 CompletionBufferSize,
    _In_opt_ PLARGE_INTEGER Timeout);
FN_VMB_CHANNEL_SEND_SYNCHRONOUS_REQUEST VmbChannelSendSynchronousRequest;

#ifdef __cplusplus
}
#endif

#endif
