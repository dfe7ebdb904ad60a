/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A saved state that is made by hand, chunk by chunk: whatever its fields
 * say, its checksums are right.
 */
#ifndef TESTS_KMCL_FORGED_STATE_H
#define TESTS_KMCL_FORGED_STATE_H

#include "harness.h"
#include "kmcl/save/format.h"

struct forged {
    uint8_t bytes[4096];
    uint32_t starts[4]; /* of the chunks */
    uint32_t chunks;
    uint32_t size;
};

/* Overwrites the four bytes at `at`. */
void forged_put(struct forged *f, uint32_t at, uint32_t value);

/* The head of a state with so many chunks; `size`: bytes of its payload. */
void forged_head(struct forged *f, uint32_t size, uint32_t chunks);

/* One packet that awaits its completion; `more`: bytes behind it. */
void forged_packet(struct forged *f, int32_t more);

/* A completion with `bytes` behind it, which says that it has `said`. */
void forged_completion(struct forged *f, uint32_t bytes, uint32_t said);

/* Puts the checksums in; nothing may change afterwards. */
void forged_seal(struct forged *f);

#endif
