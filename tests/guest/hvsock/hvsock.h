/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest of the suite `hvsock`: what its files share. Each line that it
 * prints is `# NAME: WORDS`; tests/hvsock/hvsock_suite.py knows what must come.
 */
#ifndef TESTS_GUEST_HVSOCK_H
#define TESTS_GUEST_HVSOCK_H

#include <stdint.h>

#include "drivers/hvsock.h"

/* The bytes of the large transfers: the option `size`. */
uint64_t wanted_bytes(void);

/* Sends so many bytes, which depend on their place alone; prints their sum. */
void send_bytes(const char *name, int s, uint64_t size);

/* Receives to the end; prints how many, their sum, and how it ended. After
 * `answer_at` bytes, if it is not 0, it sends a byte. */
void receive_bytes(const char *name, int s, uint64_t answer_at);

/* A stream to a port of the host; -1: a line says why not. */
int connect_to(const char *name, uint32_t port);

/* The guest connects (connects.c), and is connected to (accepts.c). */
void connects(void);
void accepts(void);

#endif
