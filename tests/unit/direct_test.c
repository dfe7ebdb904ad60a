/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of boot/direct/ against what loaders leave, honest and not. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "boot/direct/direct.h"
#include "boot/refuse.h"
#include "direct_memory.h"

static struct direct_told told;
static struct direct_tables tables;
static struct boot_info info;
static char cmdline[BOOT_CMDLINE_SIZE];

static void is_refused(int status, const char *because)
{
    assert_int_equal(status, -EINVAL);
    if (!strstr(boot_refusal(), because))
        fail_msg("expected '%s', found '%s'", because, boot_refusal());
}

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

/* ---- ACPI --------------------------------------------------------------- */

/* An RSDP's first 20 bytes. */
static void put_rsdp(uint64_t at)
{
    uint8_t sum = 0;

    memset(ram.low + at, 0, 20);
    memcpy(ram.low + at, "RSD PTR ", 8);
    for (unsigned i = 0; i < 20; i++)
        sum = (uint8_t)(sum + ram.low[at + i]);
    ram.low[at + 8] = (uint8_t)(0 - sum);
}

static uint64_t rsdp(uint64_t where)
{
    return direct_find_rsdp(&ram.reader, where);
}

static void rsdp_is_where_the_loader_says(void **state)
{
    (void)state;
    direct_memory_begin();
    put_rsdp(0xA0000); /* no place that is searched */
    assert_int_equal(rsdp(0), 0);
    assert_int_equal(rsdp(0xA0000), 0xA0000);
    assert_int_equal(rsdp(UINT64_MAX - 4), 0);
}

static void rsdp_is_searched_where_a_bios_puts_it(void **state)
{
    static const uint64_t places[] = {0xE0000, 0xF5AB0, 0xFFFE0};

    (void)state;
    for (unsigned i = 0; i < COUNT(places); i++) {
        direct_memory_begin();
        put_rsdp(places[i]);
        assert_int_equal(rsdp(0), places[i]);
        assert_int_equal(rsdp(0x5000), places[i]);
        ram.low[places[i] + 8]++; /* the checksum */
        assert_int_equal(rsdp(0), 0);
    }
    direct_memory_begin();
    put_rsdp(0xE0008); /* not at a multiple of 16 */
    assert_int_equal(rsdp(0), 0);
    put_rsdp(0xFFFF0); /* its last bytes are above 1 MiB */
    assert_int_equal(rsdp(0), 0);
}

static void rsdp_is_searched_in_the_ebda(void **state)
{
    (void)state;
    direct_memory_begin();
    put_rsdp(0x9FC20);
    assert_int_equal(rsdp(0), 0);
    direct_put(0x40E, 0x9FC0, 2);
    assert_int_equal(rsdp(0), 0x9FC20);
    direct_put(0x40E, 0x9F80, 2); /* ends just before */
    assert_int_equal(rsdp(0), 0);
    direct_put(0x40E, 0xFFFF, 2);
    assert_int_equal(rsdp(0), 0);
}

static void pages_of_all_tables_are_known(void **state)
{
    static uint8_t content[9000];
    struct acpi acpi;
    struct acpi_fadt fadt = {0};
    uint64_t list[2], root;

    (void)state;
    direct_memory_begin();
    fadt.dsdt = (uint32_t)sample_table(&ram.acpi, "DSDT", content, 9000);
    list[0] = sample_table(&ram.acpi, "FACP", &fadt.header + 1,
                           sizeof(fadt) - sizeof(fadt.header));
    list[1] = sample_table(&ram.acpi, "APIC", content, 8);
    root = sample_root(&ram.acpi, list, 2, false);
    assert_int_equal(acpi_open(&acpi, &ram.reader, root), 0);
    direct_find_tables(&acpi, root, &tables);
    /* They lie one behind the other. */
    assert_int_equal(tables.ranges, 1);
    assert_int_equal(tables.range[0].from, SAMPLE_BASE);
    assert_int_equal(tables.range[0].to, SAMPLE_BASE + 0x3000);
}

