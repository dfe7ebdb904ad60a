/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMBus, guest half: the whole contract, collected from its parts.
 *
 *     protocol.h  versions, features and flags, for both halves
 *     bus.h       a connection to a host: connect, unload, feed
 *     offer.h     what the host offers: observe, find, claim
 *     channel.h   a channel: open, close, signal
 *     gpadl.h     the guest's pages that a host may use
 *     hv_sock.h   asking the host for a socket's channel
 *     seam.h      what the platform has to provide
 *
 * A bus is one connection to one VMBus host. It is a state machine without
 * threads: the platform feeds it with vmbus_message_arrived() and
 * vmbus_event_arrived(), and it acts through the seam (seam.h) and nothing
 * else. So several buses, for example a real one and a loopback, can exist in
 * one program.
 *
 * Requests come in two forms. A function whose name ends in `_start` sends the
 * request and returns; a `done` function gets the outcome. The function
 * without that suffix does the same and waits with seam_wait(). Each request
 * has a deadline, and each ends in exactly one outcome:
 *
 *   0           the host did it
 *   -ETIMEDOUT  the host did not answer before the deadline; the request has
 *               been undone
 *   -ENODEV     the host rescinded the channel; its memory is the guest's again
 *   -ECANCELED  the bus was unloaded meanwhile; the memory is the guest's again
 *   -EIO        the host refused; its own status is passed beside the outcome
 *   -ESTALE     the host answered neither the request nor its undo, so it may
 *               use the memory for ever: the memory is leaked on purpose,
 *               counted, and must not be reused
 *   -ENOTCONN   the bus is not connected
 *   -ENOSPC     more memory is leaked on purpose than the cap allows: the bus
 *               has stopped (see struct vmbus_config)
 *
 * A function that has further outcomes names them at its declaration.
 *
 * `done` functions and observers run at PASSIVE on processor 0, never with a
 * lock held, and may call every function of these headers, blocking ones too.
 * A channel's `event` function runs at DISPATCH on the channel's processor and
 * may call the functions that are marked "<= DISPATCH".
 *
 * What the host sends is not trusted. Each message is a private copy that is
 * checked once. A bad one (unknown, not of the negotiated version, too short,
 * not legal in this state, an unknown relid or handle, a second answer) changes
 * nothing, is counted in struct vmbus_stats and logged with a limited rate.
 */
#ifndef VMBUS_VMBUS_H
#define VMBUS_VMBUS_H

#include "vmbus/bus.h"
#include "vmbus/channel.h"
#include "vmbus/gpadl.h"
#include "vmbus/hv_sock.h"
#include "vmbus/offer.h"
#include "vmbus/protocol.h"
#include "vmbus/seam.h"

#endif
