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
            /* The line is left from its end. */
            assert_int_equal(screen.at, line.length);
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

static void a_word_ends_at_a_blank(void **state)
{
    (void)state;
    is_line("one two  \x17!\r", "one !");
    is_line("one two\x02\x17!\r", "one !o");
}

/* Line 0 is the oldest; each is a letter. */
static void only_the_last_lines_are_kept(void **state)
{
    char text[] = "?\r";

    (void)state;
    for (unsigned i = 0; i < LINE_HISTORY + 3; i++) {
        text[0] = (char)('0' + i);
        assert_int_equal(type(text), LINE_DONE);
        line_begin(&line);
    }
    for (unsigned i = 0; i < LINE_HISTORY + 3; i++)
        assert_int_equal(type("\x1b[A"), LINE_EDITING);
    is_line("!\r", "3!");
    /* Below the new line there is nothing. */
    is_line("new\x1b[B\x1b[B!\r", "new!");
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

/* The keys that some bytes come to, KEY_NONE last. */
static void keys_are(const char *bytes, const unsigned *expected)
{
    for (; *bytes; bytes++) {
        unsigned key = keys_take(&keys, (uint8_t)*bytes);

        if (key != KEY_NONE)
            assert_int_equal(key, *expected++);
    }
    assert_int_equal(*expected, KEY_NONE);
}

#define KEYS(...) ((const unsigned[]){__VA_ARGS__, KEY_NONE})

static void sequences_of_bytes_are_keys(void **state)
{
    (void)state;
    keys_are("\r\nx\ra\n", KEYS(KEY_ENTER, 'x', KEY_ENTER, 'a', KEY_ENTER));
    keys_are("\x1b[A\x1bOA\x1bOBx", KEYS(KEY_UP, KEY_UP, KEY_DOWN, 'x'));
    keys_are("\x1bO3A", KEYS('A'));
    keys_are("\x1b[3~\x1b[1~\x1b[7~", KEYS(KEY_DELETE, KEY_HOME, KEY_HOME));
    keys_are("\x1b[4~\x1b[8~", KEYS(KEY_END, KEY_END));
    keys_are("\x1b[1;5D\x1b[3~\x1b[3;5~",
             KEYS(KEY_LEFT, KEY_DELETE, KEY_DELETE));
    keys_are("\x1b[4294967299~z", KEYS('z'));
    keys_are("\x1b[3\rx", KEYS(KEY_ENTER, 'x'));
    keys_are("\x1bxy", KEYS('y'));
    keys_are("\xc3\xa4z", KEYS('z'));
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
        cmocka_unit_test_setup(a_word_ends_at_a_blank, begin),
        cmocka_unit_test_setup(only_the_last_lines_are_kept, begin),
        cmocka_unit_test_setup(the_end_of_input_is_told_in_an_empty_line_only,
                               begin),
        cmocka_unit_test_setup(a_full_line_takes_no_more_and_rings_once, begin),
        cmocka_unit_test_setup(sequences_of_bytes_are_keys, begin),
        cmocka_unit_test_setup(random_bytes_keep_screen_and_line_equal, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
