/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outgoing packet objects: seven functions for both endpoints. A bad handle,
 * also one that was freed, asserts where there is no status to return.
 */
#ifndef KMCL_PACKET_API_H
#define KMCL_PACKET_API_H

#include "kmcl/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Takes a packet object from the channel's free list, or makes one. Holds
 * all that a send needs, so that no send fails for memory [H]. Its routine
 * gives it back by itself at completion until VmbPacketSetCompletionRoutine
 * replaces that; a packet never sent, or with its own routine, goes back by
 * VmbPacketFree.
 *
 * @return   the packet; NULL: bad handle, or no memory
 * @differs  nothing that is known
 *
 * IRQL: <= DISPATCH [I]. Items: 61..65, 79. [D]
 */
typedef VMBPACKET FN_VMB_PACKET_ALLOCATE(_In_ VMBCHANNEL Channel);
FN_VMB_PACKET_ALLOCATE VmbPacketAllocate;

/**
 * Gives back a packet from VmbPacketAllocate that is not in flight; legal in
 * its own completion routine [H]. A packet from VmbPacketInitialize, one in
 * flight or one freed before asserts.
 *
 * @differs  a packet that must not be freed asserts
 *
 * IRQL: <= DISPATCH [I]. Items: 63, 64. [D]
 */
typedef VOID FN_VMB_PACKET_FREE(_In_ VMBPACKET VmbPacket);
FN_VMB_PACKET_FREE VmbPacketFree;

/**
 * Turns ByteCount bytes of the caller's memory into a packet object. Its
 * completion routine is invalid until set. The caller frees the memory when
 * the packet is not in flight; it is never given to VmbPacketFree.
 *
 * @differs  VmbPacket must be aligned to 8; Windows does not say
 *
 *   STATUS_SUCCESS              the packet can be used
 *   STATUS_INVALID_PARAMETER_1  bad handle of the channel
 *   STATUS_INVALID_PARAMETER_2  VmbPacket is NULL or not aligned to 8 [P]
 *   STATUS_INVALID_PARAMETER_3  ByteCount below VmbChannelSizeofPacket, so
 *                               also if not above maximum packet size + 8
 * IRQL: <= DISPATCH [I]. Items: 66, 67, 69. [D]
 */
typedef NTSTATUS FN_VMB_PACKET_INITIALIZE(_In_ VMBCHANNEL Channel,
                                          _Out_writes_bytes_(ByteCount)
                                              VMBPACKET VmbPacket,
                                          _In_ UINT32 ByteCount);
FN_VMB_PACKET_INITIALIZE VmbPacketInitialize;

/**
 * The channel that a packet was made for.
 *
 * @return   the channel given to VmbPacketAllocate or VmbPacketInitialize
 * @differs  nothing that is known
 *
 * IRQL: <= DISPATCH [I]. Items: 61. [D]
 */
typedef VMBCHANNEL FN_VMB_PACKET_GET_CHANNEL(_In_ VMBPACKET PacketObject);
FN_VMB_PACKET_GET_CHANNEL VmbPacketGetChannel;

/**
 * Stores one driver pointer (may be NULL [D18]) on the packet, in any state.
 *
 * @Pointer  anything; KMCL does not follow it
 * @differs  nothing that is known
 *
 * IRQL: <= DISPATCH [I]. Items: 70. [D]
 */
typedef VOID FN_VMB_PACKET_SET_POINTER(_In_ VMBPACKET PacketObject,
                                       _In_opt_ PVOID Pointer);
FN_VMB_PACKET_SET_POINTER VmbPacketSetPointer;

/**
 * What VmbPacketSetPointer stored; NULL before [P].
 *
 * @return   the pointer; NULL if none was stored
 * @differs  NULL before the first VmbPacketSetPointer; Windows does not say
 *
 * IRQL: <= DISPATCH [I]. Items: 70. [D]
 */
typedef PVOID FN_VMB_PACKET_GET_POINTER(_In_ VMBPACKET PacketObject);
FN_VMB_PACKET_GET_POINTER VmbPacketGetPointer;

/**
 * The routine to call when the packet's transaction ends. It replaces the
 * automatic freeing: the packet is the driver's after completion. NULL
 * asserts, as does a packet in flight.
 *
 * @CompletionRoutine  called once for each send of the packet that was
 *                     accepted
 * @differs            NULL and a packet in flight assert
 *
 * IRQL: <= DISPATCH [I]. Items: 64, 69. [D]
 */
typedef VOID FN_VMB_PACKET_SET_COMPLETION_ROUTINE(
    _In_ VMBPACKET PacketObject,
    _In_ PFN_VMB_PACKET_COMPLETION_ROUTINE CompletionRoutine);
FN_VMB_PACKET_SET_COMPLETION_ROUTINE VmbPacketSetCompletionRoutine;

#ifdef __cplusplus
}
#endif

#endif
