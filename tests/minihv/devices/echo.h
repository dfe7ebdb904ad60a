/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The echo device, for tests and figures: one interface type, and one instance
 * for each mode of sending. This file describes the packets on the wire.
 */
#ifndef MINIHV_ECHO_H
#define MINIHV_ECHO_H

#include <stdint.h>

#include "vmbus/guid.h"

/* The interface type is 6d9a1f34-52c1-4a0e-9d3b-0e1f5ec40e00; the last byte of
 * the instance is the mode. */
#define ECHO_TYPE                                                             \
    VMBUS_GUID_INIT(0x6D9A1F34, 0x52C1, 0x4A0E, 0x9D, 0x3B, 0x0E, 0x1F, 0x5E, \
                    0xC4, 0x0E, 0x00)

enum echo_mode {
    /* In-band: a packet that asks for completion is completed with its own
     * payload, any other comes back as an in-band packet, whose transaction
     * is a number of the device's own. */
    ECHO_IN_BAND = 1,
    /* GPA-direct, completion asked for, payload struct echo_external: the
     * data is summed up or inverted in place. */
    ECHO_EXTERNAL = 2,
    /* In-band, payload struct echo_transfer: the device writes into the
     * guest's GPADL, completes the request and sends a transfer-page packet
     * (set 1) that asks for completion. */
    ECHO_TRANSFER = 3,
    /* Pipe framing: each frame comes back. */
    ECHO_PIPE = 4,
    ECHO_MODES = 4,
};

/* The largest payload of in-band and pipe packets, in bytes. */
enum { ECHO_PACKET_MAX = 16384 };

struct echo_external {
    uint32_t operation; /* 1 sum up, 2 invert */
    uint32_t sum;       /* answer: sum of all bytes as they were */
    uint64_t bytes;     /* answer: how many */
};
_Static_assert(sizeof(struct echo_external) == 16, "on the wire");

enum { ECHO_SUM = 1, ECHO_INVERT = 2 };

struct echo_transfer {
    uint32_t gpadl;
    uint32_t offset, size; /* where to write: byte k gets seed + k */
    uint32_t seed;
    uint32_t status; /* answer: 0, or 1 if the range is not in the GPADL */
};
_Static_assert(sizeof(struct echo_transfer) == 20, "on the wire");

#endif
