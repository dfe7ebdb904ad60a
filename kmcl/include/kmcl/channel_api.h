/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channel lifetime: six functions for both endpoints.
 *
 * Two independent axes: connection (Disabled, Enabled, Open) and flow
 * (Paused, Active); a channel runs when it is Open and Active [H]. "Bad
 * handle" means NULL or not a live channel; functions without a status
 * assert on it. VmbChannelCleanup, Disable, Start and Pause assert when a
 * state-change callback or a packet callback of the same channel calls them:
 * they would wait for themselves. All six assert above PASSIVE.
 */
#ifndef KMCL_CHANNEL_API_H
#define KMCL_CHANNEL_API_H

#include "kmcl/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Creates a channel with default settings, in the Disabled state.
 *
 * @Channel  receives the handle; NULL after a failure
 * @differs  ParentDeviceObject may be NULL, and names a bus or an offer of it
 *           instead of a driver's device
 *
 *   ParentDeviceObject  NULL: the default bus; for a server the loopback,
 *                       once vmbare_loopback() was called. Else a bus, or
 *                       an offered device that a client binds without
 *                       VmbClientChannelInitSetTargetPnp (kmcl.h).
 *   IsServer            nonzero: a server endpoint.
 * The caller owns *Channel until VmbChannelCleanup; after a failure it is
 * NULL.
 * IRQL: PASSIVE [D].
 *   STATUS_SUCCESS                 *Channel is the handle
 *   STATUS_INVALID_PARAMETER_1     ParentDeviceObject is no bus or device
 *   STATUS_INVALID_PARAMETER_3     Channel is NULL
 *   STATUS_INVALID_DEVICE_STATE    NULL was given, and no default bus is
 *                                  attached
 *   STATUS_NOT_SUPPORTED           the bus has no half for this endpoint
 *   STATUS_INSUFFICIENT_RESOURCES  no memory
 * Items: 9, 10, 11. [D]
 */
typedef _IRQL_requires_(PASSIVE_LEVEL) NTSTATUS
    FN_VMB_CHANNEL_ALLOCATE(_In_opt_ PDEVICE_OBJECT ParentDeviceObject,
                            _In_ BOOLEAN IsServer, _Out_ VMBCHANNEL *Channel);
FN_VMB_CHANNEL_ALLOCATE VmbChannelAllocate;

/**
 * Destroys a Disabled channel; the handle is dead afterwards. Packets still
 * queued complete with STATUS_DEVICE_REMOVED first. All packets from
 * VmbPacketAllocate must be back, and synchronous requests have returned.
 *
 * @differs  a call in a wrong state asserts; Windows does not say what happens
 *
 * IRQL: PASSIVE [I]. In any other state, with packets still out, with a save
 * session open, or from inside a call that waits for this channel: asserts.
 * Items: 57, 58. [D]
 */
typedef VOID FN_VMB_CHANNEL_CLEANUP(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_CLEANUP VmbChannelCleanup;

/**
 * Connects: a server publishes its offer, a client binds a matching offer
 * that is there or waits for one. Returns without waiting; what follows
 * arrives through EvtChannelOpened or the PnP failure callback. A client
 * becomes Active by this call, a server stays Paused until VmbChannelStart;
 * both are Paused if VmbChannelPause was called before.
 *
 * @differs  the statuses besides STATUS_SUCCESS; Windows names none
 *
 * IRQL: PASSIVE [I].
 *   STATUS_SUCCESS                 enabled
 *   STATUS_INVALID_PARAMETER_1     bad handle
 *   STATUS_INVALID_DEVICE_STATE    not Disabled, or no target (client), no
 *                                  interface id (server), a restore that is
 *                                  not finished, a save session that is
 *                                  open, or a VmbChannelDisable or
 *                                  VmbChannelCleanup of the channel that has
 *                                  not returned
 *   STATUS_BUFFER_TOO_SMALL        a ring, or the wire's length field, is too
 *                                  small for a packet at both configured
 *                                  maxima
 *   STATUS_NOT_SUPPORTED           target VTL is not the guest's, which is 0
 * A server besides:
 *   STATUS_OBJECT_NAME_COLLISION   the instance is offered already
 *   STATUS_INSUFFICIENT_RESOURCES  no memory, or no channel number is free
 *   STATUS_INVALID_PARAMETER       a restored connection had this instance
 *                                  with other flags
 *   STATUS_UNSUCCESSFUL            its rings cannot be mapped any more
 * After a failure the channel is Disabled.
 * Items: 26, 28..32, 42..45. [D][H]
 */
typedef _Must_inspect_result_ NTSTATUS
FN_VMB_CHANNEL_ENABLE(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_ENABLE VmbChannelEnable;

/**
 * Tears the channel down and returns when it is Disabled: EvtChannelSuspend
 * if it ran, waits until every delivered packet is completed, closes (a
 * server withdraws its offer), completes what was sent with
 * STATUS_DEVICE_REMOVED, EvtChannelClosed if it was open.
 *
 * @differs  a call from a callback of the channel asserts; Windows only
 *           forbids it
 *
 * IRQL: PASSIVE [I]. On a Disabled channel: only takes back a
 * VmbChannelPause. With a save session open, or called by a callback that runs
 * while VmbChannelCreateGpadl... or VmbChannelDeleteGpadl of the channel waits
 * for the host (each would wait for the other): asserts.
 * Items: 48, 51, 55, 56, 58, 59. [D]
 */
typedef VOID FN_VMB_CHANNEL_DISABLE(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_DISABLE VmbChannelDisable;

/**
 * Leaves the paused state. On an open channel EvtChannelStarted, then the
 * incoming queue goes on, then EvtChannelPostStarted; otherwise it only
 * records that the channel is to run. Required once on a server.
 *
 * @differs  a call on a channel that is not enabled asserts
 *
 * IRQL: PASSIVE [I]. On an active channel, and on one that the other side has
 * closed or withdrawn: nothing. On a channel that is not enabled: asserts.
 * Items: 42, 43, 49, 50, 58. [D][H]
 */
typedef VOID FN_VMB_CHANNEL_START(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_START VmbChannelStart;

/**
 * Enters the paused state. On a running channel: EvtChannelSuspend, then
 * returns when no delivered packet is outstanding, or when a callback that runs
 * meanwhile has called VmbChannelStart. On a Disabled channel: it will come up
 * paused.
 *
 * @differs  nothing that is known
 *
 * IRQL: PASSIVE [I]. On a paused channel: nothing.
 * Items: 43, 46..48, 50, 58. [D]
 */
typedef VOID FN_VMB_CHANNEL_PAUSE(_In_ VMBCHANNEL Channel);
FN_VMB_CHANNEL_PAUSE VmbChannelPause;

#ifdef __cplusplus
}
#endif

#endif
