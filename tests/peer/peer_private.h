/* SPDX-License-Identifier: BSD-2-Clause */
/* What the peer's files share. All offsets are those of the protocol. */
#ifndef TESTS_PEER_PRIVATE_H
#define TESTS_PEER_PRIVATE_H

#include "peer.h"

/* On its way to the guest. */
struct peer_out {
    struct peer_out *next;
    uint64_t at;
    uint32_t size;
    uint8_t bytes[];
};

uint16_t peer_get16(const uint8_t *b, uint32_t at);
void peer_put16(uint8_t *b, uint32_t at, uint16_t v);
void peer_put32(uint8_t *b, uint32_t at, uint32_t v);

/* Next byte of hex text; -1: the end; 256: "..", any. */
int peer_next_byte(const char **hex);

/* peer_send_dwords, `delay` from now. */
void peer_send_late(struct peer *p, uint64_t delay, uint32_t type,
                    uint32_t count, const uint32_t *dwords);

/* Answers a message of a type below 32 by its rule. */
void peer_react(struct peer *p, const struct peer_message *m);

/* The seam's `act` and `next_act`: deliver what is due. */
bool peer_act(void *arg);
uint64_t peer_next_act(void *arg);

#endif
