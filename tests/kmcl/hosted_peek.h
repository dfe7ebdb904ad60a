/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A look into a channel, where no function of KMCL tells.
 */
#ifndef TESTS_KMCL_HOSTED_PEEK_H
#define TESTS_KMCL_HOSTED_PEEK_H

#include <stdbool.h>

#include "kmcl/types.h"

/* A packet was read while PASSIVE delivers, and is left to it. */
bool peek_left_to_other(VMBCHANNEL ch);

/* Packets wait for PASSIVE, whose work item is queued, and nobody holds the
 * lock. */
bool peek_passive_waits(VMBCHANNEL ch);

/* Somebody holds its lock. */
bool peek_locked(VMBCHANNEL ch);

/* Packets in the ring whose completion is awaited. */
UINT32 peek_sent(VMBCHANNEL ch);

#endif
