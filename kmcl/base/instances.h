/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channels of a bus by the instance that they are configured for. An offer
 * finds its client here, and a primary its sub-channels, however many channels
 * there are. Channels without an instance are found under zero. PASSIVE.
 */
#ifndef KMCL_INSTANCES_H
#define KMCL_INSTANCES_H

#include "kmcl/base/channel.h"

/** Put the channel where its configured instance belongs: when the channel
 * comes to a bus, and when its instance is set. */
void kmcl_instance_set(VMBCHANNEL ch);

/** Take the channel out: it leaves the bus. */
void kmcl_instance_forget(VMBCHANNEL ch);

/** The first of the channels that may be configured for the instance, the
 * newest, or the next one after `previous`; NULL: no more. Others come as
 * well. */
VMBCHANNEL kmcl_instance_next(struct kmcl *root,
                              const struct vmbus_guid *instance,
                              VMBCHANNEL previous);

#endif
