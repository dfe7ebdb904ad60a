/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Integration services: what they have in common. The host offers versions,
 * the guest chooses one of each kind; then the host asks, one thing at a time,
 * and the guest sends each message back as its answer. ic.c knows neither
 * channels nor what the messages mean. [linux hyperv.h] [openvmm ic]
 */
#ifndef MINIHV_SERVICES_IC_H
#define MINIHV_SERVICES_IC_H

#include <stdbool.h>
#include <stdint.h>

enum {
    IC_HEADER = 20,
    IC_MAX = 8192, /* bytes of a message here; the protocol allows 13312 */
};

enum ic_type {
    IC_NEGOTIATE = 0,
    IC_HEARTBEAT = 1,
    IC_KVP = 2,
    IC_SHUTDOWN = 3,
    IC_TIME = 4,
    IC_VSS = 5,
    IC_COPY = 7,
};

struct ic_version {
    uint16_t major, minor;
};

struct ic {
    enum ic_type type;
    const struct ic_version *versions; /* of messages, the oldest first */
    uint32_t version_count;
    bool open;
    bool agreed;  /* versions */
    bool waiting; /* for an answer */
    struct ic_version framework, message;
    uint8_t transaction;
};

struct ic_answer {
    bool negotiated; /* it agreed on versions just now, and has no body */
    uint32_t status; /* 0, or an HRESULT */
    const uint8_t *body;
    uint32_t size; /* bytes of the body, at most IC_MAX */
};

/* The guest has opened the channel. What is not of a connection stays. */
void ic_open(struct ic *ic);

/* Writes the message that offers versions; returns its bytes. `out` has IC_MAX
 * bytes. */
uint32_t ic_negotiation(struct ic *ic, uint8_t *out);

/**
 * Writes a request. Versions are agreed, and no answer is awaited.
 *
 * @size    bytes at `body`, at most IC_MAX - IC_HEADER
 * @return  bytes of the message
 */
uint32_t ic_request(struct ic *ic, const uint8_t *body, uint32_t size,
                    uint8_t *out);

/**
 * Takes a message of the guest.
 *
 * @bytes   a private copy
 * @answer  filled in where the result is NULL
 * @return  NULL, or the rule that the guest has broken
 */
const char *ic_take(struct ic *ic, const uint8_t *bytes, uint32_t size,
                    struct ic_answer *answer);

#endif
