/* SPDX-License-Identifier: BSD-2-Clause */
/* A user of the bus that the fuzzers of the guest half drive: it does all that
 * a user may, in any order, and never trusts that it works. */
#ifndef TESTS_FUZZ_BUS_LIFE_H
#define TESTS_FUZZ_BUS_LIFE_H

#include "tests/peer/peer.h"

/* The bytes that steer a run; reading past the end gives zeroes. */
struct steering {
    const uint8_t *data;
    size_t size;
};

uint8_t steer(struct steering *in);

#define BUS_LIFE_GPADLS 4u

struct bus_life {
    struct seam *s;
    struct peer *p;
    struct vmbus_bus *bus;
    struct vmbus_channel *c;   /* claimed, or NULL */
    struct vmbus_channel *sub; /* its sub-channel: claimed and open, or NULL */
    uint32_t gpadls[BUS_LIFE_GPADLS];
    void *memory[BUS_LIFE_GPADLS];
    struct vmbus_observer observer;
    bool observing;
    uint32_t events;
    uint32_t pending; /* requests whose outcome has not come */
};

/* A seam, a peer with two offers, a bus that asks from `version` down. */
void bus_life_begin(struct bus_life *l, uint32_t version);

/* One thing that a user does, chosen by `what`; -start functions and blocking
 * ones. */
void bus_life_act(struct bus_life *l, uint8_t what);

/* Ends all in order; aborts if something is left, a request has no outcome,
 * or the host has let go and memory did not come back. */
void bus_life_end(struct bus_life *l);

/* Ends it by a crash: UNLOAD only, nothing is asked for afterwards. */
void bus_life_crash(struct bus_life *l);

#endif
