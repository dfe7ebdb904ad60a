/* SPDX-License-Identifier: BSD-2-Clause */
/* A user of the bus that the fuzzers of the guest half drive. It makes every
 * call that a user may make, in any order, and expects each to fail at times.
 */
#ifndef TESTS_FUZZ_BUS_LIFE_H
#define TESTS_FUZZ_BUS_LIFE_H

#include "tests/peer/peer.h"

/* The bytes that steer a run; reads past the end give zeros. */
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
    uint32_t pending; /* requests without an outcome so far */
};

/* Creates a seam, a peer with two offers, and a bus that asks from `version`
 * down. */
void bus_life_begin(struct bus_life *l, uint32_t version);

/* Makes one call of a user, chosen by `what`: a start function or a blocking
 * one. */
void bus_life_act(struct bus_life *l, uint8_t what);

/* Ends the run in order. Aborts if an object is left, if a request has no
 * outcome, or if memory that the host released was not returned. */
void bus_life_end(struct bus_life *l);

/* Ends the run by a crash, which sends UNLOAD and nothing else. */
void bus_life_crash(struct bus_life *l);

#endif
