/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a server channel is offered to guests. Everywhere here ch->link.server is
 * set: what the host half calls, with the channel as context.
 */
#ifndef KMCL_LINK_OFFER_H
#define KMCL_LINK_OFFER_H

#include "kmcl/base/channel.h"

/* Publishes the offer of `ch`, and those of its sub-channels that wait for it.
 * A sub-channel whose primary waits to be withdrawn is published after that. A
 * restored channel is claimed; the guest may be told of before this returns.
 * Returns 0, or the negative errno of vmbus_host_offer(). PASSIVE. */
int kmcl_offer_publish(VMBCHANNEL ch);

/* Withdraws the offer and publishes it again, now or when the sub-channels are
 * withdrawn. Returns 0, or the negative errno of vmbus_host_offer(). PASSIVE.
 */
int kmcl_offer_anew(VMBCHANNEL ch);

/* Withdraws the offer for good, if there is one; a primary that waited for this
 * alone goes on. The rings and GPADLs are not in use any more. PASSIVE. */
void kmcl_offer_withdraw(VMBCHANNEL ch);

/* After EvtChannelClosed: does with the offer what ch->link.offer says. An
 * offer that cannot be published again disables the channel. PASSIVE. */
void kmcl_offer_release(VMBCHANNEL ch);

#endif
