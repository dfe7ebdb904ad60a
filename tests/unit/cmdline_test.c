/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the command line that firmware, shells and people write. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "app/system/platform/digits.h"
#include "app/system/options/cmdline.h"
#include "arch/boot_info.h"

static struct cmdline cmdline;

static int parse(const char *text)
{
    memset(&cmdline, 0xEE, sizeof(cmdline));
    return cmdline_parse(&cmdline, text, strlen(text));
}

static const struct cmdline_option *find(const char *name)
{
    for (uint32_t i = 0; i < cmdline.count; i++) {
        if (strcmp(cmdline.options[i].name, name) == 0)
            return &cmdline.options[i];
    }
    return NULL;
}

static bool has(const char *name)
{
    return find(name) != NULL;
}

static const char *value(const char *name)
{
    assert_true(has(name));
    return find(name)->value;
}

static void options_have_a_name_and_maybe_a_value(void **state)
{
    (void)state;
    assert_int_equal(parse("exit log=debug  empty= name=\"two words\""), 0);
    assert_int_equal(cmdline.count, 4);
    assert_true(has("exit"));
    assert_null(value("exit"));
    assert_string_equal(value("log"), "debug");
    assert_string_equal(value("empty"), "");
    assert_string_equal(value("name"), "two words");
    assert_false(has("ex"));
    assert_false(has("exits"));
}

static void blanks_separate_options_and_mean_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(parse(""), 0);
    assert_int_equal(cmdline.count, 0);
    assert_int_equal(parse(" \t\r\n  "), 0);
    assert_int_equal(cmdline.count, 0);
    assert_int_equal(parse("\t a \n b\r\n"), 0);
    assert_int_equal(cmdline.count, 2);
    assert_string_equal(cmdline.options[0].name, "a");
    assert_string_equal(cmdline.options[1].name, "b");
}

static void quotes_hold_blanks_and_must_be_closed(void **state)
{
    (void)state;
    assert_int_equal(parse("a=\"\" b=x\"y z\"w \"c d\"=e"), 0);
    assert_string_equal(value("a"), "");
    assert_string_equal(value("b"), "xy zw");
    assert_string_equal(value("c d"), "e");
    assert_int_equal(parse("a=\"open to the end"), -EINVAL);
    assert_string_equal(value("a"), "open to the end");
    assert_int_equal(parse("\""), -EINVAL);
    assert_int_equal(cmdline.count, 1);
}

static void only_the_first_equals_sign_separates(void **state)
{
    (void)state;
    assert_int_equal(parse("a=b=c =x"), 0);
    assert_string_equal(value("a"), "b=c");
    assert_string_equal(value(""), "x");
}

/* The EFI shell passes the program's name first; a boot entry does not. */
static void name_of_the_program_at_the_start_is_no_option(void **state)
{
    (void)state;
    assert_int_equal(parse("fs0:\\EFI\\BOOT\\BOOTX64.EFI exit"), 0);
    assert_int_equal(cmdline.count, 1);
    assert_true(has("exit"));
    assert_int_equal(parse("exit next.efi"), 0);
    assert_int_equal(cmdline.count, 2);
    assert_int_equal(parse("efi"), 0);
    assert_int_equal(cmdline.count, 1);
}

static void characters_outside_ascii_become_question_marks(void **state)
{
    static const uint16_t text[] = {'a',  '=',    0x00E4, ' ', 'b',
                                    0x7F, 0x2028, 0,      'x'};

    (void)state;
    assert_int_equal(cmdline_parse_ucs2(&cmdline, text, COUNT(text)), 0);
    assert_int_equal(cmdline.count, 2);
    assert_string_equal(value("a"), "?");
    assert_true(has("b??"));
    assert_int_equal(cmdline_parse_ucs2(&cmdline, NULL, 0), 0);
    assert_int_equal(cmdline.count, 0);
}

/* The text ends at the end of its heap block, so ASan sees a read past it. */
static void nothing_after_the_given_length_is_read(void **state)
{
    char *text = malloc(3);

    (void)state;
    text[0] = 'a';
    text[1] = '=';
    text[2] = 'b';
    assert_int_equal(cmdline_parse(&cmdline, text, 3), 0);
    assert_string_equal(value("a"), "b");
    free(text);
}

static void text_past_the_limit_is_cut_and_reported(void **state)
{
    static char text[3 * CMDLINE_TEXT_MAX];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[5] = ' ';
    /* The longest text that fits. */
    assert_int_equal(cmdline_parse(&cmdline, text, CMDLINE_TEXT_MAX - 1), 0);
    assert_int_equal(cmdline.count, 2);
    /* One character more: the word that was cut is no option. */
    for (size_t length = CMDLINE_TEXT_MAX; length < sizeof(text); length++) {
        assert_int_equal(cmdline_parse(&cmdline, text, length), -E2BIG);
        assert_int_equal(cmdline.count, 1);
        assert_true(has("xxxxx"));
    }
    text[CMDLINE_TEXT_MAX] = '\0';
    assert_int_equal(cmdline_parse(&cmdline, text, sizeof(text)), -E2BIG);
}

