/* SPDX-License-Identifier: BSD-2-Clause */
/* The Toeplitz hash of a frame, which spreads flows over receive queues. */
#ifndef MINIHV_NET_HASH_H
#define MINIHV_NET_HASH_H

#include "rndis.h"

/* The hash of `size` bytes, at most 36, with a key of 40. */
uint32_t hash_toeplitz(const uint8_t *key, const uint8_t *bytes, uint32_t size);

/* The receive queue of a frame: 0 without RSS, or if it is no IP packet. */
uint32_t hash_queue(const struct rndis *r, struct net_frame *frame);

#endif
