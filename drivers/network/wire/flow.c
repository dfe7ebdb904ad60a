/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which flow a frame belongs to (queues.h). The number is our own matter: the
 * host only says how many channels there are for it.
 */
#include "drivers/network/wire/headers.h"
#include "drivers/network/wire/queues.h"

#include <string.h>

#define ETHERNET 14u

/* Each bit of `bytes` changes about half of the bits above and below. */
static uint32_t mix(uint32_t number, const uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i += 4) {
        uint32_t word;

        /* The frame need not be aligned. */
        memcpy(&word, bytes + i, sizeof(word));
        number = (number ^ word) * 0x9E3779B1u;
        number ^= number >> 15;
    }
    return number;
}

/* Both have their ports in the first four bytes of their header. */
static bool has_ports(uint8_t protocol)
{
    return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
}

/* Only the first fragment has ports, so none of them counts those. */
static uint32_t flow_ip4(const uint8_t *ip, uint32_t size)
{
    uint32_t header, number;

    if (size < IP4_LEAST)
        return 0;
    number = mix(0, ip + 12, 8);
    header = (ip[0] & 0xFu) * 4;
    /* Neither the bit "more fragments" nor an offset may be set. */
    if (get16(ip + 6) & 0x3FFF || !has_ports(ip[9]) || header < IP4_LEAST ||
        header + 4 > size)
        return number;
    return mix(number, ip + header, 4);
}

/* Extension headers, a fragment's among them, are not passed over. */
static uint32_t flow_ip6(const uint8_t *ip, uint32_t size)
{
    uint32_t number;

    if (size < IP6_SIZE)
        return 0;
    number = mix(0, ip + 8, 32);
    return has_ports(ip[6]) && size >= IP6_SIZE + 4
               ? mix(number, ip + IP6_SIZE, 4)
               : number;
}

/* What is no IP, as ARP, goes together: there is little of it. */
uint32_t frame_flow(const uint8_t *head, uint32_t size)
{
    uint32_t type = size < ETHERNET ? 0 : get16(head + TYPE_AT);

    if (type == TYPE_IP4)
        return flow_ip4(head + ETHERNET, size - ETHERNET);
    return type == TYPE_IP6 ? flow_ip6(head + ETHERNET, size - ETHERNET) : 0;
}
