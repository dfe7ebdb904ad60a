/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of reading processors from the MADT, the ACPI table that lists them. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "unit.h"

#include "acpi_sample.h"

static struct sample s;
static struct acpi acpi;

static struct acpi_processor processors[4];
static uint32_t count;

static int read_madt(const void *entries, uint32_t size)
{
    uint8_t content[256] = {0};
    uint64_t table;

    memcpy(content + 8, entries, size); /* after address and flags */
    sample_begin(&s);
    table = sample_table(&s, "APIC", content, 8 + size);
    sample_open(&s, &acpi, &table, 1);
    memset(processors, 0xEE, sizeof(processors));
    count = 99;
    return acpi_read_processors(&acpi, processors, COUNT(processors), &count);
}

#define LAPIC(uid, id, flags) 0, 8, uid, id, flags, 0, 0, 0
#define X2APIC(uid, id, flags) \
    9, 16, 0, 0, id, 1, 0, 0, flags, 0, 0, 0, uid, 0, 0, 0

static void madt_gives_each_usable_processor_once(void **state)
{
    static const uint8_t entries[] = {
        LAPIC(1, 0x10, 1), /* enabled */
        1,
        12,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,                  /* an I/O APIC */
        LAPIC(2, 0x11, 2),  /* can be hot-plugged */
        LAPIC(3, 0x12, 0),  /* not usable */
        LAPIC(4, 0xFF, 1),  /* the id of no processor */
        X2APIC(5, 0x13, 1), /* id 0x113 */
        LAPIC(1, 0x10, 1),  /* the first again */
        200,
        2, /* an unknown type */
    };

    (void)state;
    assert_int_equal(read_madt(entries, sizeof(entries)), 0);
    assert_int_equal(count, 3);
    assert_int_equal(processors[0].apic_id, 0x10);
    assert_int_equal(processors[0].uid, 1);
    assert_true(processors[0].enabled);
    assert_int_equal(processors[1].apic_id, 0x11);
    assert_false(processors[1].enabled);
    assert_int_equal(processors[2].apic_id, 0x113);
    assert_int_equal(processors[2].uid, 5);
    assert_true(processors[2].enabled);
}

static void x2apic_id_of_all_ones_is_no_processor(void **state)
{
    static const uint8_t entries[] = {9, 16, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
                                      1, 0,  0, 0, 0,    0,    0,    0};

    (void)state;
    assert_int_equal(read_madt(entries, sizeof(entries)), 0);
    assert_int_equal(count, 0);
}

static void processors_past_the_array_are_counted_only(void **state)
{
    static const uint8_t entries[] = {
        LAPIC(0, 0, 1), LAPIC(1, 1, 1), LAPIC(2, 2, 1),
        LAPIC(3, 3, 1), LAPIC(4, 4, 1), LAPIC(5, 5, 1),
    };

    (void)state;
    assert_int_equal(read_madt(entries, sizeof(entries)), 0);
    assert_int_equal(count, 6);
    assert_int_equal(processors[3].apic_id, 3);
    assert_int_equal(acpi_read_processors(&acpi, NULL, 0, &count), 0);
    assert_int_equal(count, 6);
}

/* The table ends where the memory ends, so a read past it would be seen. */
static void nothing_after_the_end_of_the_madt_is_read(void **state)
{
    static const uint8_t entries[] = {200,           4, 0, 0, LAPIC(1, 1, 1),
                                      LAPIC(2, 2, 1)};
    uint8_t content[8 + sizeof(entries)] = {0};
    uint64_t tables[1], rsdp;

    (void)state;
    memcpy(content + 8, entries, sizeof(entries));
    sample_begin(&s);
    tables[0] = SAMPLE_BASE + SAMPLE_SIZE - 36 - sizeof(content);
    rsdp = sample_root(&s, tables, 1, false);
    s.used = SAMPLE_SIZE - 36 - sizeof(content);
    assert_int_equal(sample_table(&s, "APIC", content, sizeof(content)),
                     tables[0]);
    assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
    assert_int_equal(acpi_read_processors(&acpi, processors, 4, &count), 0);
    assert_int_equal(count, 2);
}

static void malformed_madt_entry_is_refused(void **state)
{
    static const uint8_t zero[] = {LAPIC(0, 0, 1), 0, 0};
    static const uint8_t one[] = {0, 1, 0, 0};
    static const uint8_t odd[] = {LAPIC(0, 0, 1), 7};
    static const uint8_t behind[] = {0, 8, 0, 0, 1, 0, 0};
    static const uint8_t shorter[] = {0, 7, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t shorter_x2[] = {9, 15, 0, 0, 0, 0, 0, 0,
                                         1, 0,  0, 0, 0, 0, 0, 0};

    (void)state;
    expect_acpi_error(&acpi, read_madt(zero, sizeof(zero)), -EINVAL,
                      "length 0");
    expect_acpi_error(&acpi, read_madt(one, sizeof(one)), -EINVAL, "length 1");
    expect_acpi_error(&acpi, read_madt(odd, sizeof(odd)), -EINVAL,
                      "a byte is left over");
    expect_acpi_error(&acpi, read_madt(behind, sizeof(behind)), -EINVAL,
                      "7 are left");
    expect_acpi_error(&acpi, read_madt(shorter, sizeof(shorter)), -EINVAL,
                      "of 7 bytes");
    expect_acpi_error(&acpi, read_madt(shorter_x2, sizeof(shorter_x2)), -EINVAL,
                      "of 15 bytes");
}

static void madt_shorter_than_its_header_is_refused(void **state)
{
    uint64_t table;

    (void)state;
    sample_begin(&s);
    table = sample_table(&s, "APIC", "1234567", 7);
    sample_open(&s, &acpi, &table, 1);
    expect_acpi_error(&acpi, acpi_read_processors(&acpi, processors, 4, &count),
                      -EINVAL, "APIC has length 43");
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(madt_gives_each_usable_processor_once),
        cmocka_unit_test(x2apic_id_of_all_ones_is_no_processor),
        cmocka_unit_test(processors_past_the_array_are_counted_only),
        cmocka_unit_test(nothing_after_the_end_of_the_madt_is_read),
        cmocka_unit_test(malformed_madt_entry_is_refused),
        cmocka_unit_test(madt_shorter_than_its_header_is_refused),
    };

    return cmocka_run_group_tests_name("acpi_madt", tests, NULL, NULL);
}
