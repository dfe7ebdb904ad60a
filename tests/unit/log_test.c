/* SPDX-License-Identifier: BSD-2-Clause */
/* The log: what sinks are shown, from whom, and when. */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "arch/console/log.h"

/* A sink that keeps what it was shown. The log has one ring and one list of
 * sinks for the whole program, so there is one sink for each kind of test. */
struct recorder {
    struct log_sink sink;
    char text[1 << 20];
    size_t length;
    unsigned flushes;
    unsigned inside;      /* calls of write in progress */
    bool nested;          /* two at a time: must never be */
    void (*during)(void); /* called once in write */
    void (*at_end)(void); /* called once in flush: all was read */
};

static uint64_t now;

static uint64_t fake_clock(void)
{
    return now;
}

static void record(struct log_sink *sink, enum log_level level,
                   const char *text, size_t length)
{
    struct recorder *r = (struct recorder *)sink;

    (void)level;
    if (__atomic_add_fetch(&r->inside, 1, __ATOMIC_SEQ_CST) != 1)
        r->nested = true;
    if (length >= sizeof(r->text) - r->length)
        length = sizeof(r->text) - r->length - 1;
    memcpy(r->text + r->length, text, length);
    r->length += length;
    r->text[r->length] = '\0';
    if (r->during) {
        void (*during)(void) = r->during;

        r->during = NULL;
        during();
    }
    __atomic_sub_fetch(&r->inside, 1, __ATOMIC_SEQ_CST);
}

static void count_flush(struct log_sink *sink)
{
    struct recorder *r = (struct recorder *)sink;

    r->flushes++;
    if (r->at_end) {
        void (*at_end)(void) = r->at_end;

        r->at_end = NULL;
        at_end();
    }
}

static struct recorder screen = {
    .sink = {.threshold = LOG_INFO, .write = record, .flush = count_flush},
};

static void forget(struct recorder *r)
{
    r->length = 0;
    r->text[0] = '\0';
    r->flushes = 0;
}

/* Must come first: nobody listens yet. */
static void test_late_sink_sees_all(void **state)
{
    (void)state;
    log_printf(LOG_INFO, "boot: before there was a clock");
    log_set_clock(fake_clock);
    now = 1234567;
    log_printf(LOG_WARNING, "hv: %d processors", 2);
    log_add_sink(&screen.sink);
    assert_string_equal(screen.text,
                        "[   0.000000] boot: before there was a clock\n"
                        "[   0.001234] hv: 2 processors\n");
    assert_int_equal(screen.flushes, 1);
}

static void test_threshold(void **state)
{
    (void)state;
    forget(&screen);
    now = 98765432100000;
    log_printf(LOG_DEBUG, "not shown");
    assert_string_equal(screen.text, "");
    screen.sink.threshold = LOG_DEBUG;
    log_printf(LOG_DEBUG, "shown");
    assert_string_equal(screen.text, "[98765.432100] shown\n");
    forget(&screen);
    screen.sink.threshold = LOG_ERROR;
    log_printf(LOG_WARNING, "not shown");
    log_printf(LOG_ERROR, "shown");
    assert_string_equal(screen.text, "[98765.432100] shown\n");
    screen.sink.threshold = LOG_INFO;
}

/* TAP lines come through as they are, whatever the threshold. */
static void test_raw_text(void **state)
{
    (void)state;
    forget(&screen);
    now = 0;
    screen.sink.threshold = LOG_ERROR;
    log_write("ok 1 - works\n", 13);
    screen.sink.threshold = LOG_INFO;
    log_write("half a ", 7);
    log_write("line\n", 5);
    log_write("a question? ", 12);
    log_printf(LOG_INFO, "vmbus: in between");
    log_printf(LOG_INFO, "vmbus: still");
    log_write("\n", 1);
    log_write("", 0);
    assert_string_equal(screen.text, "ok 1 - works\n"
                                     "half a line\n"
                                     "a question? \n"
                                     "[   0.000000] vmbus: in between\n"
                                     "[   0.000000] vmbus: still\n"
                                     "\n");
}

/* Raw text is never cut, only kept in pieces. */
static void test_long_raw_text(void **state)
{
    static char text[3 * LOG_TEXT_MAX + 17];

    (void)state;
    for (size_t i = 0; i < sizeof(text) - 1; i++)
        text[i] = (char)('a' + i % 26);
    text[sizeof(text) - 1] = '\n';
    forget(&screen);
    log_write(text, sizeof(text));
    assert_int_equal(screen.length, sizeof(text));
    assert_memory_equal(screen.text, text, sizeof(text));
}

static void test_long_line(void **state)
{
    static char text[2 * LOG_TEXT_MAX];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    forget(&screen);
    log_printf(LOG_INFO, "%s", text);
    assert_int_equal(screen.length, strlen("[   0.000000] \n") + LOG_TEXT_MAX);
    assert_int_equal(screen.text[screen.length - 1], '\n');
}

static void log_inside(void)
{
    log_printf(LOG_INFO, "second");
}

/* An interrupt that logs while its processor prints: no deadlock, no mixing,
 * and its line is not left lying. */
