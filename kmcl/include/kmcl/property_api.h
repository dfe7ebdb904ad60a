/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channel properties at run time: eight functions for both endpoints.
 * A bad handle or a NULL output pointer asserts (item 146) where there is no
 * status to return.
 */
#ifndef KMCL_PROPERTY_API_H
#define KMCL_PROPERTY_API_H

#include "kmcl/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Stores one driver pointer (may be NULL) on the channel; any state.
 *
 * @Pointer  anything; KMCL does not follow it
 * @differs  nothing that is known
 *
 * IRQL: <= DISPATCH [I]. Items: 27. [D]
 */
typedef VOID FN_VMB_CHANNEL_SET_POINTER(_In_ VMBCHANNEL Channel,
                                        _In_opt_ PVOID Pointer);
FN_VMB_CHANNEL_SET_POINTER VmbChannelSetPointer;

/**
 * What VmbChannelSetPointer stored; NULL before [P]. (The documentation's
 * VmbPacketSetPointer is a slip.)
 *
 * @return   the pointer; NULL if none was stored
 * @differs  NULL before the first VmbChannelSetPointer; Windows does not say
 *
 * IRQL: <= DISPATCH [I]. Items: 27. [D]
 */
typedef PVOID FN_VMB_CHANNEL_GET_POINTER(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_GET_POINTER VmbChannelGetPointer;

/**
 * The instance in use: a server's own, a client's bound offer; before one is
 * bound the configured instance or zeros.
 *
 * @InterfaceInstance  receives the GUID
 * @differs            nothing that is known
 *
 * IRQL: <= DISPATCH [I]. Items: 30, 146. [D]
 */
typedef VOID
FN_VMB_CHANNEL_GET_INTERFACE_INSTANCE(_In_ VMBCHANNEL Channel,
                                      _Out_ LPGUID InterfaceInstance);
FN_VMB_CHANNEL_GET_INTERFACE_INSTANCE VmbChannelGetInterfaceInstance;

/**
 * Physical address and size in bytes of the MMIO range reserved for the
 * channel, from EvtChannelOpened on; zeros before, if the offer asked for none,
 * and on a server, whose guest has the range [P].
 *
 * @MmioAddress  receives the physical address, or 0
 * @MmioSize     receives the size in bytes, or 0
 * @differs      the address is the physical one; Windows' page calls it
 *               virtual in one place
 *
 * IRQL: <= DISPATCH [I]. Items: 144, 146. [D]
 */
typedef VOID FN_VMB_CHANNEL_GET_MMIO_SPACE(_In_ VMBCHANNEL Channel,
                                           _Out_ UINT64 *MmioAddress,
                                           _Out_ UINT64 *MmioSize);
FN_VMB_CHANNEL_GET_MMIO_SPACE VmbChannelGetMmioSpace;

/**
 * Nonzero: both packet callbacks only at PASSIVE. Zero (the default [I]): at
 * PASSIVE or DISPATCH. Any state; a change holds from the next packet on.
 *
 * @RequirePassive  nonzero: at PASSIVE only
 * @differs         nothing that is known
 *
 * IRQL: <= DISPATCH [I]. Items: 113. [D]
 */
typedef VOID
FN_VMB_CHANNEL_SET_INCOMING_PROCESSING_AT_PASSIVE(_In_ VMBCHANNEL Channel,
                                                  _In_ BOOLEAN RequirePassive);
FN_VMB_CHANNEL_SET_INCOMING_PROCESSING_AT_PASSIVE
VmbChannelSetIncomingProcessingAtPassive;

/**
 * Sets the latency, in units of 100 ns, with which the host looks at this
 * guest's monitored signals. *OriginalLatency (may be NULL) receives the
 * value before. It holds for later openings too, which is all that a call
 * inside EvtChannelClosed can mean.
 *
 * @Latency  in units of 100 ns
 * @differs  the statuses besides STATUS_SUCCESS; Windows names none
 *
 * IRQL: PASSIVE [I].
 *   STATUS_SUCCESS               set
 *   STATUS_INVALID_PARAMETER_1   bad handle
 *   STATUS_NOT_SUPPORTED         a server, or no monitor for this channel
 *   STATUS_INVALID_DEVICE_STATE  not between EvtChannelOpened and
 *                                EvtChannelClosed, both included
 * Items: 145. [D]
 */
typedef _Must_inspect_result_ NTSTATUS FN_VMB_CHANNEL_SET_INTERRUPT_LATENCY(
    _In_ VMBCHANNEL Channel, _In_ UINT16 Latency,
    _Out_ PUINT16 OriginalLatency);
FN_VMB_CHANNEL_SET_INTERRUPT_LATENCY VmbChannelSetInterruptLatency;

/**
 * Caps the packets that are delivered and not completed, at Quota (> 0; 0
 * asserts). A raised quota takes effect with the next completion.
 *
 * @differs  0 asserts; Windows does not say
 *
 * IRQL: <= DISPATCH [I]. Items: 117..119. [D]
 */
typedef VOID FN_VMB_CHANNEL_SET_TRANSACTION_QUOTA(_In_ VMBCHANNEL Channel,
                                                  _In_ UINT32 Quota);
FN_VMB_CHANNEL_SET_TRANSACTION_QUOTA VmbChannelSetTransactionQuota;

/**
 * Bytes of memory that VmbPacketInitialize needs with the configured maxima;
 * always above maximum packet size + size of a pointer.
 *
 * @return   the bytes
 * @differs  nothing that is known
 *
 * IRQL: <= DISPATCH [I]. Items: 67, 68. [D]
 */
typedef UINT32 FN_VMB_CHANNEL_SIZEOF_PACKET(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_SIZEOF_PACKET VmbChannelSizeofPacket;

#ifdef __cplusplus
}
#endif

#endif
