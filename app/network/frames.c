/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames built and checked by hand: what a stack does, without one. */
#include "network.h"

#include <string.h>

#define ETHERNET 14u
#define IP4      20u
#define UDP      8u
#define TCP      20u

void frame_put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void frame_put32(uint8_t *at, uint32_t value)
{
    frame_put16(at, value >> 16);
    frame_put16(at + 2, value);
}

uint32_t frame_get16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

uint32_t frame_get32(const uint8_t *at)
{
    return frame_get16(at) << 16 | frame_get16(at + 2);
}

/* The sum of the Internet protocols, not inverted. */
static uint32_t sum(const uint8_t *at, uint32_t size, uint32_t before)
{
    uint64_t sum = before;

    /* Words in network order; an odd last byte counts as the upper half. */
    for (; size > 1; at += 2, size -= 2)
        sum += frame_get16(at);
    if (size)
        sum += (uint32_t)at[0] << 8;
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint32_t)sum;
}

/* Destination, source and type. */
static void ethernet(struct frame *f, const struct ends *e, uint32_t type)
{
    memcpy(f->bytes, e->mac_to, 6);
    memcpy(f->bytes + 6, e->mac_from, 6);
    frame_put16(f->bytes + 12, type);
}

uint8_t *frame_ip(struct frame *f, const struct ends *e, uint8_t protocol,
                  uint32_t size)
{
    uint8_t *ip = f->bytes + ETHERNET;

    ethernet(f, e, 0x0800);
    memset(ip, 0, IP4 + size);
    /* Version 4, a header of 20 bytes, a lifetime of 64 hops. */
    ip[0] = 0x45;
    frame_put16(ip + 2, IP4 + size);
    ip[8] = 64;
    ip[9] = protocol;
    memcpy(ip + 12, e->from, 4);
    memcpy(ip + 16, e->to, 4);
    frame_put16(ip + 10, ~sum(ip, IP4, 0));
    f->size = ETHERNET + IP4 + size;
    return ip + IP4;
}

uint8_t *frame_udp(struct frame *f, const struct ends *e, uint16_t from,
                   uint16_t to, uint32_t size)
{
    uint8_t *udp = frame_ip(f, e, 17, UDP + size);

    /* Ports and length; the sum stays 0, which means none. */
    frame_put16(udp, from);
    frame_put16(udp + 2, to);
    /* The length counts this header, too. */
    frame_put16(udp + 4, UDP + size);
    return udp + UDP;
}

/* The sum of the pseudo-header, then of what follows IP's header. */
static uint32_t transport_sum(const uint8_t *ip, uint32_t size)
{
    return sum(ip + IP4, size, sum(ip + 12, 8, ip[9] + size));
}

void frame_udp_sum(struct frame *f)
{
    uint8_t *ip = f->bytes + ETHERNET;
    uint32_t value = ~transport_sum(ip, f->size - ETHERNET - IP4) & 0xFFFF;

    /* A sum of 0 would mean that there is none. */
    frame_put16(ip + IP4 + 6, value ? value : 0xFFFF);
}

uint8_t *frame_tcp(struct frame *f, const struct ends *e, uint32_t sequence,
                   uint32_t size)
{
    uint8_t *tcp = frame_ip(f, e, 6, TCP + size);

    /* Two ports, a number, a header of 20 bytes, and a window. */
    frame_put16(tcp, 7);
    frame_put16(tcp + 2, 9);
    frame_put32(tcp + 4, sequence);
    tcp[12] = TCP / 4 << 4;
    tcp[13] = 0x10; /* an acknowledgement */
    frame_put16(tcp + 14, 0xFFFF);
    return tcp + TCP;
}

void frame_arp(struct frame *f, const struct ends *e)
{
    static const uint8_t begin[] = {0, 1, 8, 0, 6, 4, 0, 1};
    uint8_t *arp = f->bytes + ETHERNET;

    ethernet(f, e, 0x0806);
    /* Ethernet's least frame has 46 bytes of data. */
    memset(arp, 0, 46);
    memcpy(arp, begin, sizeof(begin));
    memcpy(arp + 8, e->mac_from, 6);
    memcpy(arp + 14, e->from, 4);
    memcpy(arp + 24, e->to, 4);
    f->size = 60;
}

void frame_ping(struct frame *f, const struct ends *e, uint16_t number,
                uint32_t size)
{
    uint8_t *icmp = frame_ip(f, e, 1, 8 + size);

    /*
     * An echo request; the answer carries the same number and the same
     * data.
     */
    icmp[0] = 8;
    frame_put16(icmp + 4, 0x766D);
    frame_put16(icmp + 6, number);
    for (uint32_t i = 0; i < size; i++)
        icmp[8 + i] = (uint8_t)(i + number);
    frame_put16(icmp + 2, ~sum(icmp, 8 + size, 0));
}

bool frame_sums_good(const uint8_t *bytes, uint32_t size)
{
    const uint8_t *ip = bytes + ETHERNET;
    uint32_t length;

    if (size < ETHERNET + IP4 || ip[0] != 0x45)
        return false;
    length = frame_get16(ip + 2);
    /* The frame may be longer, by padding. */
    if (length < IP4 || length > size - ETHERNET || sum(ip, IP4, 0) != 0xFFFF)
        return false;
    return transport_sum(ip, length - IP4) == 0xFFFF;
}