static void tables_that_cannot_be_are_no_tables(void **state)
{
    uint64_t list[4] = {0, UINT64_MAX - 2, 0x30000, 0x40000};
    struct acpi acpi;
    uint64_t root;

    (void)state;
    direct_memory_begin();
    direct_text(0x30000, "AAAA");
    direct_put(0x30004, 35, 4); /* shorter than a header */
    direct_text(0x40000, "BBBB");
    direct_put(0x40004, 0x100001, 4); /* longer than any table */
    root = sample_root(&ram.acpi, list, 4, false);
    assert_int_equal(acpi_open(&acpi, &ram.reader, root), 0);
    direct_find_tables(&acpi, root, &tables);
    assert_int_equal(tables.ranges, 1); /* the root alone */
    assert_int_equal(acpi_open(&acpi, &ram.reader, 0x123450), -EFAULT);
    direct_find_tables(&acpi, 0, &tables);
    assert_int_equal(tables.ranges, 0);
}

static void tables_in_too_many_places_stop_at_the_limit(void **state)
{
    uint64_t list[40];
    struct acpi acpi;
    uint64_t root;

    (void)state;
    direct_memory_begin();
    for (unsigned i = 0; i < COUNT(list); i++) {
        list[i] = 0x10000 + 0x2000 * i;
        direct_put(list[i] + 4, 36, 4);
    }
    root = sample_root(&ram.acpi, list, COUNT(list), false);
    assert_int_equal(acpi_open(&acpi, &ram.reader, root), 0);
    direct_find_tables(&acpi, root, &tables);
    assert_int_equal(tables.ranges, DIRECT_TABLES_MAX);
    assert_int_equal(tables.range[DIRECT_TABLES_MAX - 1].from,
                     list[DIRECT_TABLES_MAX - 2]);
}

/* ---- the memory map ----------------------------------------------------- */

struct expected {
    uint64_t base, pages;
    enum boot_memory_kind kind;
};

static void begin_ranges(void)
{
    memset(&info, 0, sizeof(info));
    memset(&tables, 0, sizeof(tables));
    info.image_base = 0x1000000;
    info.image_size = 0x80000;
    info.physical_end = UINT64_C(1) << 40;
    direct_zero_page();
}

static int ranges(void)
{
    assert_int_equal(zero_page(), 0);
    return direct_read_ranges(&ram.reader, &told, &tables, &info);
}

static void has_regions(const struct expected *e, unsigned count)
{
    assert_int_equal(ranges(), 0);
    assert_int_equal(info.regions, count);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(info.region[i].base, e[i].base);
        assert_int_equal(info.region[i].pages, e[i].pages);
        assert_int_equal(info.region[i].kind, e[i].kind);
    }
}

static void types_become_kinds(void **state)
{
    static const struct expected e[] = {
        {0, 0xA0, BOOT_MEMORY_FREE},
        {0x100000, 0xF00, BOOT_MEMORY_FREE},
        {0x1000000, 0x80, BOOT_MEMORY_OURS},
        {0x1080000, 0xEF80, BOOT_MEMORY_FREE},
        {0x10000000, 1, BOOT_MEMORY_ACPI},
        {0x10002000, 1, BOOT_MEMORY_FIRMWARE},
    };

    (void)state;
    begin_ranges();
    direct_zero_range(0x10000000, 0x1000, 3);
    direct_zero_range(0x10002000, 0x1000, 4);
    direct_zero_range(0x10004000, 0x1000, 2);
    direct_zero_range(0x10006000, 0x1000, 5);
    direct_zero_range(0x10008000, 0x1000, 7);
    direct_zero_range(0x1000a000, 0x1000, 0xEFFFFFFF); /* special purpose */
    direct_zero_range(0x1000c000, 0x1000, 0);
    has_regions(e, COUNT(e));
    /* The image is no contradiction: no loader lists it. */
    assert_int_equal(info.regions_contradicted, 0);
    assert_int_equal(info.regions_dropped, 0);
}

