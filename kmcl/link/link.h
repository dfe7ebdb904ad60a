/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two transports of a channel, and what they report upward. Their tables of
 * operations are explained in kmcl/base/link.h.
 */
#ifndef KMCL_LINK_H
#define KMCL_LINK_H

#include "kmcl/base/channel.h"

/* Over the guest half of a bus, and over the host half. */
extern const struct kmcl_link_ops kmcl_client_link;
extern const struct kmcl_link_ops kmcl_server_link;

/* The other side has left: requests that wait end now, then the state machine
 * closes the channel. PASSIVE. */
void kmcl_peer_gone(VMBCHANNEL ch);

/* The passive work item of a channel: lets the state machine look at it, then
 * delivers what waits for PASSIVE. `arg` is the channel. PASSIVE. */
void kmcl_passive_work(void *arg);

/* A link reports that opening has ended: with 0, or with a negative errno. Then
 * the state machine goes on. PASSIVE. */
void kmcl_link_opened(VMBCHANNEL ch, int status);

/* A link reports that closing has ended: the rings are unmapped, or will be by
 * the host half. Then the state machine goes on. PASSIVE. */
void kmcl_link_closed(VMBCHANNEL ch);

/* The data path gets the rings and the pump of an opening channel. They stay
 * valid until kmcl_link_detach(). Takes the channel's lock. PASSIVE. */
void kmcl_link_attach(VMBCHANNEL ch, struct ring_reader *rx,
                      struct ring_writer *tx, struct pump *pump);

/* The data path loses them; the pump is at rest. Takes the channel's lock.
 * PASSIVE. */
void kmcl_link_detach(VMBCHANNEL ch);

/* The observer's functions of a client bus: an offer has come or was given back
 * by its owner, or one is gone. `root` is the struct kmcl. PASSIVE. */
void kmcl_client_offered(void *root, struct vmbus_channel *c);
void kmcl_client_rescinded(void *root, struct vmbus_channel *c); /* PASSIVE */

#endif
