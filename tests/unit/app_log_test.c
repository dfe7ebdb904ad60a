/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the application's log lines: which are shown with which options, and
 * what they look like. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "app/system/root/log_level.h"
#include "app/system/options/options.h"
#include "vmbare_log.h"

#define T(test) cmocka_unit_test_setup(test, begin)

/* The options of the system that count here. */
struct vmbare_option option_quiet, option_log;

static char shown[512];
static enum log_level passed; /* the level of the last line */
static unsigned lines;

/* Stands in for the log: shows what a sink with this threshold would. */
void log_printf(enum log_level level, const char *format, ...)
{
    va_list arguments;

    lines++;
    passed = level;
    if (level > log_level_system())
        return;
    va_start(arguments, format);
    vsnprintf(shown, sizeof(shown), format, arguments);
    va_end(arguments);
}

static void set(const char *log, const char *app, bool quiet)
{
    shown[0] = '\0';
    lines = 0;
    option_quiet.number = quiet;
    option_log.text = log;
    option_app_log.text = app;
    option_app_log.source = app ? VMBARE_FROM_LINE : VMBARE_FROM_NOWHERE;
}

static int begin(void **state)
{
    (void)state;
    set("info", NULL, false);
    return 0;
}

/* Was a line of this level shown? */
static bool shows(enum vmbare_log_level level)
{
    shown[0] = '\0';
    vmbare_log(level, "text");
    assert_int_equal(shown[0] != '\0', vmbare_log_shows(level));
    return shown[0] != '\0';
}

/* `last` is the last level that is shown; each before it must be, none after.
 */
static void expect_last(int last)
{
    for (int level = VMBARE_LOG_ERROR; level <= VMBARE_LOG_DEBUG; level++)
        assert_int_equal(shows((enum vmbare_log_level)level), level <= last);
}

static void log_decides_where_nothing_else_is_said(void **state)
{
    static const char *const words[] = {"error", "warning", "info", "debug"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        set(words[i], NULL, false);
        assert_int_equal(log_level_system(), i);
        expect_last(i);
    }
}

static void the_application_has_a_level_of_its_own(void **state)
{
    static const char *const words[] = {"error", "warning", "info", "debug"};

    (void)state;
    for (int log = 0; log < 4; log++) {
        for (int app = 0; app < 4; app++) {
            set(words[log], words[app], false);
            assert_int_equal(log_level_system(), log);
            expect_last(app);
        }
    }
}

static void with_quiet_errors_only_are_shown(void **state)
{
    (void)state;
    set("debug", NULL, true);
    expect_last(VMBARE_LOG_ERROR);
    set("debug", "debug", true);
    expect_last(VMBARE_LOG_ERROR);
}

/* The ring keeps more than the consoles show. */
static void a_line_that_no_console_shows_reaches_the_ring(void **state)
{
    (void)state;
    set("error", NULL, false);
    vmbare_log(VMBARE_LOG_INFO, "text");
    assert_int_equal(lines, 1);
    assert_int_equal(passed, LOG_INFO);
    /* It would be shown there, and must not be. */
    set("info", "error", false);
    vmbare_log(VMBARE_LOG_INFO, "text");
    assert_int_equal(lines, 0);
}

static void lines_have_name_and_level(void **state)
{
    (void)state;
    set("debug", NULL, false);
    vmbare_log(VMBARE_LOG_ERROR, "%d of %s", 2, "three");
    assert_string_equal(shown, "unit: error: 2 of three");
    vmbare_log(VMBARE_LOG_WARNING, "w");
    assert_string_equal(shown, "unit: warning: w");
    vmbare_log(VMBARE_LOG_INFO, "100%%");
    assert_string_equal(shown, "unit: 100%");
    vmbare_log_as("part", VMBARE_LOG_DEBUG, "d");
    assert_string_equal(shown, "part: debug: d");
}

static void a_level_that_is_none_is_an_error(void **state)
{
    (void)state;
    set("error", NULL, false);
    vmbare_log((enum vmbare_log_level)77, "text");
    assert_string_equal(shown, "unit: error: text");
}

static void a_long_line_is_cut(void **state)
{
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    vmbare_log(VMBARE_LOG_INFO, "%s", text);
    assert_int_equal(strlen(shown), strlen("unit: ") + LOG_TEXT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(log_decides_where_nothing_else_is_said),
        T(the_application_has_a_level_of_its_own),
        T(with_quiet_errors_only_are_shown),
        T(a_line_that_no_console_shows_reaches_the_ring),
        T(lines_have_name_and_level),
        T(a_level_that_is_none_is_an_error),
        T(a_long_line_is_cut),
    };

    return cmocka_run_group_tests_name("app_log", tests, NULL, NULL);
}
