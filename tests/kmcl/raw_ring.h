/*
 * Packets of a raw end: what both of them do with a ring.
 */
#ifndef TESTS_KMCL_RAW_RING_H
#define TESTS_KMCL_RAW_RING_H

#include "raw.h"
#include "ring.h"

/* The next packet; false: the ring is empty. *signal: the other side wants to
 * know. */
bool raw_ring_read(struct ring_reader *r, struct raw_packet *p, bool *signal);

/* 0, or -EAGAIN when the ring is full. */
int raw_ring_write(struct ring_writer *writer, const struct ring_packet *packet,
                   const void *body, bool *signal);

#endif
