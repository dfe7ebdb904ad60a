/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a client of hv_sock needs besides the documented API. Each connection is
 * a channel of its own: its type is the service, its instance the end that has
 * asked for it.
 *
 *   the guest connects  a client for service and end, enabled; then
 *                       kmcl_client_ask(): the host offers that channel
 *   the host connects   a client for the service, kmcl_client_set_accepts(),
 *                       enabled: it takes the next one
 *
 * A host withdraws the channel as soon as both directions have ended; what it
 * had sent may still be in the ring then: kmcl_client_rest().
 */
#ifndef KMCL_SOCKETS_H
#define KMCL_SOCKETS_H

#include "kmcl/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What became of kmcl_client_ask(). PASSIVE.
 *   STATUS_SUCCESS             the host has offered the channel
 *   STATUS_CONNECTION_REFUSED  nobody listens there
 *   STATUS_IO_TIMEOUT          no answer, which is also how a host below VMBus
 *                              4.1 refuses
 *   STATUS_DEVICE_REMOVED      the connection to the host ended
 *   others                     the request could not be sent */
typedef VOID FN_KMCL_ASKED(PVOID context, NTSTATUS status);

/**
 * Asks the host for the channel that a client waits for: TL_CONNECT_REQUEST
 * with the client's type as the service and its instance as the end. The client
 * may be disabled and cleaned up before the answer comes.
 *
 * @channel  a client whose target is one instance, a GUID that nobody has used
 * @asked    called once, with STATUS_SUCCESS only
 * @context  for `asked`
 *
 * IRQL: PASSIVE.
 *   STATUS_SUCCESS                 the request is on its way
 *   STATUS_INVALID_PARAMETER_1     bad handle, a server, or a target without
 *                                  an instance
 *   STATUS_NOT_SUPPORTED           VMBus below 4.0
 *   STATUS_INVALID_DEVICE_STATE    the same was asked and not answered yet, or
 *                                  there is no connection to the host
 *   STATUS_INSUFFICIENT_RESOURCES  no memory
 */
NTSTATUS kmcl_client_ask(VMBCHANNEL channel, FN_KMCL_ASKED *asked,
                         PVOID context);

/**
 * Lets a Disabled client whose target is a type without an instance take only
 * connections that the host has asked for; not those that this guest has asked
 * for and given up, nor other devices of the type.
 *
 * @accepts  FALSE, as at first: any offer of the type
 *
 * IRQL: PASSIVE.
 *   STATUS_SUCCESS              set
 *   STATUS_INVALID_PARAMETER_1  bad handle, not Disabled, or a server
 */
NTSTATUS kmcl_client_set_accepts(VMBCHANNEL channel, BOOLEAN accepts);

/* A packet that had not been delivered. */
struct kmcl_rest {
    VMBPACKETCOMPLETION packet; /* to be completed, as a delivered one */
    PVOID buffer;
    UINT32 size;
};

/**
 * Takes the next packet that the host sent before it withdrew the channel, and
 * that was not delivered. Without this they are lost.
 *
 * @rest    filled with TRUE only
 * @return  FALSE: no more, or the host has not withdrawn it; what cannot be
 *          read, because the ring is broken or memory is missing, is lost
 *
 * IRQL: PASSIVE, inside EvtChannelSuspend of this channel, a client; otherwise
 * asserts.
 */
BOOLEAN kmcl_client_rest(VMBCHANNEL channel, struct kmcl_rest *rest);

#ifdef __cplusplus
}
#endif

#endif
