/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of boot/direct/: the loader's memory map, honest and not. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "boot/direct/direct.h"
#include "direct_memory.h"

static struct direct_told told;
static struct direct_tables tables;
static struct boot_info info;

static int zero_page(void)
{
    return direct_read_zero_page(&ram.reader, ZERO_PAGE, &told);
}

static int start_info(void)
{
    return direct_read_start_info(&ram.reader, START_INFO, &told);
}

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
    const struct CMUnitTest tests[] = {
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

    return cmocka_run_group_tests_name("direct_ranges", tests, NULL, NULL);
}
