/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring to test with: its memory, and bytes put there and expected by hand.
 */
#ifndef TESTS_RING_PLACE_H
#define TESTS_RING_PLACE_H

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include <errno.h>
#include <string.h>

#include "vmbus/packet.h"
#include "vmbus/ring.h"

struct place {
    struct ring_control *control;
    struct ring_area area;
    struct ring_writer writer;
    struct ring_reader reader;
    uint32_t size;
};

/* A cleared control page and `size` bytes of data, filled with 0xEE so that
 * what was not written shows; mapped twice on demand. Nothing attached. */
struct place *place_new(uint32_t size, bool twice);

/* The same with both ends attached, both indices at `index`. */
struct place *place_at(uint32_t size, bool twice, uint32_t index);
void place_free(struct place *p);

/* Hexadecimal bytes, blanks between them, at an offset of the data area
 * (wrapping) or of the control page. */
void put_data(struct place *p, uint32_t offset, const char *hex);
void expect_data(struct place *p, uint32_t offset, const char *hex);
void put_control(struct place *p, uint32_t offset, const char *hex);
void expect_control(struct place *p, uint32_t offset, const char *hex);

/* A packet of 40 bytes: twelve of body, completion wanted, transaction 7; the
 * last four are its start's offset, 0. */
#define N4_PACKET                                      \
    "06 00 02 00 04 00 01 00 07 00 00 00 00 00 00 00 " \
    "41 42 43 44 45 46 47 48 49 4a 4b 4c 00 00 00 00 " \
    "00 00 00 00 00 00 00 00 "
extern const struct ring_packet n4; /* with the body "ABCDEFGHIJKL" */

/* What one ring_read gave. */
struct got {
    int status;
    struct ring_packet packet;
    uint32_t at; /* of the next */
    uint8_t body[256];
};

/* Reads the packet at `at` into a body of `capacity` bytes. */
struct got read_one(struct place *p, uint32_t at, uint32_t capacity);

/* It is that packet. */
void expect_n4(const struct got *got);

/* Calls `check` with rings of three pages that stand so that a packet of 40
 * bytes at `start` lies before, over and behind the end. */
void around_the_end(bool twice, void (*check)(struct place *p, uint32_t start));

/* Turns hexadecimal into bytes; how many. */
uint32_t bytes_of(const char *hex, uint8_t *bytes, uint32_t capacity);

/* An in-band packet of `size` bytes 0, 1, 2...; the ring's statuses. */
int write_counted(struct place *p, uint32_t *at, uint32_t size);

/* The same and committed; whether the answer was 'signal'. */
bool send_counted(struct place *p, uint32_t size);

/* Takes `count` packets and commits once; whether to signal. */
bool drain(struct place *p, uint32_t count);

/* Runs a statement that must end in SEAM_ASSERT. */
extern jmp_buf assert_jump;
extern bool assert_expected;
#define expect_seam_assert(statement)              \
    do {                                           \
        assert_expected = true;                    \
        if (setjmp(assert_jump) == 0) {            \
            statement;                             \
            fail_msg("no assertion: " #statement); \
        }                                          \
        assert_expected = false;                   \
    } while (0)

#define RUN(tests) cmocka_run_group_tests_name(#tests, tests, NULL, NULL)

#endif
