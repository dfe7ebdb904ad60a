/* SPDX-License-Identifier: BSD-2-Clause */
/* The DHCP server of the tests (dhcp_peer.h). */
#include "dhcp_peer.h"

#include <string.h>

#include "bytes.h"

#define MESSAGE (ETHERNET + IPV4 + UDP) /* where BOOTP begins */
#define OPTIONS (MESSAGE + 240u)
#define ANSWER  300u /* bytes of BOOTP */

enum { DISCOVER = 1, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE };

static const uint8_t own[4] = {10, 0, 0, 254};
static const uint8_t all[4] = {255, 255, 255, 255};
static const uint8_t all_macs[6] = {255, 255, 255, 255, 255, 255};

/* The value of an option, or NULL. */
static const uint8_t *option(const uint8_t *frame, uint32_t size,
                             unsigned number)
{
    for (uint32_t at = OPTIONS; at + 1 < size && frame[at] != 255;) {
        if (frame[at] == number && at + 2 + frame[at + 1] <= size)
            return frame + at;
        at += frame[at] ? 2u + frame[at + 1] : 1;
    }
    return NULL;
}

static void answer(struct dhcp_peer *peer, const uint8_t *question,
                   unsigned type)
{
    uint8_t frame[MESSAGE + ANSWER] = {0};
    uint8_t *m = frame + MESSAGE;
    const uint8_t options[] = {
        99,  130, 83,
        99,                      /* the cookie */
        53,  1,   (uint8_t)type, /* */
        54,  4,   10,
        0,   0,   254, /* the server */
        51,  4,   0,
        0,   14,  16, /* an hour */
        1,   4,   255,
        255, 255, 0, /* mask */
        3,   4,   10,
        0,   0,   254, /* router */
        6,   4,   10,
        0,   0,   253, /* names */
        255,
    };

    m[0] = 2;                                 /* an answer */
    m[1] = 1;                                 /* Ethernet */
    m[2] = 6;                                 /* */
    memcpy(m + 4, question + MESSAGE + 4, 4); /* its number */
    memcpy(m + 16, (uint8_t[]){10, 0, 0, peer->last}, 4);
    memcpy(m + 28, question + MESSAGE + 28, 16); /* the client's MAC */
    memcpy(m + 236, options, sizeof(options));
    world_send(&peer->end, frame,
               bytes_udp(frame, all_macs, own, 67, all, 68, ANSWER));
}

static void take_message(struct dhcp_peer *peer, const uint8_t *frame,
                         uint32_t size)
{
    const uint8_t *type = option(frame, size, 53);
    const uint8_t *name = option(frame, size, 12);

    if (name && name[1] < sizeof(peer->host)) {
        memcpy(peer->host, name + 2, name[1]);
        peer->host[name[1]] = 0;
    }
    if (!type)
        return;
    peer->discovers += type[2] == DISCOVER;
    peer->requests += type[2] == REQUEST;
    peer->releases += type[2] == RELEASE;
    if (!peer->silent && type[2] == DISCOVER)
        answer(peer, frame, OFFER);
    if (!peer->silent && type[2] == REQUEST)
        answer(peer, frame, ACK);
}

static void take(struct end *end, const uint8_t *frame, uint32_t size)
{
    struct dhcp_peer *peer = end->context;

    if (bytes_are_udp(frame, size, 67))
        take_message(peer, frame, size);
    /* ARP with the same address on both sides: an announcement. */
    if (get16(frame + 12) == 0x0806 && size >= 42 &&
        memcmp(frame + 28, frame + 38, 4) == 0)
        peer->announcements++;
}

void dhcp_peer_begin(struct dhcp_peer *peer)
{
    memset(peer, 0, sizeof(*peer));
    peer->end.take = take;
    peer->end.context = peer;
    peer->last = 50;
}

void dhcp_peer_greet(struct dhcp_peer *peer)
{
    uint8_t frame[42] = {
        255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 7, 8, 6, /* Ethernet */
        0,   1,   8,   0,   6,   4,   0, 1, 2, 0, 0, 0, 0, 7, 10, 0, 0, 254,
    };

    memcpy(frame + 38, (uint8_t[]){10, 0, 0, peer->last}, 4);
    world_send(&peer->end, frame, sizeof(frame));
    world_pass(0.01);
}
