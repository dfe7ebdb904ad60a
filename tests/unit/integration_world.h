/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine for drivers/services/, and a host that sends it messages. */
#ifndef INTEGRATION_WORLD_H
#define INTEGRATION_WORLD_H

#include "unit.h"

#include "drivers/services/private.h"

extern uint64_t now;
extern int64_t wall;
extern int ends; /* calls of ending_begin() */
extern enum services_end how;

extern struct service s;
extern uint8_t *message; /* of its own, so that the sanitizer sees its end */
extern uint32_t length, status;

int setup(void **state);
int teardown(void **state);

/* Makes a message of `whole` bytes, which begins with these. */
void put(const uint8_t *bytes, uint32_t size, uint32_t whole);

/* Sends a message; it is the answer then. */
enum ic_outcome take(const uint8_t *bytes, uint32_t size);

/* Lets a service agree on this version of messages. */
void agree(enum services_name name, uint8_t major, uint8_t minor);

/* The message is an answer with this status now. */
void assert_answer(uint32_t wanted);

/* Framework 3.0, messages of `major`.`minor`, transaction 9. */
#define HEADER(type, major, minor, size)                                       \
    3, 0, 0, 0, (type), 0, (major), 0, (minor), 0, (size)&255, (size) >> 8, 0, \
        0, 0, 0, 9, 3, 0, 0
#define NEGOTIATE(size) \
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (size), 0, 0, 0, 0, 0, 1, 3, 0, 0

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
