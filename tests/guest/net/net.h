/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest of the suite net (tests/net): it serves what a client outside asks
 * for, one TCP connection to port 9 after the other. A connection begins with a
 * line that says what is wanted (serve.c).
 */
#ifndef TESTS_GUEST_NET_H
#define TESTS_GUEST_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/sockets.h"

/* ---- serve.c */

/* Serves on port 9 until a client says `end`. Returns false if it cannot. */
bool serve_until_end(void);

/* Sends `size` bytes, all of them. Returns false if the connection failed. */
bool serve_send(int s, const void *bytes, size_t size);

/* ---- data.c */

/* Reads until the other end has sent all; answers with count and CRC-32. */
void data_sink(int s);

/* Sends `size` bytes that follow from `seed`, and their CRC-32 at the end. */
void data_source(int s, uint64_t size, uint32_t seed);

/* Sends back what it gets, until the other end has sent all. */
void data_echo(int s);

/* Sends back `count` datagrams that come to UDP port 7. */
void data_datagrams(int s, unsigned count);

/* ---- busy.c */

/* Serves an echo on TCP port 77 by lwIP's callbacks alone, while the caller
 * computes and never waits, until a connection there sends `stop`. Returns what
 * was computed meanwhile; 0: the port is not to be had. */
uint64_t busy_until_stop(int told);

/* ---- ask.c */

/* Asks for a name and answers with its address, or with the errno. */
void ask_name(int s, const char *name, int family);

/* Waits until SNTP has answered, then answers with the seconds since 1970. */
void ask_time(int s);

/* Answers with what ip_facts() says, a line each. */
void ask_facts(int s);

/* Connects to the address, sends a greeting and answers with what came back. */
void ask_call(int s, const char *name, uint32_t port);

#endif
