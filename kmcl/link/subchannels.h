/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sub-channels of a server's channel. A guest knows a sub-channel by its
 * primary channel, so a primary is published before its sub-channels and
 * withdrawn after them.
 */
#ifndef KMCL_LINK_SUBCHANNELS_H
#define KMCL_LINK_SUBCHANNELS_H

#include "kmcl/base/channel.h"

/* The primary of the sub-channel `ch`, when it waits to be withdrawn; NULL: it
 * does not wait, or `ch` is no sub-channel. PASSIVE. */
VMBCHANNEL kmcl_primary_waits(VMBCHANNEL ch);

/* True: a sub-channel of `primary` is published. PASSIVE. */
bool kmcl_subchannel_is_offered(VMBCHANNEL primary);

/* A sub-channel of `primary` that is to be published now, because its primary
 * is; NULL: there is none. PASSIVE. */
VMBCHANNEL kmcl_subchannel_to_follow(VMBCHANNEL primary);

/* Makes all published sub-channels of `primary` leave: `withdraw` is called for
 * each that no guest has opened, the others close first, as if their guest had
 * broken a ring. True: some are still published. PASSIVE. */
bool kmcl_subchannels_leave(VMBCHANNEL primary, void (*withdraw)(VMBCHANNEL));

#endif