static void test_logging_while_printing(void **state)
{
    (void)state;
    forget(&screen);
    screen.during = log_inside;
    log_printf(LOG_INFO, "first");
    assert_string_equal(screen.text,
                        "[   0.000000] first\n[   0.000000] second\n");
    assert_false(screen.nested);
}

/* A line that comes after the last look is seen by looking again. */
static void test_logging_after_last_look(void **state)
{
    (void)state;
    forget(&screen);
    screen.at_end = log_inside;
    log_printf(LOG_INFO, "first");
    assert_string_equal(screen.text,
                        "[   0.000000] first\n[   0.000000] second\n");
    assert_int_equal(screen.flushes, 2);
}

static void test_second_sink(void **state)
{
    static struct recorder serial = {
        .sink = {.threshold = LOG_ERROR, .write = record},
    };

    (void)state;
    forget(&screen);
    log_add_sink(&serial.sink);
    assert_int_equal(screen.flushes, 0); /* it had nothing to show */
    forget(&serial);
    log_printf(LOG_INFO, "for the screen");
    log_printf(LOG_ERROR, "for both");
    assert_string_equal(serial.text, "[   0.000000] for both\n");
    assert_string_equal(screen.text, "[   0.000000] for the screen\n"
                                     "[   0.000000] for both\n");
}

static void flood_inside(void)
{
    for (unsigned i = 0; i < 5000; i++)
        log_printf(LOG_INFO, "flood %04u", i);
}

static void test_lost_lines_are_counted(void **state)
{
    const char *said;
    unsigned lost, first;

    (void)state;
    forget(&screen);
    screen.during = flood_inside;
    log_printf(LOG_INFO, "start");
    said = strstr(screen.text, "log: ");
    assert_non_null(said);
    assert_int_equal(sscanf(said, "log: %u lines lost", &lost), 1);
    said = strstr(said, "flood ");
    assert_int_equal(sscanf(said, "flood %u", &first), 1);
    assert_int_equal(first, lost);
    assert_non_null(strstr(said, "flood 4999\n"));
}

#define THREADS 4
#define LINES   300

static void *write_lines(void *arg)
{
    for (unsigned i = 0; i < LINES; i++)
        log_printf(LOG_INFO, "t%u line %u.", (unsigned)(uintptr_t)arg, i);
    return NULL;
}

/* Processors that log at a time: every line whole, each one's in order. */
static void test_many_processors(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    forget(&screen);
    for (uintptr_t t = 0; t < THREADS; t++)
        pthread_create(&threads[t], NULL, write_lines, (void *)t);
    for (unsigned t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    assert_false(screen.nested);
    for (unsigned t = 0; t < THREADS; t++) {
        const char *at = screen.text;

        for (unsigned i = 0; i < LINES; i++) {
            char want[64];

            snprintf(want, sizeof(want), "] t%u line %u.\n", t, i);
            at = strstr(at, want);
            assert_non_null(at);
        }
    }
}

static void test_reading(void **state)
{
    struct log_cursor cursor;
    struct log_line line;

    (void)state;
    log_printf(LOG_ERROR, "one");
    log_printf(LOG_DEBUG, "two");
    log_seek_last(&cursor, 2);
    assert_true(log_read(&cursor, &line));
    assert_string_equal(line.text, "one");
    assert_int_equal(line.level, LOG_ERROR);
    assert_true(log_read(&cursor, &line));
    assert_string_equal(line.text, "two");
    assert_false(log_read(&cursor, &line));
}

/* Must come last: there is no way back. */
static void test_crash(void **state)
{
    (void)state;
    forget(&screen);
    log_enter_crash();
    log_printf(LOG_INFO, "another processor's");
    assert_string_equal(screen.text, "");
    log_printf(LOG_ERROR, "the report's");
    log_crash_flush();
    assert_non_null(strstr(screen.text, "another processor's\n"));
    assert_non_null(strstr(screen.text, "the report's\n"));
}

/* What nobody will ask for is not kept. */
static void test_keeps_up_to_a_level(void **state)
{
    struct log_cursor cursor = {0};
    struct log_line line;
    unsigned seen = 0;

    (void)state;
    while (log_read(&cursor, &line))
        ;
    log_keep(LOG_INFO);
    log_printf(LOG_DEBUG, "not kept");
    log_printf(LOG_INFO, "kept");
    log_keep(LOG_DEBUG);
    log_printf(LOG_DEBUG, "kept again");
    for (; log_read(&cursor, &line); seen++)
        assert_string_equal(line.text, seen ? "kept again" : "kept");
    assert_int_equal(seen, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_sink_sees_all),
        cmocka_unit_test(test_threshold),
        cmocka_unit_test(test_raw_text),
        cmocka_unit_test(test_long_raw_text),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_logging_while_printing),
        cmocka_unit_test(test_logging_after_last_look),
        cmocka_unit_test(test_second_sink),
        cmocka_unit_test(test_lost_lines_are_counted),
        cmocka_unit_test(test_many_processors),
        cmocka_unit_test(test_reading),
        cmocka_unit_test(test_keeps_up_to_a_level),
        cmocka_unit_test(test_crash),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
