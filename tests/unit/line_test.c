/* SPDX-License-Identifier: BSD-2-Clause */
/* The line editor and the keys of a terminal, with a terminal of one row: what
 * it shows must be the line, and its cursor the editor's, after every key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/console/keys.h"
#include "arch/console/line.h"

#define ROUNDS 200000u

/* What a terminal of endless width shows. */
static struct {
    char row[2 * LINE_MAX];
    size_t at, ends, bells;
} screen;

static struct line line;
static struct keys keys;

static void show(const char *text, size_t length)
{
    for (; length > 0; length--, text++) {
        if (*text == '\a')
            screen.bells++;
        else if (*text == '\b') {
            assert_true(screen.at > 0);
            screen.at--;
        } else if (*text == '\n') {
            screen.ends++;
            screen.at = 0;
            memset(screen.row, ' ', sizeof(screen.row));
        } else {
            assert_true(*text >= 0x20 && *text < 0x7F);
            assert_true(screen.at < sizeof(screen.row));
            screen.row[screen.at++] = *text;
        }
    }
}

static int begin(void **state)
{
    (void)state;
    memset(&line, 0, sizeof(line));
    memset(&keys, 0, sizeof(keys));
    memset(&screen, 0, sizeof(screen));
    memset(screen.row, ' ', sizeof(screen.row));
    line.show = show;
    line_begin(&line);
    return 0;
}

static void screen_is_the_line(void)
{
    assert_memory_equal(screen.row, line.text, line.length);
    for (size_t i = line.length; i < sizeof(screen.row); i++)
        assert_int_equal(screen.row[i], ' ');
    assert_int_equal(screen.at, line.cursor);
    assert_true(line.cursor <= line.length && line.length <= LINE_MAX);
}

static enum line_state type(const char *bytes)
{
    enum line_state state = LINE_EDITING;

    for (; *bytes && state == LINE_EDITING; bytes++) {
        state = line_key(&line, keys_take(&keys, (uint8_t)*bytes));
        if (state == LINE_EDITING)
            screen_is_the_line();
    }
    return state;
}

static void is_line(const char *bytes, const char *text)
{
    assert_int_equal(type(bytes), LINE_DONE);
    assert_int_equal(line.length, strlen(text));
    assert_memory_equal(line.text, text, line.length);
    line_begin(&line);
}

static void the_screen_shows_the_line_after_every_key(void **state)
{
    (void)state;
    is_line("abc\x1b[D\x1b[DX\r", "aXbc");
    is_line("abc\x01"
            "x\x05y\x02\x02z\r",
            "xabzcy");
    is_line("one two\x17\x17three\x1b[H\x1b[3~\r", "hree");
    is_line("abc\x1b[D\x0b\x7f\r", "a");
    is_line("abc\x15\r", "");
    is_line("\x1b[A\x1b[A!\r", "hree!");
    is_line("new\x1b[A\x1b[B\r", "new");
}

static void the_end_of_input_is_told_in_an_empty_line_only(void **state)
{
    (void)state;
    assert_int_equal(type("ab\x02\x04\x7f"), LINE_EDITING);
    assert_int_equal(line.length, 0);
    assert_int_equal(type("\x04"), LINE_EOF);
    assert_int_equal(line.lines, 0);
}

static void a_full_line_takes_no_more_and_rings_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LINE_MAX + 50; i++)
        assert_int_equal(type("x"), LINE_EDITING);
    assert_true(line.cut);
    assert_int_equal(line.length, LINE_MAX);
    assert_int_equal(screen.bells, 1);
    assert_int_equal(type("\r"), LINE_DONE);
    line_begin(&line);
    assert_false(line.cut);
    assert_int_equal(type("\x1b[A"), LINE_EDITING);
    assert_int_equal(line.length, LINE_MAX);
}

/* Any bytes, from a fixed seed. */
static void random_bytes_keep_screen_and_line_equal(void **state)
{
    static const char likely[] =
        "ab \r\x1b[ABCDFHO13478~;\x01\x04\x0b\x15\x17\x7f";

    (void)state;
    srand(1);
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t byte =
            rand() % 8
                ? (uint8_t)likely[(unsigned)rand() % (sizeof(likely) - 1)]
                : (uint8_t)rand();

        if (line_key(&line, keys_take(&keys, byte)) != LINE_EDITING)
            line_begin(&line);
        if (i % 16 == 0)
            screen_is_the_line();
    }
    assert_true(screen.ends > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_screen_shows_the_line_after_every_key,
                               begin),
        cmocka_unit_test_setup(the_end_of_input_is_told_in_an_empty_line_only,
                               begin),
        cmocka_unit_test_setup(a_full_line_takes_no_more_and_rings_once, begin),
        cmocka_unit_test_setup(random_bytes_keep_screen_and_line_equal, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
