/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the bus start from: a seam, a peer, a bus. */
#ifndef TESTS_BUS_FIXTURE_H
#define TESTS_BUS_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/peer/peer.h"

/* The outcome of a request made with a _start function. */
struct outcome {
    uint32_t calls;
    int status;
    uint32_t host_status;
};

void outcome_done(void *arg, int status, uint32_t host_status);

struct fixture {
    struct seam *s;
    struct peer *p;
    struct vmbus_bus *bus;
    struct vmbus_config config; /* set before fixture_connect */
    struct vmbus_channel *c;    /* claimed, after fixture_channel */
    struct vmbus_open open;     /* 2 + 2 pages on processor 1 */
    uint32_t events;            /* calls of the event function */
    uint32_t event_cpu;         /* where the last one ran */
    enum vmbus_event_result event_result;
    struct outcome outcome;
    uint64_t leaked; /* pages that the test leaves leaked */
};

/* cmocka's setup and teardown; *state is a struct fixture with a seam of two
 * processors and a peer with nothing to offer. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Makes the bus from f->config, not connected. */
void fixture_bus(struct fixture *f);

/* ... and connects it. */
void fixture_connect(struct fixture *f);

/* ... with one offer, relid 5, which f->c has claimed. */
void fixture_channel(struct fixture *f);

/* ... which is open. */
void fixture_open(struct fixture *f);

/* Claims the first channel that nobody has, no sub-channel. */
struct vmbus_channel *fixture_claim(struct fixture *f);

/* Delivers one message of the host and runs nothing else. */
void fixture_deliver_one(struct fixture *f);

/* Waits a second at PASSIVE for nothing: everything else goes on. */
void fixture_wait_a_second(struct fixture *f);

/* The page whose address stands at `at` in the first INITIATE_CONTACT: 16
 * interrupts, 24 and 32 monitors, of the host and of us. */
uint8_t *fixture_contact_page(struct fixture *f, uint32_t at);

/* f->c is closed and has given everything back. */
void fixture_nothing_is_left(struct fixture *f);

/* Limits the peer and the bus to one version. */
void fixture_version(struct fixture *f, uint32_t version);

uint64_t fixture_refused(const struct fixture *f);

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

#endif
