/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames by hand: the fields of Ethernet (IEEE 802.3), IPv4 (RFC 791), UDP
 * (RFC 768) and ARP (RFC 826), written without the stack's code. */
#ifndef TESTS_IP_BYTES_H
#define TESTS_IP_BYTES_H

#include <stdbool.h>
#include <stdint.h>

#define ETHERNET 14u
#define IPV4     20u
#define UDP      8u

/** A 16-bit field in the network's order. */
static inline uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/** The sum of RFC 1071 over `size` bytes. */
uint16_t bytes_sum(const uint8_t *at, uint32_t size);

/**
 * Write the headers of Ethernet and IPv4 before `size` bytes that are there.
 *
 * @frame  ETHERNET + IPV4 + size bytes
 * @mac    of the receiver
 * @return the frame's size
 */
uint32_t bytes_ipv4(uint8_t *frame, const uint8_t mac[6], uint8_t protocol,
                    const uint8_t from[4], const uint8_t to[4], uint32_t size);

/** The same with UDP, without its sum. */
uint32_t bytes_udp(uint8_t *frame, const uint8_t mac[6], const uint8_t from[4],
                   unsigned from_port, const uint8_t to[4], unsigned to_port,
                   uint32_t size);

/** Is this a frame of UDP over IPv4 to that port? */
bool bytes_are_udp(const uint8_t *frame, uint32_t size, unsigned port);

#endif
