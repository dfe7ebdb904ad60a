/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The connection, private part: what the files of connection/ call of each
 * other, and what bus.c and message.c call of them.
 */
#ifndef VMBUS_GUEST_CONNECTION_H
#define VMBUS_GUEST_CONNECTION_H

#include "vmbus/guest/bus.h"

/** Prepare connecting. */
void vmbus_contact_init(struct vmbus_bus *bus);

/** The version that the bus is asking for. */
uint32_t vmbus_asked_version(const struct vmbus_bus *bus);

/** The features that go with that version; 0 below 6.0. */
uint32_t vmbus_asked_features(const struct vmbus_bus *bus);

/** Ask for the version after the one that the host refused, or end the connect
 * with -EPROTONOSUPPORT. Lock held. */
void vmbus_locked_ask_next(struct vmbus_bus *bus);

/** The host is silent: ask for the version after the one that it did not
 * answer. False: an earlier silence has led to that already, or there is no
 * older version that may be asked for. Lock held. */
bool vmbus_locked_step_down(struct vmbus_bus *bus);

/** End the connect: the host has answered each contact that it took with a no.
 * While it owes an answer, end it as vmbus_locked_connect_undo() does. Lock
 * held. */
void vmbus_locked_connect_failed(struct vmbus_bus *bus, int status,
                                 uint32_t host_status);

/** End the connect with `status`, but first UNLOAD, because the host may have
 * taken our pages. Lock held. */
void vmbus_locked_connect_undo(struct vmbus_bus *bus, int status);

/** Prepare what follows the answer to INITIATE_CONTACT. */
void vmbus_negotiated_init(struct vmbus_bus *bus);

/** Allocate the pages that a connection shares. 0; -ENOMEM. PASSIVE. */
int vmbus_connection_pages_alloc(struct vmbus_bus *bus);

/** The op.settle of connect and unload: frees those pages after the end of a
 * connection, or counts them as leaked. PASSIVE. */
void vmbus_connection_pages_settle(struct op *op);

/** Log, for debugging, the features of 6.0 that are not in `asked`. */
void vmbus_log_features(struct vmbus_bus *bus, uint32_t asked);

/** Prepare unloading. */
void vmbus_unload_init(struct vmbus_bus *bus);

/**
 * Post UNLOAD instead of all that is queued, and await its response.
 *
 * @timeout  for the response, in units of 100 ns
 * @next     what follows when the response or the timeout has come; NULL: the
 *           connection ends, and a pending connect with bus->connect_status
 *
 * Lock held.
 */
void vmbus_locked_unload_begin(struct vmbus_bus *bus, uint64_t timeout,
                               void (*next)(struct vmbus_bus *bus));

/* Handlers of messages. */
message_fn vmbus_locked_version_response;
message_fn vmbus_locked_all_offers_delivered;
message_fn vmbus_locked_unload_response;

#endif
