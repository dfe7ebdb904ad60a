/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums of IP, TCP and UDP, and what a network card does with them. */
#ifndef MINIHV_NET_CHECKSUM_H
#define MINIHV_NET_CHECKSUM_H

#include "rndis.h"

/* Where a frame's headers are. */
struct headers {
    bool ip4, ip6, tcp, udp;
    bool fragment;
    uint32_t ip;        /* offset of the IP header */
    uint32_t transport; /* ... of what follows it */
    uint32_t end;       /* of the IP packet; a short frame has padding */
};

/* Finds the headers of a frame. Returns false if it is no whole IP packet; IPv6
 * with extension headers has neither TCP nor UDP. */
bool headers_find(const uint8_t *frame, uint32_t size, struct headers *h);

/* The one's complement sum of the bytes, folded, not complemented; `sum` is
 * what it begins with. */
uint32_t sum_add(uint32_t sum, const uint8_t *bytes, uint32_t size);
uint16_t sum_fold(uint32_t sum);

/* The sum of the pseudo header of a transport packet of `length` bytes. */
uint32_t sum_pseudo(const uint8_t *frame, const struct headers *h,
                    uint32_t length);

/* Writes the header sum of an IPv4 header. */
void sum_ip4(uint8_t *frame, const struct headers *h);

/* Computes what frame->checksum asks for; the transport's field holds the sum
 * of the pseudo header. Returns NULL, or why it cannot be done. */
const char *sum_complete(struct net_frame *frame);

/* Checks the sums of a received frame. Returns enum packet_checksum, RX_*; 0:
 * there is nothing to check. */
uint32_t sum_check(const uint8_t *frame, uint32_t size);

#endif
