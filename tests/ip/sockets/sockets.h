/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of sockets between two stacks share. A waits in its calls, as
 * an application does; B is a server that looks after each thing that happens,
 * without waiting.
 */
#ifndef TESTS_IP_SOCKETS_H
#define TESTS_IP_SOCKETS_H

#include "tests/ip/tests.h"

#define A (a_side.net)
#define B (b_side.net)

/* B's echo, and the addresses that a server binds. */
extern const struct net_address echo4, any4_7, any6_7;

/** B serves an echo there, one connection, from now on. */
void echo_begin(const struct net_address *address);

/** It ends, and closes what it has. */
void echo_end(void);

/** A socket of A that is connected. @return  it; a failure ends the test */
int connected(const struct net_address *to);

/** Sends `size` bytes in pieces, receives as many, closes by halves. */
void echo_bytes(const struct net_address *to, size_t size);

#endif
