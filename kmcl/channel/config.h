/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When a channel may be configured.
 */
#ifndef KMCL_CONFIG_H
#define KMCL_CONFIG_H

#include "kmcl/base/channel.h"

/* Alive and Disabled: neither enabled nor on its way down. */
static inline bool kmcl_configurable(VMBCHANNEL ch)
{
    return kmcl_channel_ok(ch) && ch->phase == KMCL_DISABLED;
}

static inline bool kmcl_client_configurable(VMBCHANNEL ch)
{
    return kmcl_configurable(ch) && !ch->is_server;
}

static inline bool kmcl_server_configurable(VMBCHANNEL ch)
{
    return kmcl_configurable(ch) && ch->is_server;
}

/**
 * Sets both flag words and with them whether the channel frames its packets as
 * a pipe. The caller has checked that the channel is Disabled and the bits.
 *
 * @return  false: the framing would change under packets that are queued
 *          already; nothing is set
 *
 * PASSIVE.
 */
bool kmcl_set_flags(VMBCHANNEL ch, uint32_t flags, uint32_t server_flags);

#endif
