/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of the integration services, as they are on the wire: little-endian,
 * without gaps. Each begins with this header; its body is the service's own.
 * [linux hyperv.h] [openvmm ic]
 */
#ifndef DRIVERS_SERVICES_WIRE_H
#define DRIVERS_SERVICES_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The largest message, its header included: that of a pipe. Hosts send up to
 * 13,312 bytes. */
#define IC_MESSAGE_MAX 16384u

struct ic_version {
    uint16_t major, minor;
};

struct ic_header {
    struct ic_version framework;
    uint16_t type; /* enum ic_type */
    struct ic_version message;
    uint16_t size;   /* bytes of the body */
    uint32_t status; /* of an answer: enum ic_status */
    uint8_t transaction;
    uint8_t flags; /* enum ic_flags */
    uint8_t reserved[2];
};

_Static_assert(sizeof(struct ic_header) == 20, "[linux hyperv.h] icmsg_hdr");
_Static_assert(offsetof(struct ic_header, status) == 12, "[linux hyperv.h]");

enum ic_type {
    IC_NEGOTIATE = 0,
    IC_HEARTBEAT = 1,
    IC_KVP = 2,
    IC_SHUTDOWN = 3,
    IC_TIME = 4,
    IC_VSS = 5,
    IC_COPY = 7,
};

enum ic_flags {
    IC_FLAG_TRANSACTION = 1,
    IC_FLAG_REQUEST = 2,
    IC_FLAG_RESPONSE = 4,
};

/* HRESULTs that these protocols use. */
enum ic_status {
    IC_OK = 0,
    IC_FAIL = (int)0x80004005,
    IC_NOT_FOUND = (int)0x80041002,
    IC_NOT_SUPPORTED = (int)0x80070032,
    IC_INVALID = (int)0x80070057,
    IC_FULL = (int)0x80070070,
    IC_NO_MORE = (int)0x80070103,
    IC_NOT_CONNECTED = (int)0x8007048F,
    IC_LOCKED = (int)0x800704F7,
};

/* The body of a negotiation: two numbers, 4 reserved bytes, then as many
 * versions of the framework and of the messages. */
#define IC_AT_FRAMEWORKS      0u
#define IC_AT_MESSAGES        2u
#define IC_AT_VERSIONS        8u
#define IC_VERSION_SIZE       4u
#define IC_NEGOTIATION_ANSWER (IC_AT_VERSIONS + 2 * IC_VERSION_SIZE)

/* Numbers in a body, wherever they stand. */
static inline uint16_t ic_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t ic_get32(const uint8_t *at)
{
    return ic_get16(at) | (uint32_t)ic_get16(at + 2) << 16;
}

static inline uint64_t ic_get64(const uint8_t *at)
{
    return ic_get32(at) | (uint64_t)ic_get32(at + 4) << 32;
}

static inline void ic_put16(uint8_t *at, uint16_t value)
{
    memcpy(at, &value, sizeof(value));
}

static inline void ic_put32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof(value));
}

static inline void ic_put64(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, sizeof(value));
}

#endif
