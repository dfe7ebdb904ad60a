/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of the fuzzer that is about minihv's dynamic memory. */
#ifndef FUZZ_DEVICES_BALLOON_H
#define FUZZ_DEVICES_BALLOON_H

#include <stdint.h>

/* A guest that has said nothing. */
void balloon_begin(void);

/* A message of the guest. */
void balloon_take(const uint8_t *m, uint32_t size);

/* What the host asks: a byte each, 0 gives all back, others take so many
 * hundred pages. */
void balloon_ask(const uint8_t *m, uint32_t size);

#endif
