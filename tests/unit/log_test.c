/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the log: which lines its sinks get, and when. */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "arch/console/log.h"

/* A sink that records the lines it gets. The log has one ring and one list of
 * sinks for the whole program, so there is one sink for each kind of test. */
struct recorder {
    struct log_sink sink;
    char text[1 << 20];
    size_t length;
    unsigned flushes;
    unsigned inside;      /* calls of write in progress */
    bool nested;          /* two calls at a time: never allowed */
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

/* This test must come first: the log has no sink yet. */
static void sink_added_late_gets_all_earlier_lines(void **state)
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

static void sink_gets_lines_up_to_its_threshold(void **state)
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

/* TAP lines are raw text and pass at any threshold. */
static void raw_text_passes_each_threshold_unchanged(void **state)
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

/* Raw text is never cut; the ring keeps it in pieces. */
static void long_raw_text_is_kept_whole(void **state)
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

static void long_log_line_is_cut_at_its_limit(void **state)
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

/* An interrupt logs while its processor prints. There must be no deadlock and
 * no mixed lines, and the interrupt's line must be printed. */
static void line_logged_while_printing_follows_the_first(void **state)
{
    (void)state;
    forget(&screen);
    screen.during = log_inside;
    log_printf(LOG_INFO, "first");
    assert_string_equal(screen.text,
                        "[   0.000000] first\n[   0.000000] second\n");
    assert_false(screen.nested);
}

/* The printer looks at the ring again after its flush. */
static void line_logged_during_a_flush_is_shown_as_well(void **state)
{
    (void)state;
    forget(&screen);
    screen.at_end = log_inside;
    log_printf(LOG_INFO, "first");
    assert_string_equal(screen.text,
                        "[   0.000000] first\n[   0.000000] second\n");
    assert_int_equal(screen.flushes, 2);
}

static void second_sink_has_its_own_threshold(void **state)
{
    static struct recorder serial = {
        .sink = {.threshold = LOG_ERROR, .write = record},
    };

    (void)state;
    forget(&screen);
    log_add_sink(&serial.sink);
    assert_int_equal(screen.flushes, 0); /* nothing to show */
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

static void lost_lines_are_counted_and_reported(void **state)
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

/* Several threads log at once: each line is whole, each thread's in order. */
static void lines_of_many_processors_stay_whole_and_in_order(void **state)
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

static void log_read_returns_the_last_lines_in_order(void **state)
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

/* This test must come last: the log cannot leave the crash state. */
static void after_a_crash_only_the_crash_flush_prints(void **state)
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

/* Lines above the level of log_keep do not enter the ring. */
static void lines_above_the_kept_level_are_not_kept(void **state)
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
        cmocka_unit_test(sink_added_late_gets_all_earlier_lines),
        cmocka_unit_test(sink_gets_lines_up_to_its_threshold),
        cmocka_unit_test(raw_text_passes_each_threshold_unchanged),
        cmocka_unit_test(long_raw_text_is_kept_whole),
        cmocka_unit_test(long_log_line_is_cut_at_its_limit),
        cmocka_unit_test(line_logged_while_printing_follows_the_first),
        cmocka_unit_test(line_logged_during_a_flush_is_shown_as_well),
        cmocka_unit_test(second_sink_has_its_own_threshold),
        cmocka_unit_test(lost_lines_are_counted_and_reported),
        cmocka_unit_test(lines_of_many_processors_stay_whole_and_in_order),
        cmocka_unit_test(log_read_returns_the_last_lines_in_order),
        cmocka_unit_test(lines_above_the_kept_level_are_not_kept),
        cmocka_unit_test(after_a_crash_only_the_crash_flush_prints),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
