/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring of log lines: order, wrapping, losing the oldest. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "arch/console/log_ring.h"

#define RING 1024u

/* A ring in memory of exactly its size, so that ASan sees overruns. */
static struct log_ring make_ring(void)
{
    struct log_ring ring = {.bytes = malloc(RING), .size = RING};

    memset(ring.bytes, 0xEE, RING);
    return ring;
}

/* Line n: its text begins with its number and has a length of its own. */
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

static void test_empty(void **state)
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

/* A reader that keeps up sees every line, whatever the ring's place. */
static void test_keeping_up(void **state)
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

/* A late reader sees the last ones without a gap, and how many it missed. */
static void test_late_reader(void **state)
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

/* What was overtaken goes on with the oldest line there is. */
static void test_overtaken(void **state)
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

/* Everything that fits is kept: a line is lost for room only. */
static void test_keeps_what_fits(void **state)
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

static void test_seek_last(void **state)
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

static void test_long_line_is_cut(void **state)
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

/* After a crash in an append the ring may hold anything: reading it ends,
 * and stays within the line. */
static void test_damaged_ring(void **state)
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
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_keeping_up),
        cmocka_unit_test(test_late_reader),
        cmocka_unit_test(test_overtaken),
        cmocka_unit_test(test_keeps_what_fits),
        cmocka_unit_test(test_seek_last),
        cmocka_unit_test(test_long_line_is_cut),
        cmocka_unit_test(test_damaged_ring),
    };

    return cmocka_run_group_tests_name("log_ring", tests, NULL, NULL);
}