static void pvh_has_the_same_ranges_in_longer_entries(void **state)
{
    (void)state;
    begin_ranges();
    direct_start_info();
    direct_pvh_range(0x10000000, 0x1000, 3);
    assert_int_equal(start_info(), 0);
    assert_int_equal(direct_read_ranges(&ram.reader, &told, &tables, &info), 0);
    assert_int_equal(info.regions, 5);
    assert_int_equal(info.region[4].base, 0x10000000);
    assert_int_equal(info.region[4].kind, BOOT_MEMORY_ACPI);
}

static void only_whole_pages_are_free(void **state)
{
    static const struct expected e[] = {
        {0, 0xA0, BOOT_MEMORY_FREE},
        {0x100000, 0xF00, BOOT_MEMORY_FREE},
        {0x1000000, 0x80, BOOT_MEMORY_OURS},
        {0x1080000, 0xEF80, BOOT_MEMORY_FREE},
        {0x20001000, 1, BOOT_MEMORY_FREE},
        {0x20010000, 2, BOOT_MEMORY_FIRMWARE},
    };

    (void)state;
    begin_ranges();
    direct_zero_range(0x20000001, 0x1FFF, 1);
    direct_zero_range(0x20005001, 0xFFF, 1); /* no whole page */
    direct_zero_range(0x20010FFF, 2, 4);
    has_regions(e, COUNT(e));
}

static void tables_in_reserved_or_free_memory_stay_readable(void **state)
{
    static const struct expected e[] = {
        {0, 0xA0, BOOT_MEMORY_FREE},
        {0xE0000, 0x10, BOOT_MEMORY_ACPI}, /* 0xF0000: reserved */
        {0x100000, 0xF00, BOOT_MEMORY_FREE},
        {0x1000000, 0x80, BOOT_MEMORY_OURS},
        {0x1080000, 0x1F80, BOOT_MEMORY_FREE},
        {0x3000000, 2, BOOT_MEMORY_ACPI},
        {0x3002000, 0xCFFE, BOOT_MEMORY_FREE},
    };

    (void)state;
    begin_ranges();
    direct_zero_range(0xE0000, 0x20000, 2);
    tables.ranges = 2;
    tables.range[0].from = 0xE0000;
    tables.range[0].to = 0xF0000;
    tables.range[1].from = 0x3000000;
    tables.range[1].to = 0x3002000;
    has_regions(e, COUNT(e));
    assert_int_equal(info.regions_contradicted, 0);
}

static void reserved_memory_wins_over_free(void **state)
{
    static const struct expected e[] = {
        {0, 0xA0, BOOT_MEMORY_FREE},
        {0x100000, 0xF00, BOOT_MEMORY_FREE},
        {0x1000000, 0x80, BOOT_MEMORY_OURS},
        {0x1080000, 0x1F80, BOOT_MEMORY_FREE},
        {0x3001000, 0xCFFF, BOOT_MEMORY_FREE},
    };

    (void)state;
    begin_ranges();
    direct_zero_range(0x3000000, 0x1000, 2);
    has_regions(e, COUNT(e));
    assert_int_equal(info.regions_contradicted, 1);
}

static void ranges_without_end_are_bounded(void **state)
{
    static const struct expected e[] = {
        {0, 0xA0, BOOT_MEMORY_FREE},
        {0x100000, 0xF00, BOOT_MEMORY_FREE},
        {0x1000000, 0x80, BOOT_MEMORY_OURS},
        {0x1080000, 0xEF80, BOOT_MEMORY_FREE},
        {UINT64_C(0xFFFFFF0000), 0x10, BOOT_MEMORY_FIRMWARE},
    };

    (void)state;
    begin_ranges();
    direct_zero_range(0x20000000, UINT64_MAX, 1);
    direct_zero_range(0x80, UINT64_MAX - 0x100, 1); /* around the image */
    direct_zero_range(UINT64_MAX - 10, 5, 1);
    direct_zero_range(UINT64_C(1) << 40, 0x1000, 1);
    direct_zero_range(UINT64_C(0xFFFFFF0000), UINT64_MAX - 1, 4);
    direct_zero_range(0x20000000, 0, 1);
    has_regions(e, COUNT(e));
    assert_true(info.regions_dropped > 0);
}

