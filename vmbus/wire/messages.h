/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one table of all channel messages: number, log name, direction, size by
 * version, first version, feature. Both halves check by it what arrives.
 */
#ifndef VMBUS_MESSAGES_H
#define VMBUS_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/wire/wire.h"

enum vmbus_direction {
    VMBUS_TO_GUEST = 1,
    VMBUS_TO_HOST = 2,
};

/* A size that holds from `version` on where `features` (any of them; 0: none
 * needed) were negotiated. The last rule that applies counts. */
struct vmbus_size_rule {
    uint32_t version;
    uint8_t features; /* VMBUS_FEATURE_* are all below 0x100 */
    uint16_t size;
};

/* In this order it has no gaps: each image contains thirty of them. */
struct vmbus_message_info {
    const char *name; /* "OFFERCHANNEL" */
    /* Smallest size to take from the other side. Ends with size 0. */
    struct vmbus_size_rule sizes[3];
    uint32_t version;  /* the first that knows it */
    uint16_t full;     /* sizeof the struct, its longest form */
    uint8_t type;      /* WIRE_... */
    uint8_t direction; /* enum vmbus_direction */
    uint8_t feature;   /* needed besides; 0: none */
};

/** The entry of the table for `type` (1..29); NULL: there is none. */
const struct vmbus_message_info *vmbus_message_info(uint32_t type);

/** The log name of any number; "unknown" if there is no such message. */
const char *vmbus_message_name(uint32_t type);

/** The smallest legal size of `m` on a connection of `version` with
 * `features`. */
uint32_t vmbus_message_size(const struct vmbus_message_info *m,
                            uint32_t version, uint32_t features);

/** True if a connection of `version` with `features` has the message `m`.
 * Version 0: not negotiated yet, so only the messages that negotiate, and those
 * that end a connection, are known. */
bool vmbus_message_known(const struct vmbus_message_info *m, uint32_t version,
                         uint32_t features);

/** Begin a message: zero its `size` bytes and set its type.
 * @return  `size` */
uint32_t vmbus_message_begin(void *message, uint32_t type, uint32_t size);

/* Why a message was refused; the order is that of checking. */
enum vmbus_verdict {
    VMBUS_MESSAGE_OK,
    VMBUS_MESSAGE_TRUNCATED, /* shorter than a header, or beyond 240 */
    VMBUS_MESSAGE_UNKNOWN,   /* no such number */
    VMBUS_MESSAGE_DIRECTION, /* ours to send, not to receive */
    VMBUS_MESSAGE_VERSION,   /* negotiated version or features lack it */
    VMBUS_MESSAGE_SHORT,     /* smaller than its size rule */
};

/**
 * Check a message that arrived. One that is longer than its struct is normal.
 * [linux channel_mgmt.c]
 *
 * @payload    the message, a private copy
 * @size       its bytes
 * @direction  where it was sent to
 * @version    of the connection; 0: not negotiated
 * @features   negotiated ones
 * @info       receives its entry of the table; NULL with TRUNCATED and UNKNOWN
 * @return     VMBUS_MESSAGE_OK, or the first rule that it breaks
 */
enum vmbus_verdict vmbus_message_check(const void *payload, uint32_t size,
                                       enum vmbus_direction direction,
                                       uint32_t version, uint32_t features,
                                       const struct vmbus_message_info **info);

/* "of no known number", "not in this direction" ... for one log line. */
const char *vmbus_verdict_text(enum vmbus_verdict verdict);

#endif
