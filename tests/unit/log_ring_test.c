/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the ring of log lines: order, wrapping, loss of the oldest. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "arch/console/log_ring.h"

#define RING 1024u

/* Makes a ring in a heap block of its exact size, so ASan sees overruns. */
static struct log_ring make_ring(void)
{
    struct log_ring ring = {.bytes = malloc(RING), .size = RING};

    memset(ring.bytes, 0xEE, RING);
    return ring;
}

/* Makes line n: its text begins with the number, and its length varies. */
static size_t make_text(char *text, unsigned n)
{
    size_t length = n * 37 % (LOG_TEXT_MAX + 1);
    char number[16];
    int digits = snprintf(number, sizeof(number), "%u:", n);

    memset(text, 'a' + (int)(n % 26), length);
    memcpy(text, number, length < (size_t)digits ? length : (size_t)digits);
    return length;
}

static void append(struct log_ring *ring, unsigned n)
{
    char text[LOG_TEXT_MAX];
    size_t length = make_text(text, n);

    log_ring_append(ring, n * 1000ull, (enum log_level)(n % 4), n % 3 == 0,
                    text, length);
}

static void expect(const struct log_line *line, unsigned n)
{
    char text[LOG_TEXT_MAX + 1];
    size_t length = make_text(text, n);

    text[length] = '\0';
    assert_int_equal(line->ns, n * 1000ull);
    assert_int_equal(line->level, n % 4);
    assert_int_equal(line->raw, n % 3 == 0);
    assert_int_equal(line->length, length);
    assert_string_equal(line->text, text);
}

static void empty_ring_has_nothing_to_read(void **state)
{
    struct log_ring ring = make_ring();
    struct log_cursor cursor = {0, 0};
    struct log_line line;

    (void)state;
    assert_false(log_ring_read(&ring, &cursor, &line));
    log_ring_seek_last(&ring, &cursor, 5);
    assert_false(log_ring_read(&ring, &cursor, &line));
    free(ring.bytes);
}

/* The reader keeps up at every position of the ring. */
static void reader_that_keeps_up_gets_each_line(void **state)
{
    struct log_ring ring = make_ring();
    struct log_cursor cursor = {0, 0};
    struct log_line line;

    (void)state;
    for (unsigned n = 0; n < 5000; n++) {
        append(&ring, n);
        assert_true(log_ring_read(&ring, &cursor, &line));
        assert_int_equal(line.lost, 0);
        expect(&line, n);
        assert_false(log_ring_read(&ring, &cursor, &line));
    }
    free(ring.bytes);
}

/* The last lines come without a gap, and the lost lines are counted. */
static void late_reader_gets_the_last_lines_and_the_loss(void **state)
{
    (void)state;
    for (unsigned lines = 1; lines < 200; lines++) {
        struct log_ring ring = make_ring();
        struct log_cursor cursor = {0, 0};
        struct log_line line;
        unsigned n;

        for (n = 0; n < lines; n++)
            append(&ring, n);
        assert_true(log_ring_read(&ring, &cursor, &line));
        n = (unsigned)line.lost;
        expect(&line, n);
        while (log_ring_read(&ring, &cursor, &line)) {
            assert_int_equal(line.lost, 0);
            expect(&line, ++n);
        }
        assert_int_equal(n, lines - 1);
        free(ring.bytes);
    }
}

/* The ring overwrote the line at the cursor before it was read. */
static void overtaken_reader_goes_on_with_the_oldest_line(void **state)
{
    struct log_ring ring = make_ring();
    struct log_cursor cursor = {0, 0};
    struct log_line line;

    (void)state;
    append(&ring, 0);
    assert_true(log_ring_read(&ring, &cursor, &line));
    for (unsigned n = 1; n < 100; n++)
        append(&ring, n);
    assert_true(log_ring_read(&ring, &cursor, &line));
    assert_true(line.lost > 0);
    expect(&line, 1 + (unsigned)line.lost);
    free(ring.bytes);
}

/* A line is lost only when its room is needed. */
static void ring_keeps_each_line_that_fits(void **state)
{
    struct log_ring ring = make_ring();
    struct log_cursor cursor = {0, 0};
    struct log_line line;
    unsigned there = 0;

    (void)state;
    for (unsigned n = 0; n < 100; n++)
        log_ring_append(&ring, n, LOG_INFO, false, "1234567890123456", 16);
    while (log_ring_read(&ring, &cursor, &line))
        there++;
    assert_int_equal(there, RING / (16 + 16));
    free(ring.bytes);
}

static void seek_last_finds_the_nth_line_from_the_end(void **state)
{
    struct log_ring ring = make_ring();
    struct log_cursor cursor;
    struct log_line line;

    (void)state;
    for (unsigned n = 0; n < 10; n++)
        log_ring_append(&ring, n, LOG_INFO, false, "x", 1);
    for (unsigned last = 0; last <= 10; last++) {
        log_ring_seek_last(&ring, &cursor, last);
        for (unsigned n = 10 - last; n < 10; n++) {
            assert_true(log_ring_read(&ring, &cursor, &line));
            assert_int_equal(line.ns, n);
        }
        assert_false(log_ring_read(&ring, &cursor, &line));
    }
    log_ring_seek_last(&ring, &cursor, 11);
    assert_true(log_ring_read(&ring, &cursor, &line));
    assert_int_equal(line.ns, 0);
    free(ring.bytes);
}

static void long_line_is_cut_at_the_limit(void **state)
{
    struct log_ring ring = make_ring();
    struct log_cursor cursor = {0, 0};
    struct log_line line;
    char text[LOG_TEXT_MAX * 2];

    (void)state;
    memset(text, 'l', sizeof(text));
    log_ring_append(&ring, 0, LOG_INFO, false, text, sizeof(text));
    assert_true(log_ring_read(&ring, &cursor, &line));
    assert_int_equal(line.length, LOG_TEXT_MAX);
    assert_int_equal(strlen(line.text), LOG_TEXT_MAX);
    free(ring.bytes);
}

/* After a crash inside an append the ring may hold anything. A read of it must
 * end and stay within the line's buffer. */
static void reading_a_damaged_ring_ends_within_its_lines(void **state)
{
    struct log_ring ring = make_ring();

    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        struct log_cursor cursor = {0, 0};
        struct log_line line;
        unsigned reads = 0;

        srand(seed);
        for (unsigned i = 0; i < RING; i++)
            ring.bytes[i] = (uint8_t)rand();
        ring.first = (struct log_cursor){0, 0};
        ring.next = (struct log_cursor){RING, 64};
        while (log_ring_read(&ring, &cursor, &line)) {
            assert_true(line.length <= LOG_TEXT_MAX);
            reads++;
        }
        assert_true(reads <= RING / 16);
    }
    free(ring.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_ring_has_nothing_to_read),
        cmocka_unit_test(reader_that_keeps_up_gets_each_line),
        cmocka_unit_test(late_reader_gets_the_last_lines_and_the_loss),
        cmocka_unit_test(overtaken_reader_goes_on_with_the_oldest_line),
        cmocka_unit_test(ring_keeps_each_line_that_fits),
        cmocka_unit_test(seek_last_finds_the_nth_line_from_the_end),
        cmocka_unit_test(long_line_is_cut_at_the_limit),
        cmocka_unit_test(reading_a_damaged_ring_ends_within_its_lines),
    };

    return cmocka_run_group_tests_name("log_ring", tests, NULL, NULL);
}
