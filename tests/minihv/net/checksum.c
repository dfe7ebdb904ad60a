/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checksum offload. A guest leaves the sum of the pseudo header in the field,
 * so the sum over the transport's bytes is all that is left to do. [RFC 1071]
 */
#include "checksum.h"

#include <stddef.h>

#include "bytes.h"

enum {
    ETHERNET = 14,
    TYPE_IP4 = 0x0800,
    TYPE_IP6 = 0x86DD,
    IP6 = 40,
    TCP = 6,
    UDP = 17,
    TCP_HEADER = 20,
    UDP_HEADER = 8,
    TCP_SUM = 16, /* offsets of the fields */
    UDP_SUM = 6,
};

/* ---- headers ------------------------------------------------------------- */

static bool find_ip4(const uint8_t *p, uint32_t room, struct headers *h)
{
    enum { LEAST = 20, FRAGMENT = 0x3FFF };
    uint32_t header = (p[0] & 0xF) * 4u, total;

    if (room < LEAST || p[0] >> 4 != 4)
        return false;
    total = be16(p + 2);
    if (header < LEAST || total < header || total > room)
        return false;
    h->ip4 = true;
    h->transport = h->ip + header;
    h->end = h->ip + total;
    h->fragment = be16(p + 6) & FRAGMENT;
    h->tcp = p[9] == TCP;
    h->udp = p[9] == UDP;
    return true;
}

static bool find_ip6(const uint8_t *p, uint32_t room, struct headers *h)
{
    if (room < IP6 || p[0] >> 4 != 6 || be16(p + 4) > room - IP6)
        return false;
    h->ip6 = true;
    h->transport = h->ip + IP6;
    h->end = h->transport + be16(p + 4);
    h->tcp = p[6] == TCP;
    h->udp = p[6] == UDP;
    return true;
}

bool headers_find(const uint8_t *frame, uint32_t size, struct headers *h)
{
    uint32_t room, left;
    bool found = false;

    *h = (struct headers){.ip = ETHERNET};
    if (size < ETHERNET + 20)
        return false;
    room = size - ETHERNET;
    if (be16(frame + 12) == TYPE_IP4)
        found = find_ip4(frame + ETHERNET, room, h);
    else if (be16(frame + 12) == TYPE_IP6)
        found = find_ip6(frame + ETHERNET, room, h);
    if (!found)
        return false;
    left = h->end - h->transport;
    h->tcp = h->tcp && !h->fragment && left >= TCP_HEADER;
    h->udp = h->udp && !h->fragment && left >= UDP_HEADER;
    return true;
}

/* ---- sums ---------------------------------------------------------------- */

uint32_t sum_add(uint32_t sum, const uint8_t *bytes, uint32_t size)
{
    uint64_t wide = sum;

    for (; size >= 2; bytes += 2, size -= 2)
        wide += be16(bytes);
    if (size)
        wide += (uint32_t)*bytes << 8;
    while (wide >> 16)
        wide = (wide & 0xFFFF) + (wide >> 16);
    return (uint32_t)wide;
}

uint16_t sum_fold(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)sum;
}

uint32_t sum_pseudo(const uint8_t *frame, const struct headers *h,
                    uint32_t length)
{
    uint32_t protocol = h->tcp ? TCP : UDP;
    const uint8_t *ip = frame + h->ip;

    return sum_add((length >> 16) + (length & 0xFFFF) + protocol,
                   ip + (h->ip4 ? 12 : 8), h->ip4 ? 8 : 32);
}

void sum_ip4(uint8_t *frame, const struct headers *h)
{
    uint8_t *ip = frame + h->ip;

    put_be16(ip + 10, 0);
    put_be16(ip + 10, (uint16_t)~sum_add(0, ip, h->transport - h->ip));
}

/* ---- transmit ------------------------------------------------------------ */

const char *sum_complete(struct net_frame *f)
{
    uint32_t what = f->checksum, field;
    struct headers h;
    uint16_t sum;

    if (!f->has_checksum || !(what & (TX_TCP | TX_UDP | TX_IP_HEADER)))
        return NULL;
    if (!headers_find(f->data, f->size, &h))
        return "a checksum is asked for, and the frame is no IP packet";
    if (what & TX_IP_HEADER && h.ip4)
        sum_ip4(f->data, &h);
    if (!(what & (TX_TCP | TX_UDP)))
        return NULL;
    if (what & TX_TCP ? !h.tcp : !h.udp)
        return "a checksum of another transport than the frame's is asked for";
    field = h.transport + (h.tcp ? TCP_SUM : UDP_SUM);
    sum = (uint16_t)~sum_add(0, f->data + h.transport, h.end - h.transport);
    /* 0 means "no sum" for UDP. */
    if (!sum && h.udp)
        sum = 0xFFFF;
    put_be16(f->data + field, sum);
    f->checksum &= ~(uint32_t)(TX_TCP | TX_UDP | TX_IP_HEADER);
    return NULL;
}

/* ---- receive ------------------------------------------------------------- */

static bool transport_good(const uint8_t *frame, const struct headers *h)
{
    uint32_t length = h->end - h->transport;

    return sum_add(sum_pseudo(frame, h, length), frame + h->transport,
                   length) == 0xFFFF;
}

uint32_t sum_check(const uint8_t *frame, uint32_t size)
{
    uint32_t found = 0;
    struct headers h;

    if (!headers_find(frame, size, &h))
        return 0;
    if (h.ip4)
        found = sum_add(0, frame + h.ip, h.transport - h.ip) == 0xFFFF
                    ? RX_IP_GOOD
                    : RX_IP_BAD;
    if (h.tcp)
        found |= transport_good(frame, &h) ? RX_TCP_GOOD : RX_TCP_BAD;
    else if (h.udp && be16(frame + h.transport + UDP_SUM))
        found |= transport_good(frame, &h) ? RX_UDP_GOOD : RX_UDP_BAD;
    return found;
}
