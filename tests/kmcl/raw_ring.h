/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets of a raw end: what both of them do with their rings.
 */
#ifndef TESTS_KMCL_RAW_RING_H
#define TESTS_KMCL_RAW_RING_H

#include "raw.h"
#include "vmbus/ring.h"

struct raw_ring {
    struct ring_reader *reader;
    struct ring_writer *writer;
    void (*signal)(void *end); /* tells the other side */
    void *end;
};

/* The next packet; false: the ring is empty. */
bool raw_ring_read(const struct raw_ring *r, struct raw_packet *p);

/* A packet whose first `header_size` bytes are its header. 0, or -EAGAIN when
 * the ring is full. */
int raw_ring_send(const struct raw_ring *r, uint16_t type, uint16_t flags,
                  uint64_t transaction, uint32_t header_size, const void *body,
                  uint32_t size);

#endif
