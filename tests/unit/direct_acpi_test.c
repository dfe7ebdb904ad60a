/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of boot/direct/: where ACPI's root and its tables lie. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "boot/direct/direct.h"
#include "direct_memory.h"

static struct direct_tables tables;

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rsdp_is_where_the_loader_says),
        cmocka_unit_test(rsdp_is_searched_where_a_bios_puts_it),
        cmocka_unit_test(rsdp_is_searched_in_the_ebda),
        cmocka_unit_test(pages_of_all_tables_are_known),
        cmocka_unit_test(tables_that_cannot_be_are_no_tables),
        cmocka_unit_test(tables_in_too_many_places_stop_at_the_limit),
    };

    return cmocka_run_group_tests_name("direct_acpi", tests, NULL, NULL);
}
