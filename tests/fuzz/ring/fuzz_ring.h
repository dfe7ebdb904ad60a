/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring under test, its two ends, and the input that steers them.
 */
#ifndef TESTS_FUZZ_RING_FUZZ_RING_H
#define TESTS_FUZZ_RING_FUZZ_RING_H

#include <stdio.h>
#include <stdlib.h>

#include "ambush_access.h"
#include "vmbus/packet.h"

#define CHECK(holds)                                              \
    do {                                                          \
        if (!(holds)) {                                           \
            fprintf(stderr, "panic: %s: %s\n", __func__, #holds); \
            abort();                                              \
        }                                                         \
    } while (0)

/* Returns the next bytes of the input, big-endian; zeros past its end. */
uint32_t take(uint32_t bytes);

extern struct ring_area area;
extern struct ring_writer writer;
extern struct ring_reader reader;
extern uint32_t write_at, read_at;

/* ---- ends.c: operations of our ends -------------------------------------- */

void write_packet(void);
void write_typed(void);
void reserve_in_place(void);
void read_packet(void);
void peek_packet(void);

/* ---- peer.c: operations of the other side -------------------------------- */

void spoil_control(void);
void spoil_data(void);
void send_packet(void);

/* Arms a change between two of our next accesses, or disarms it. */
void arm(void);
void disarm(void);

#endif
