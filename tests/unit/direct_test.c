/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of boot/direct/: what a loader tells by its protocol and on the command
 * line, honest and not. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "boot/direct/direct.h"
#include "direct_memory.h"

static struct direct_told told;
static char cmdline[BOOT_CMDLINE_SIZE];

static int zero_page(void)
{
    return direct_read_zero_page(&ram.reader, ZERO_PAGE, &told);
}

static int start_info(void)
{
    return direct_read_start_info(&ram.reader, START_INFO, &told);
}

/* ---- the two protocols -------------------------------------------------- */

static void zero_page_says_where_everything_is(void **state)
{
    (void)state;
    direct_zero_page();
    direct_put(ZERO_PAGE + 0x70, 0xE0000, 8);
    direct_put(ZERO_PAGE + 0x228, LINE_AT, 4);
    direct_put(ZERO_PAGE + 0xC8, 1, 4);
    assert_int_equal(zero_page(), 0);
    assert_int_equal(told.rsdp, 0xE0000);
    assert_int_equal(told.cmdline, UINT64_C(0x100000000) + LINE_AT);
    assert_int_equal(told.lists, 1);
    assert_int_equal(told.list[0].at, ZERO_PAGE + 0x2D0);
    assert_int_equal(told.list[0].ranges, 2);
    assert_int_equal(told.list[0].stride, 20);
}

static void start_info_says_where_everything_is(void **state)
{
    (void)state;
    direct_start_info();
    direct_put(START_INFO + 24, LINE_AT, 8);
    direct_put(START_INFO + 32, 0xF5AB0, 8);
    assert_int_equal(start_info(), 0);
    assert_int_equal(told.rsdp, 0xF5AB0);
    assert_int_equal(told.cmdline, LINE_AT);
    assert_int_equal(told.lists, 1);
    assert_int_equal(told.list[0].at, RANGES_AT);
    assert_int_equal(told.list[0].ranges, 2);
    assert_int_equal(told.list[0].stride, 24);
    /* A later version is longer, and the same up to here. */
    direct_put(START_INFO + 4, 2, 4);
    assert_int_equal(start_info(), 0);
}

static void wrong_magic_is_refused(void **state)
{
    (void)state;
    direct_zero_page();
    direct_put(ZERO_PAGE + 0x202, 0x53726449, 4);
    is_refused(zero_page(), "found 0xaa55 and 0x53726449");
    direct_zero_page();
    direct_put(ZERO_PAGE + 0x1FE, 0x55AA, 2);
    is_refused(zero_page(), "found 0x55aa and 0x53726448");
    direct_start_info();
    direct_put(START_INFO, 0x336EC579, 4);
    is_refused(start_info(), "(0x336ec578), found 0x336ec579");
}

static void what_lies_nowhere_is_refused(void **state)
{
    (void)state;
    direct_zero_page();
    is_refused(direct_read_zero_page(&ram.reader, LOW_SIZE - 100, &told),
               "(RSI) is not readable");
    is_refused(direct_read_zero_page(&ram.reader, UINT64_MAX - 1, &told),
               "(RSI) is not readable");
    is_refused(direct_read_start_info(&ram.reader, LOW_SIZE - 20, &told),
               "(EBX) is not readable");
}

static void start_info_without_a_memory_map_is_refused(void **state)
{
    (void)state;
    direct_start_info();
    direct_put(START_INFO + 4, 0, 4);
    is_refused(start_info(), "version 0, without a memory map");
}

static void zero_page_with_too_many_ranges_is_refused(void **state)
{
    (void)state;
    direct_zero_page();
    direct_put(ZERO_PAGE + 0x1E8, 128, 1);
    assert_int_equal(zero_page(), 0);
    direct_put(ZERO_PAGE + 0x1E8, 129, 1);
    is_refused(zero_page(), "counts 129 memory ranges and has room for 128");
}

/* ---- the list setup_data ------------------------------------------------ */

/* Writes a node; its contents follow. */
static void node(uint64_t at, uint64_t next, uint32_t type, uint32_t length)
{
    direct_put(at, next, 8);
    direct_put(at + 8, type, 4);
    direct_put(at + 12, length, 4);
}

static void setup_data_has_more_ranges(void **state)
{
    (void)state;
    direct_zero_page();
    direct_put(ZERO_PAGE + 0x250, 0x30000, 8);
    node(0x30000, 0x31000, 2, 100); /* a device tree: not ours */
    node(0x31000, 0, 1, 40);
    assert_int_equal(zero_page(), 0);
    assert_int_equal(told.lists, 2);
    assert_int_equal(told.list[1].at, 0x31010);
    assert_int_equal(told.list[1].ranges, 2);
    assert_int_equal(told.list[1].stride, 20);
}

