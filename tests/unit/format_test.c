/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the formatter, compared with libc's where both must agree. */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "arch/console/format.h"

/* These tests pass formats in variables, which this warning refuses. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-zero-length"
#pragma GCC diagnostic ignored "-Wformat"

/* Formats with both, in buffers of every size up to the length. */
#define SAME(...)                                                             \
    do {                                                                      \
        char want[512], got[512];                                             \
        int length = snprintf(want, sizeof(want), __VA_ARGS__);               \
        for (size_t size = 0; size <= (size_t)length + 1; size++) {           \
            char *exact = malloc(size + 1);                                   \
            assert_int_equal(format_print(exact, size, __VA_ARGS__), length); \
            if (size > 0) {                                                   \
                snprintf(got, size, __VA_ARGS__);                             \
                assert_string_equal(exact, got);                              \
            }                                                                 \
            free(exact);                                                      \
        }                                                                     \
    } while (0)

static void text_is_formatted_as_libc_does(void **state)
{
    (void)state;
    SAME("");
    SAME("plain");
    SAME("100%%");
    SAME("%s", "vmbus");
    SAME("%s|%s", "", "b");
    SAME("%10s|%-10s|", "right", "left");
    SAME("%2s", "longer than its field");
    SAME("%.3s|%.0s|%.9s", "abcdef", "abcdef", "abc");
    SAME("%8.2s|%-8.2s|", "abcdef", "abcdef");
    SAME("%*s|%-*s|%*s", 6, "abc", 6, "abc", -6, "abc");
    SAME("%.*s|%.*s", 2, "abc", -1, "abc");
    SAME("%c%c%3c|%-3c|", 'a', 'b', 'c', 'd');
}

static void numbers_are_formatted_as_libc_does(void **state)
{
    static const long long values[] = {
        0,     1,       -1,      9,        10,        -10,      127,
        128,   -128,    -129,    255,      32767,     32768,    -32769,
        65535, INT_MAX, INT_MIN, UINT_MAX, LLONG_MAX, LLONG_MIN};
    static const char *const ints[] = {
        "%d",     "%i",   "%u",   "%x",  "%X",   "%5d", "%-5d|", "%05d",
        "%-05d|", "%08x", "%12u", "%hd", "%hhd", "%hu", "%hhu",  "%hhx"};
    static const char *const longs[] = {
        "%ld", "%lu", "%lx",    "%lld",     "%llu",    "%llX",   "%zu",
        "%zx", "%zd", "%24lld", "%-24lld|", "%024lld", "%016llx"};

    (void)state;
    for (size_t v = 0; v < COUNT(values); v++) {
        for (size_t i = 0; i < COUNT(ints); i++)
            SAME(ints[i], (int)values[v]);
        for (size_t i = 0; i < COUNT(longs); i++)
            SAME(longs[i], values[v]);
    }
}

static void twelve_arguments_are_formatted_as_libc_does(void **state)
{
    (void)state;
    SAME("%d %s %c %u %x %lld %lu %zu %p %d %d %s", 1, "two", '3', 4u, 5, 6ll,
         7ul, (size_t)8, (void *)0x9abc, 10, 11, "12");
    SAME("[%4llu.%06u] %s", 12ull, 345u, "hv: 2 processors");
}

/* Zeros are padding for digits only. */
static void zero_flag_does_not_pad_text(void **state)
{
    char out[32];

    (void)state;
    format_print(out, sizeof(out), "%05s|%03c|%05d", "ab", 'c', 7);
    assert_string_equal(out, "   ab|  c|00007");
}

static void null_pointer_prints_as_null(void **state)
{
    char *volatile nothing = NULL; /* volatile, or the compiler warns */
    char out[32];

    (void)state;
    format_print(out, sizeof(out), "<%s>", nothing);
    assert_string_equal(out, "<(null)>");
    format_print(out, sizeof(out), "<%p>", (void *)NULL);
    assert_string_equal(out, "<0x0>");
}

/* The text has no zero at its end, so the precision must bound the read. */
static void precision_bounds_what_is_read(void **state)
{
    char *unterminated = malloc(4);
    char out[32];

    (void)state;
    memset(unterminated, 'a', 4);
    format_print(out, sizeof(out), "%.4s", unterminated);
    assert_string_equal(out, "aaaa");
    free(unterminated);
}

/* After an unknown conversion no more arguments are taken. */
static void unknown_conversion_takes_no_argument(void **state)
{
    static const char *const formats[] = {"%q %s", "%",       "%5", "%l",
                                          "%-",    "a%fb%sc", "%.", "%5.5"};
    char out[32];

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        assert_int_equal(format_print(out, sizeof(out), formats[i], 1),
                         strlen(formats[i]));
        assert_string_equal(out, formats[i]);
    }
    format_print(out, sizeof(out), "%d %q %s", 7);
    assert_string_equal(out, "7 %q %s");
}

/* An enormous width is cut before any padding is written. */
static void width_past_the_limit_is_cut(void **state)
{
    /* In variables, because compilers warn about such literals. */
    static const char *const widths[] = {"%99999999999d", "%4294967299d",
                                         "%-99999999999d"};
    static const char *const from_argument = "%*d";
    static const char *const precision = "%.99999999999s";
    static char out[4096];

    (void)state;
    for (size_t i = 0; i < COUNT(widths); i++)
        assert_int_equal(format_print(out, sizeof(out), widths[i], 1), 1024);
    assert_int_equal(format_print(out, sizeof(out), from_argument, INT_MIN, 1),
                     1024);
    assert_int_equal(format_print(out, sizeof(out), from_argument, INT_MAX, 1),
                     1024);
    assert_int_equal(format_print(out, sizeof(out), precision, "abc"), 3);
}

static void without_room_only_the_length_is_returned(void **state)
{
    char guard = 'g';

    (void)state;
    assert_int_equal(format_print(NULL, 0, "%d %s", 42, "text"), 7);
    assert_int_equal(format_print(&guard, 1, "%d", 42), 2);
    assert_int_equal(guard, '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_formatted_as_libc_does),
        cmocka_unit_test(numbers_are_formatted_as_libc_does),
        cmocka_unit_test(twelve_arguments_are_formatted_as_libc_does),
        cmocka_unit_test(zero_flag_does_not_pad_text),
        cmocka_unit_test(null_pointer_prints_as_null),
        cmocka_unit_test(precision_bounds_what_is_read),
        cmocka_unit_test(unknown_conversion_takes_no_argument),
        cmocka_unit_test(width_past_the_limit_is_cut),
        cmocka_unit_test(without_room_only_the_length_is_returned),
    };

    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
