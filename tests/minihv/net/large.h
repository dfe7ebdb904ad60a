/* SPDX-License-Identifier: BSD-2-Clause */
/* Large sends: one frame of up to 62,780 bytes of TCP payload becomes segments,
 * or stays whole for a guest that takes coalesced frames. */
#ifndef MINIHV_NET_LARGE_H
#define MINIHV_NET_LARGE_H

#include "checksum.h"

/**
 * Cuts a large frame into segments, with all sums right.
 *
 * @frame   has_large is set; its data is changed
 * @work    room for the largest segment: headers and MSS, `room` bytes
 * @emit    gets each segment; its bytes are valid during the call
 * @return  NULL, or why the frame cannot be cut
 */
const char *large_cut(const struct net_frame *frame, uint8_t *work,
                      uint32_t room,
                      void (*emit)(void *context, struct net_frame *segment),
                      void *context);

/**
 * Completes the headers of a large frame that stays whole: lengths and the
 * IPv4 sum. The TCP sum stays wrong.
 *
 * @return  NULL, or why the frame cannot stay whole
 */
const char *large_whole(struct net_frame *frame);

#endif