static void setup_data_that_cannot_be_is_refused(void **state)
{
    (void)state;
    direct_zero_page();
    direct_put(ZERO_PAGE + 0x250, 0x30000, 8);
    node(0x30000, 0x30000, 9, 0);
    is_refused(zero_page(), "leads back to itself");
    node(0x30000, LOW_SIZE, 9, 0);
    is_refused(zero_page(), "leads to 0x110000, which is not readable");
    node(0x30000, 0, 1, 41);
    is_refused(zero_page(), "has 41 bytes of memory ranges");
    for (unsigned i = 0; i < 9; i++)
        node(0x30000 + 0x100 * i, i < 8 ? 0x30100 + 0x100 * i : 0, 1, 20);
    is_refused(zero_page(), "more than 8 lists");
}

/* ---- the command line --------------------------------------------------- */

static int line(const char *text)
{
    direct_text(LINE_AT, text);
    return direct_read_cmdline(&ram.reader, LINE_AT, cmdline);
}

static void options_stand_behind_two_dashes(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {"console=ttyS0 reboot=k", ""},
        {"--", ""},
        {"console=ttyS0 --", ""},
        {"console=ttyS0 -- exit claims", "exit claims"},
        {"-- exit", "exit"},
        {"  --   exit  ", "exit"},
        {"a --exit -- b", "b"},
        {"a --- -- b -- c", "b -- c"},
        {"a - - -- b", "b"},
        {"-\t--\tlog=debug\n", "log=debug"},
        {"-- a\x7f\xc3\xa9", "a???"},
    };

    (void)state;
    direct_memory_begin();
    for (unsigned i = 0; i < COUNT(pairs); i++) {
        assert_int_equal(line(pairs[i][0]), 0);
        assert_string_equal(cmdline, pairs[i][1]);
    }
    memset(cmdline, 'x', sizeof(cmdline));
    assert_int_equal(direct_read_cmdline(&ram.reader, 0, cmdline), 0);
    assert_string_equal(cmdline, "");
}

static void options_that_are_too_long_are_refused(void **state)
{
    static char text[BOOT_CMDLINE_SIZE + 16];

    (void)state;
    direct_memory_begin();
    memset(text, 'a', sizeof(text));
    memcpy(text, "-- ", 3);
    text[3 + BOOT_CMDLINE_SIZE - 1] = 0;
    assert_int_equal(line(text), 0);
    assert_int_equal(strlen(cmdline), BOOT_CMDLINE_SIZE - 1);
    text[3 + BOOT_CMDLINE_SIZE - 1] = 'a';
    text[3 + BOOT_CMDLINE_SIZE] = 0;
    is_refused(line(text), "more than 1023 characters behind '--'");
    /* What stands before the dashes may be longer. */
    memcpy(text, "bbb", 3);
    assert_int_equal(line(text), 0);
    assert_string_equal(cmdline, "");
}

static void command_line_without_end_is_refused(void **state)
{
    (void)state;
    direct_memory_begin();
    memset(ram.low + LINE_AT, 'a', 0x20000);
    is_refused(direct_read_cmdline(&ram.reader, LINE_AT, cmdline),
               "has no end within 65536 bytes");
    memset(ram.low + LOW_SIZE - 8, 'a', 8);
    is_refused(direct_read_cmdline(&ram.reader, LOW_SIZE - 8, cmdline),
               "is not readable");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_page_says_where_everything_is),
        cmocka_unit_test(start_info_says_where_everything_is),
        cmocka_unit_test(wrong_magic_is_refused),
        cmocka_unit_test(what_lies_nowhere_is_refused),
        cmocka_unit_test(start_info_without_a_memory_map_is_refused),
        cmocka_unit_test(zero_page_with_too_many_ranges_is_refused),
        cmocka_unit_test(setup_data_has_more_ranges),
        cmocka_unit_test(setup_data_that_cannot_be_is_refused),
        cmocka_unit_test(options_stand_behind_two_dashes),
        cmocka_unit_test(options_that_are_too_long_are_refused),
        cmocka_unit_test(command_line_without_end_is_refused),
    };

    return cmocka_run_group_tests_name("direct", tests, NULL, NULL);
}
