/* SPDX-License-Identifier: BSD-2-Clause */
/* A DHCP server of a few lines, whose bytes are written by hand (RFC 2131). */
#ifndef TESTS_IP_DHCP_PEER_H
#define TESTS_IP_DHCP_PEER_H

#include "world.h"

struct dhcp_peer {
    struct end end;
    bool silent;  /* it answers nothing */
    uint8_t last; /* it gives 10.0.0.`last`/24 */
    unsigned discovers, requests, releases, announcements;
    char host[64]; /* the name that the client gave */
};

/** Make one, on a wire of its own. */
void dhcp_peer_begin(struct dhcp_peer *peer);

/** Ask the client by ARP for its address, so that it knows the server's. */
void dhcp_peer_greet(struct dhcp_peer *peer);

#endif