static void map_that_cannot_be_read_is_refused(void **state)
{
    (void)state;
    begin_ranges();
    direct_start_info();
    direct_put(START_INFO + 40, LOW_SIZE - 48, 8);
    direct_put(START_INFO + 48, 0xFFFFFFFF, 4);
    assert_int_equal(start_info(), 0);
    is_refused(direct_read_ranges(&ram.reader, &told, &tables, &info),
               "range 2 of the memory map, at 0x110000, is not readable");
}

/* Ranges of PVH that do not touch: one of 16 MiB, the others of one page. */
static int many_ranges(uint64_t count)
{
    direct_start_info();
    direct_put(START_INFO + 40, 0x40000, 8);
    direct_put(START_INFO + 48, count, 4);
    for (uint64_t i = 0; i < count; i++) {
        direct_put(0x40000 + 24 * i, 0x10000000 + i * 0x2000, 8);
        direct_put(0x40000 + 24 * i + 8, i + 1 < count ? 0x1000 : 0x1000000, 8);
        direct_put(0x40000 + 24 * i + 16, 1, 4);
    }
    assert_int_equal(start_info(), 0);
    return direct_read_ranges(&ram.reader, &told, &tables, &info);
}

static void more_ranges_than_the_table_holds_are_refused(void **state)
{
    (void)state;
    begin_ranges();
    is_refused(many_ranges(4096), "more than 2048 ranges");
}

/* However many ranges the map has: it is refused, or the ACPI tables are in
 * the list. Without them the machine would start with one processor. */
static void no_number_of_ranges_displaces_the_acpi_tables(void **state)
{
    unsigned refused = 0;

    (void)state;
    for (uint64_t count = 2040; count < 2130; count++) {
        begin_ranges();
        tables.ranges = 1;
        tables.range[0].from = 0x5000000;
        tables.range[0].to = 0x5001000;
        if (many_ranges(count)) {
            refused++;
            continue;
        }
        assert_int_equal(refused, 0);
        assert_int_equal(info.region[1].base, 0x5000000);
        assert_int_equal(info.region[1].kind, BOOT_MEMORY_ACPI);
    }
    assert_in_range(refused, 1, 89);
}

static void machine_without_memory_is_refused(void **state)
{
    (void)state;
    begin_ranges();
    direct_put(ZERO_PAGE + 0x1E8, 0, 1);
    is_refused(ranges(), "has 0 KiB of free memory; expected 4096 KiB");
    begin_ranges();
    direct_put(ZERO_PAGE + 0x1E8, 1, 1);
    is_refused(ranges(), "has 640 KiB of free memory");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(rsdp_is_where_the_loader_says),
        cmocka_unit_test(rsdp_is_searched_where_a_bios_puts_it),
        cmocka_unit_test(rsdp_is_searched_in_the_ebda),
        cmocka_unit_test(pages_of_all_tables_are_known),
        cmocka_unit_test(tables_that_cannot_be_are_no_tables),
        cmocka_unit_test(tables_in_too_many_places_stop_at_the_limit),
        cmocka_unit_test(types_become_kinds),
        cmocka_unit_test(pvh_has_the_same_ranges_in_longer_entries),
        cmocka_unit_test(only_whole_pages_are_free),
        cmocka_unit_test(tables_in_reserved_or_free_memory_stay_readable),
        cmocka_unit_test(reserved_memory_wins_over_free),
        cmocka_unit_test(ranges_without_end_are_bounded),
        cmocka_unit_test(map_that_cannot_be_read_is_refused),
        cmocka_unit_test(more_ranges_than_the_table_holds_are_refused),
        cmocka_unit_test(no_number_of_ranges_displaces_the_acpi_tables),
        cmocka_unit_test(machine_without_memory_is_refused),
    };

    return cmocka_run_group_tests_name("direct", tests, NULL, NULL);
}
