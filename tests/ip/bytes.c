/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames by hand (bytes.h). */
#include "bytes.h"

#include <string.h>

static const uint8_t own_mac[6] = {0x02, 0, 0, 0, 0, 0x07};

uint16_t bytes_sum(const uint8_t *at, uint32_t size)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < size; i++)
        sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint32_t bytes_ipv4(uint8_t *frame, const uint8_t mac[6], uint8_t protocol,
                    const uint8_t from[4], const uint8_t to[4], uint32_t size)
{
    uint8_t *ip = frame + ETHERNET;

    memcpy(frame, mac, 6);
    memcpy(frame + 6, own_mac, 6);
    put16(frame + 12, 0x0800);
    memset(ip, 0, IPV4);
    ip[0] = 0x45; /* version 4, 5 words */
    put16(ip + 2, IPV4 + size);
    ip[8] = 255; /* time to live */
    ip[9] = protocol;
    memcpy(ip + 12, from, 4);
    memcpy(ip + 16, to, 4);
    put16(ip + 10, bytes_sum(ip, IPV4));
    return ETHERNET + IPV4 + size;
}

uint32_t bytes_udp(uint8_t *frame, const uint8_t mac[6], const uint8_t from[4],
                   unsigned from_port, const uint8_t to[4], unsigned to_port,
                   uint32_t size)
{
    uint8_t *udp = frame + ETHERNET + IPV4;

    put16(udp, from_port);
    put16(udp + 2, to_port);
    put16(udp + 4, UDP + size);
    put16(udp + 6, 0); /* no sum */
    return bytes_ipv4(frame, mac, 17, from, to, UDP + size);
}

bool bytes_are_udp(const uint8_t *frame, uint32_t size, unsigned port)
{
    return size > ETHERNET + IPV4 + UDP && get16(frame + 12) == 0x0800 &&
           frame[ETHERNET + 9] == 17 &&
           get16(frame + ETHERNET + IPV4 + 2) == port;
}
