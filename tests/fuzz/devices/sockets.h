/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of the fuzzer that is about minihv's hv_sock. */
#ifndef FUZZ_DEVICES_SOCKETS_H
#define FUZZ_DEVICES_SOCKETS_H

#include <stdint.h>

/* A stream that the guest has asked for, and a port in step. */
void sockets_begin(void);

/* Bytes of the port to the outside. */
void sockets_take_port(const uint8_t *m, uint32_t size);

/* What the guest and its channel do: a word a step. */
void sockets_take_guest(const uint8_t *m, uint32_t size);

#endif