/* boot/ hands over BOOT_CMDLINE_SIZE characters with the zero, however long the
 * firmware's text was. */
static void text_that_boot_has_cut_is_reported(void **state)
{
    static char text[BOOT_CMDLINE_SIZE];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[5] = ' ';
    assert_int_equal(cmdline_parse(&cmdline, text, sizeof(text)), -E2BIG);
    assert_int_equal(cmdline.count, 1);
    assert_true(has("xxxxx"));
}

static void options_past_the_limit_are_reported(void **state)
{
    char text[2 * CMDLINE_OPTIONS_MAX + 2] = "";

    (void)state;
    for (unsigned i = 0; i < 2 * CMDLINE_OPTIONS_MAX; i++)
        text[i] = i % 2 ? ' ' : 'o';
    assert_int_equal(parse(text), 0);
    assert_int_equal(cmdline.count, CMDLINE_OPTIONS_MAX);
    text[2 * CMDLINE_OPTIONS_MAX] = 'p';
    assert_int_equal(parse(text), -E2BIG);
    assert_int_equal(cmdline.count, CMDLINE_OPTIONS_MAX);
    assert_false(has("p"));
}

static void expect_digits(const char *text, unsigned base, uint64_t limit,
                          uint64_t number, const char *rest)
{
    uint64_t got = 77;

    assert_true(digits_read(&text, base, limit, &got));
    assert_int_equal(got, number);
    assert_string_equal(text, rest);
}

static void expect_no_digits(const char *text, unsigned base, uint64_t limit)
{
    const char *at = text;
    uint64_t got = 77;

    assert_false(digits_read(&at, base, limit, &got));
    assert_int_equal(got, 77);
    assert_ptr_equal(at, text);
}

static void digits_end_where_no_digit_follows(void **state)
{
    (void)state;
    expect_digits("5.3", 10, 65535, 5, ".3");
    expect_digits("65535", 10, 65535, 65535, "");
    expect_digits("1fg", 16, 65535, 0x1f, "g");
    expect_digits("1f", 10, 65535, 1, "f");
    expect_digits("007", 10, 7, 7, "");
    expect_no_digits("", 10, 65535);
    expect_no_digits(".3", 10, 65535);
    expect_no_digits("-1", 10, 65535);
    expect_no_digits("65536", 10, 65535);
    expect_no_digits("8", 10, 7);
    expect_no_digits("10", 16, 15);
}

/* For random text, every option must point into the text and end in it. */
static void options_of_any_text_stay_inside_the_text(void **state)
{
    static const char letters[] = "ab =\"\t.efi";

    (void)state;
    srand(1);
    for (unsigned round = 0; round < 20000; round++) {
        char text[64];
        size_t length = (size_t)rand() % sizeof(text);

        for (size_t i = 0; i < length; i++)
            text[i] = rand() % 50 ? letters[rand() % (sizeof(letters) - 1)]
                                  : (char)rand();
        memset(&cmdline, 0xEE, sizeof(cmdline));
        cmdline_parse(&cmdline, text, length);
        assert_true(cmdline.count <= CMDLINE_OPTIONS_MAX);
        for (uint32_t i = 0; i < cmdline.count; i++) {
            const char *name = cmdline.options[i].name;

            assert_in_range((uintptr_t)(name + strlen(name)),
                            (uintptr_t)cmdline.text,
                            (uintptr_t)cmdline.text + length);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_have_a_name_and_maybe_a_value),
        cmocka_unit_test(blanks_separate_options_and_mean_nothing_else),
        cmocka_unit_test(quotes_hold_blanks_and_must_be_closed),
        cmocka_unit_test(only_the_first_equals_sign_separates),
        cmocka_unit_test(name_of_the_program_at_the_start_is_no_option),
        cmocka_unit_test(characters_outside_ascii_become_question_marks),
        cmocka_unit_test(nothing_after_the_given_length_is_read),
        cmocka_unit_test(text_past_the_limit_is_cut_and_reported),
        cmocka_unit_test(text_that_boot_has_cut_is_reported),
        cmocka_unit_test(options_past_the_limit_are_reported),
        cmocka_unit_test(digits_end_where_no_digit_follows),
        cmocka_unit_test(options_of_any_text_stay_inside_the_text),
    };

    return cmocka_run_group_tests_name("cmdline", tests, NULL, NULL);
}
