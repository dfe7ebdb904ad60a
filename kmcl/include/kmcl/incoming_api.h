/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Incoming packets: four functions for both endpoints. The handle comes from
 * EvtChannelProcessPacket and is dead after VmbChannelPacketComplete or
 * VmbChannelPacketFail; using a dead one asserts.
 */
#ifndef KMCL_INCOMING_API_H
#define KMCL_INCOMING_API_H

#include "kmcl/types.h"
#include "kmcl/mdl.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Finishes a packet, inside the callback or at any time later: releases its
 * Buffer and external data and, if the sender asked for it, sends BufSize
 * bytes back under its transaction (queued if the ring is full, never
 * dropped; but a peer for which more than 16,384 and more than the quota
 * wait reads none, and loses the channel). The response may lie in the packet's
 * own Buffer.
 *
 * @differs  a peer that reads no completions loses the channel, so that the
 *           queue has a limit
 *
 *   PacketCompletionBuffer  NULL with BufSize 0: an empty response
 * BufSize above the maximum packet size, or above 0 without a buffer, asserts.
 * IRQL: <= DISPATCH [I].
 * Items: 46, 48, 106..109, 117. [D]
 */
typedef VOID
FN_VMB_CHANNEL_PACKET_COMPLETE(_In_ VMBPACKETCOMPLETION PacketCompletionContext,
                               _In_reads_bytes_opt_(BufSize)
                                   PVOID PacketCompletionBuffer,
                               _In_ UINT32 BufSize);
FN_VMB_CHANNEL_PACKET_COMPLETE VmbChannelPacketComplete;

/**
 * Puts the packet back: the same packet is presented again at PASSIVE, and no
 * later one before it [P]. Only directly inside EvtChannelProcessPacket, else
 * asserts.
 *
 * @differs  no later packet comes before the one put back; Windows does not
 *           say
 *
 * IRQL: <= DISPATCH [I]. Items: 111, 112. [D]
 */
typedef VOID FN_VMB_CHANNEL_PACKET_DEFER_TO_PASSIVE(
    _In_ VMBPACKETCOMPLETION PacketCompletionContext);
FN_VMB_CHANNEL_PACKET_DEFER_TO_PASSIVE VmbChannelPacketDeferToPassive;

/**
 * Gives up on a malformed packet, which is finished by this call: nothing
 * more is delivered on the channel until it was disabled and enabled, or the
 * guest reopened it [P]. Synchronous requests of the channel end with
 * STATUS_DEVICE_REMOVED.
 *
 * @differs  how the channel becomes usable again; Windows does not say
 *
 * IRQL: <= DISPATCH [I]. Items: 114. [D]
 */
typedef VOID
FN_VMB_CHANNEL_PACKET_FAIL(_In_ VMBPACKETCOMPLETION PacketCompletionContext);
FN_VMB_CHANNEL_PACKET_FAIL VmbChannelPacketFail;

/**
 * The memory that a packet refers to, as an MDL chain without virtual
 * addresses (MmGetSystemAddressForMdlSafe makes them, at PASSIVE). Valid until
 * VmbChannelPacketComplete, and KMCL's. A second call gives the same chain.
 *
 * @Mdl      receives the chain; NULL after a failure
 * @differs  STATUS_PENDING comes only if a test asks for it, as no page here
 *           has to be fetched
 *
 *   Flags  VMBUS_CHANNEL_PACKET_EXTERNAL_DATA_FLAG_READ_ONLY or 0
 *   STATUS_SUCCESS                 *Mdl is valid
 *   STATUS_PENDING                 return from the callback: it is called
 *                                  again, and this call then succeeds. Here
 *                                  only if a test asks for it
 *   STATUS_INVALID_PARAMETER_1     no external data [P]
 *   STATUS_INVALID_PARAMETER_2     unknown flag [P]
 *   STATUS_INVALID_PARAMETER_3     Mdl is NULL
 *   STATUS_INSUFFICIENT_RESOURCES  no memory for the MDL
 *   STATUS_DATA_ERROR              transfer pages outside what was shared
 * Whatever fails leaves NULL in *Mdl.
 * IRQL: <= DISPATCH [I]. Items: 121..123. [D]
 */
typedef NTSTATUS FN_VMB_CHANNEL_PACKET_GET_EXTERNAL_DATA(
    _In_ VMBPACKETCOMPLETION PacketCompletionContext, _In_ UINT32 Flags,
    _Out_ PMDL *Mdl);
FN_VMB_CHANNEL_PACKET_GET_EXTERNAL_DATA VmbChannelPacketGetExternalData;

#ifdef __cplusplus
}
#endif

#endif
