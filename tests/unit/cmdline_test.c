/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the command line that firmware, shells and people write. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "app/system/platform/digits.h"
#include "app/system/root/cmdline.h"
#include "arch/boot_info.h"

static struct cmdline cmdline;

static int parse(const char *text)
{
    memset(&cmdline, 0xEE, sizeof(cmdline));
    return cmdline_parse(&cmdline, text, strlen(text));
}

static void options_have_a_name_and_maybe_a_value(void **state)
{
    (void)state;
    assert_int_equal(parse("exit log=debug  empty= name=\"two words\""), 0);
    assert_int_equal(cmdline.count, 4);
    assert_true(cmdline_has(&cmdline, "exit"));
    assert_null(cmdline_value(&cmdline, "exit"));
    assert_string_equal(cmdline_value(&cmdline, "log"), "debug");
    assert_string_equal(cmdline_value(&cmdline, "empty"), "");
    assert_string_equal(cmdline_value(&cmdline, "name"), "two words");
    assert_false(cmdline_has(&cmdline, "ex"));
    assert_false(cmdline_has(&cmdline, "exits"));
    assert_null(cmdline_value(&cmdline, "missing"));
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
    assert_string_equal(cmdline_value(&cmdline, "a"), "");
    assert_string_equal(cmdline_value(&cmdline, "b"), "xy zw");
    assert_string_equal(cmdline_value(&cmdline, "c d"), "e");
    assert_int_equal(parse("a=\"open to the end"), -EINVAL);
    assert_string_equal(cmdline_value(&cmdline, "a"), "open to the end");
    assert_int_equal(parse("\""), -EINVAL);
    assert_int_equal(cmdline.count, 1);
}

static void only_the_first_equals_sign_separates(void **state)
{
    (void)state;
    assert_int_equal(parse("a=b=c =x"), 0);
    assert_string_equal(cmdline_value(&cmdline, "a"), "b=c");
    assert_string_equal(cmdline_value(&cmdline, ""), "x");
}

static void last_of_two_equal_options_counts(void **state)
{
    (void)state;
    assert_int_equal(parse("log=info log=debug"), 0);
    assert_string_equal(cmdline_value(&cmdline, "log"), "debug");
}

/* The EFI shell passes the program's name first; a boot entry does not. */
static void name_of_the_program_at_the_start_is_no_option(void **state)
{
    (void)state;
    assert_int_equal(parse("fs0:\\EFI\\BOOT\\BOOTX64.EFI exit"), 0);
    assert_int_equal(cmdline.count, 1);
    assert_true(cmdline_has(&cmdline, "exit"));
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
    assert_string_equal(cmdline_value(&cmdline, "a"), "?");
    assert_true(cmdline_has(&cmdline, "b??"));
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
    assert_string_equal(cmdline_value(&cmdline, "a"), "b");
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
        assert_true(cmdline_has(&cmdline, "xxxxx"));
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
    assert_true(cmdline_has(&cmdline, "xxxxx"));
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
    assert_false(cmdline_has(&cmdline, "p"));
}

static void expect_number(const char *text, int status, uint64_t number)
{
    uint64_t got = 77;

    parse(text);
    assert_int_equal(cmdline_number(&cmdline, "n", &got), status);
    assert_int_equal(got, status == 0 ? number : 77);
}

static void numbers_are_decimal_or_hexadecimal_and_fit_64_bits(void **state)
{
    (void)state;
    expect_number("n=0", 0, 0);
    expect_number("n=42", 0, 42);
    expect_number("n=0x2A", 0, 42);
    expect_number("n=0Xff", 0, 255);
    expect_number("n=18446744073709551615", 0, UINT64_MAX);
    expect_number("n=0xffffffffffffffff", 0, UINT64_MAX);
    expect_number("n=18446744073709551616", -EINVAL, 0);
    expect_number("n=18446744073709551620", -EINVAL, 0);
    expect_number("n=0x10000000000000000", -EINVAL, 0);
    expect_number("n=", -EINVAL, 0);
    expect_number("n", -EINVAL, 0);
    expect_number("n=0x", -EINVAL, 0);
    expect_number("n=12a", -EINVAL, 0);
    expect_number("n=-1", -EINVAL, 0);
    expect_number("m=1", -ENOENT, 0);
}

static void expect_wrong(uint32_t *cursor, const char *name,
                         const char *expected)
{
    static const char *const known[] = {"exit", "log=debug|info", "n=N", NULL};
    const struct cmdline_option *wrong;
    const char *found;

    wrong = cmdline_next_wrong(&cmdline, cursor, known, &found);
    if (!name) {
        assert_null(wrong);
        return;
    }
    assert_non_null(wrong);
    assert_string_equal(wrong->name, name);
    if (expected)
        assert_string_equal(found, expected);
    else
        assert_null(found);
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

static void unknown_options_are_listed_in_order(void **state)
{
    uint32_t cursor = 0;

    (void)state;
    parse("exti log=info exit=1 quiet=1 lo ex exit exits");
    expect_wrong(&cursor, "exti", NULL);
    expect_wrong(&cursor, "quiet", NULL);
    expect_wrong(&cursor, "lo", NULL);
    expect_wrong(&cursor, "ex", NULL);
    expect_wrong(&cursor, "exits", NULL);
    expect_wrong(&cursor, NULL, NULL);
    expect_wrong(&cursor, NULL, NULL);
}

static void values_outside_the_list_of_an_option_are_reported(void **state)
{
    static const char words[] = "log=debug|info";
    uint32_t cursor = 0;

    (void)state;
    parse("log log=debug log=info n=12 n=0x1f n");
    expect_wrong(&cursor, NULL, NULL);
    cursor = 0;
    parse("log=debu log= log=nfo log=info| n=x log=debug|info n=");
    expect_wrong(&cursor, "log", words);
    expect_wrong(&cursor, "log", words);
    expect_wrong(&cursor, "log", words);
    expect_wrong(&cursor, "log", words);
    expect_wrong(&cursor, "n", "n=N");
    /* The whole list is not one of its words. */
    expect_wrong(&cursor, "log", words);
    expect_wrong(&cursor, "n", "n=N");
    expect_wrong(&cursor, NULL, NULL);
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
        cmocka_unit_test(last_of_two_equal_options_counts),
        cmocka_unit_test(name_of_the_program_at_the_start_is_no_option),
        cmocka_unit_test(characters_outside_ascii_become_question_marks),
        cmocka_unit_test(nothing_after_the_given_length_is_read),
        cmocka_unit_test(text_past_the_limit_is_cut_and_reported),
        cmocka_unit_test(text_that_boot_has_cut_is_reported),
        cmocka_unit_test(options_past_the_limit_are_reported),
        cmocka_unit_test(numbers_are_decimal_or_hexadecimal_and_fit_64_bits),
        cmocka_unit_test(digits_end_where_no_digit_follows),
        cmocka_unit_test(unknown_options_are_listed_in_order),
        cmocka_unit_test(values_outside_the_list_of_an_option_are_reported),
        cmocka_unit_test(options_of_any_text_stay_inside_the_text),
    };

    return cmocka_run_group_tests_name("cmdline", tests, NULL, NULL);
}
