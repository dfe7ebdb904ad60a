/*
 * A look into a channel, where no function of KMCL tells.
 */
#ifndef TESTS_KMCL_HOSTED_PEEK_H
#define TESTS_KMCL_HOSTED_PEEK_H

#include <stdbool.h>

#include "kmcl/types.h"

/* Somebody has found another one delivering, and left it to that one. */
bool peek_left_to_other(VMBCHANNEL ch);

/* Somebody holds its lock. */
bool peek_locked(VMBCHANNEL ch);

/* Packets in the ring whose completion is awaited. */
UINT32 peek_sent(VMBCHANNEL ch);

#endif
