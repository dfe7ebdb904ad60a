/* SPDX-License-Identifier: BSD-2-Clause */
/* Headers of a frame, as frame_out.c and flow.c read them. */
#ifndef DRIVERS_NETWORK_WIRE_HEADERS_H
#define DRIVERS_NETWORK_WIRE_HEADERS_H

#include <stdint.h>

#define TYPE_AT      12u
#define TYPE_IP4     0x0800u
#define TYPE_IP6     0x86DDu
#define PROTOCOL_TCP 6u
#define PROTOCOL_UDP 17u
#define IP4_LEAST    20u
#define IP6_SIZE     40u

/* A number of 16 bits in the order of the wire. */
static inline uint32_t get16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

#endif
