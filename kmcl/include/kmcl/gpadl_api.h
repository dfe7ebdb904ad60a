/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory shared by GPADL: a client creates and deletes, a server maps. All
 * assert above PASSIVE. Create from EvtChannelOpened on; all must be deleted,
 * or unmapped, when EvtChannelClosed returns (what is left asserts).
 */
#ifndef KMCL_GPADL_API_H
#define KMCL_GPADL_API_H

#include "kmcl/types.h"
#include "kmcl/mdl.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Shares ByteCount bytes at Buffer; returns when the host has acknowledged.
 * The memory is shared until VmbChannelDeleteGpadl returns. The host can see
 * the whole pages that the bytes lie in; QEMU's host accepts only a range that
 * is whole pages from a page boundary, and ignores any other silently: then
 * this does not return.
 *
 * @differs  the statuses besides STATUS_SUCCESS; Windows names none, nor the
 *           limit of 8,190 pages
 *
 *   Flags         VMBUS_CHANNEL_GPADL_READ_ONLY or 0; the wire has no such
 *                 bit, so only a loopback server learns of it
 *   *GpadlHandle  the handle, for the driver's own protocol
 *   STATUS_SUCCESS                 the host has the memory
 *   STATUS_INVALID_PARAMETER_1     bad handle or a server
 *   STATUS_INVALID_PARAMETER_2     unknown flag
 *   STATUS_INVALID_PARAMETER_3     Buffer is NULL
 *   STATUS_INVALID_PARAMETER_4     0 bytes, or more than 8,190 pages
 *   STATUS_INVALID_PARAMETER_5     GpadlHandle is NULL
 *   STATUS_INVALID_DEVICE_STATE    not open
 *   STATUS_INSUFFICIENT_RESOURCES  no memory
 *   STATUS_IO_TIMEOUT              the host did not answer, and has let go
 *   STATUS_DEVICE_REMOVED          the channel closed meanwhile; while a host
 *                                  does not let go either, this does not
 *                                  return before the host rescinds the channel
 *                                  or answers UNLOAD
 *   STATUS_UNSUCCESSFUL            the host refused
 * After a failure the memory is the caller's.
 * IRQL: PASSIVE [I]. Items: 124, 125, 128, 129. [D]
 */
typedef NTSTATUS FN_VMB_CHANNEL_CREATE_GPADL_FROM_BUFFER(
    _In_ VMBCHANNEL Channel, _In_ UINT32 Flags,
    _In_reads_bytes_(ByteCount) PVOID Buffer, _In_ UINT32 ByteCount,
    _Out_ PUINT32 GpadlHandle);
FN_VMB_CHANNEL_CREATE_GPADL_FROM_BUFFER VmbChannelCreateGpadlFromBuffer;

/**
 * Shares DataLengthWithinMdl bytes (0: to the end) from StartOffsetWithinMdl
 * on of an MDL chain. The window becomes one range, so inside it each MDL but
 * the first starts, and each but the last ends, at a page boundary.
 *
 * @Flags        VMBUS_CHANNEL_GPADL_READ_ONLY or 0
 * @GpadlHandle  receives the handle, for the driver's own protocol
 * @differs      a window with a hole is refused; Windows does not say
 *
 *   STATUS_INVALID_PARAMETER_3  Mdl is NULL, or the window has a hole
 *   STATUS_INVALID_PARAMETER_4  the start is not inside the chain
 *   STATUS_INVALID_PARAMETER_5  the window passes the end or 8,190 pages
 *   STATUS_INVALID_PARAMETER_6  GpadlHandle is NULL
 *   others                      as VmbChannelCreateGpadlFromBuffer
 * IRQL: PASSIVE [I]. Items: 126. [D]
 */
typedef NTSTATUS FN_VMB_CHANNEL_CREATE_GPADL_FROM_MDL(
    _In_ VMBCHANNEL Channel, _In_ UINT32 Flags, _In_ PMDL Mdl,
    _In_ UINT32 StartOffsetWithinMdl, _In_ UINT32 DataLengthWithinMdl,
    _Out_ PUINT32 GpadlHandle);
FN_VMB_CHANNEL_CREATE_GPADL_FROM_MDL VmbChannelCreateGpadlFromMdl;

/**
 * Takes the memory back: returns when the host has let go, that is after the
 * server has unmapped it. While a host does not answer it does not return
 * before the host rescinds the channel or answers UNLOAD, and never when the
 * connection ended without that answer. A handle that is not this channel's
 * asserts.
 *
 * @GpadlHandle  from one of the two functions above; dead afterwards
 * @differs      a handle that is not this channel's asserts
 *
 * IRQL: PASSIVE [I]. Items: 54, 127. [D]
 */
typedef VOID FN_VMB_CHANNEL_DELETE_GPADL(_In_ VMBCHANNEL Channel,
                                         _In_ UINT32 GpadlHandle);
FN_VMB_CHANNEL_DELETE_GPADL VmbChannelDeleteGpadl;

/**
 * Server: maps a client's GPADL, as an MDL without virtual address
 * (MmGetSystemAddressForMdlSafe gives it). One mapping per GPADL at a time.
 * KMCL's MDL, valid until VmbChannelUnmapGpadl; NULL after a failure.
 *
 * @GpadlHandle  which the client sent in its own protocol
 * @Mdl          receives the MDL; NULL after a failure
 * @differs      one mapping for each GPADL at a time; Windows does not say
 *
 *   Flags  VMBUS_CHANNEL_GPADL_FLAG_READ_ONLY or 0
 *   STATUS_SUCCESS                 *Mdl is valid
 *   STATUS_INVALID_PARAMETER_1     bad handle or a client
 *   STATUS_INVALID_PARAMETER_2     unknown flag
 *   STATUS_INVALID_PARAMETER_3     no such GPADL on this channel, or the
 *                                  client is taking it back
 *   STATUS_INVALID_PARAMETER_4     Mdl is NULL
 *   STATUS_INVALID_DEVICE_STATE    not open, mapped already, or the GPADL of
 *                                  the channel's rings
 *   STATUS_ACCESS_DENIED           created read-only, mapped for writing
 *   STATUS_INSUFFICIENT_RESOURCES  no memory
 *   STATUS_UNSUCCESSFUL            the guest has no such page frames
 * IRQL: PASSIVE [I]. Items: 130. [D]
 */
typedef NTSTATUS FN_VMB_CHANNEL_MAP_GPADL(_In_ VMBCHANNEL Channel,
                                          _In_ UINT32 Flags,
                                          _In_ UINT32 GpadlHandle,
                                          _Out_ PMDL *Mdl);
FN_VMB_CHANNEL_MAP_GPADL VmbChannelMapGpadl;

/**
 * Undoes VmbChannelMapGpadl and lets a waiting deletion go on. A handle that
 * is not mapped asserts.
 *
 * @GpadlHandle  as it was given to VmbChannelMapGpadl
 * @differs      a handle that is not mapped asserts
 *
 * IRQL: PASSIVE [I]. Items: 127, 130. [D]
 */
typedef VOID FN_VMB_CHANNEL_UNMAP_GPADL(_In_ VMBCHANNEL Channel,
                                        _In_ UINT32 GpadlHandle);
FN_VMB_CHANNEL_UNMAP_GPADL VmbChannelUnmapGpadl;

#ifdef __cplusplus
}
#endif

#endif
