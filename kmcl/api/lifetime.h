/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the functions around a channel's life share.
 */
#ifndef KMCL_LIFETIME_H
#define KMCL_LIFETIME_H

#include "kmcl/base/channel.h"

/* Makes a Disabled channel one of another bus; nothing of it is queued or
 * open. PASSIVE. */
void kmcl_channel_move(VMBCHANNEL ch, struct kmcl *root);

#endif
