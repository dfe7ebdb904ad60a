/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of finding the ACPI tables, in sound memory and in malformed memory. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "unit.h"

#include "acpi_sample.h"

static struct sample s;
static struct acpi acpi;
static struct acpi_table table;

/* Builds and opens an XSDT with one table "TEST". Returns its RSDP's address.
 */
static uint64_t open_one(uint64_t *address)
{
    sample_begin(&s);
    *address = sample_table(&s, "TEST", "content", 7);
    return sample_open(&s, &acpi, address, 1);
}

/* Opening that RSDP must end with this status and error text. */
static void refused(uint64_t rsdp, int status, const char *text)
{
    expect_acpi_error(&acpi, acpi_open(&acpi, &s.reader, rsdp), status, text);
}

static void tables_are_found_through_xsdt_and_rsdt(void **state)
{
    uint64_t tables[3];
    uint64_t rsdp;

    (void)state;
    for (int old = 0; old <= 1; old++) {
        sample_begin(&s);
        tables[0] = sample_table(&s, "AAAA", "", 0);
        tables[1] = sample_table(&s, "BBBB", "12345678", 8);
        tables[2] = sample_table(&s, "BBBB", "second", 6);
        rsdp = sample_root(&s, tables, 3, old);
        assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
        assert_int_equal(acpi.entry_size, old ? 4 : 8);
        assert_int_equal(acpi_find(&acpi, "AAAA", &table), 0);
        assert_int_equal(table.address, tables[0]);
        assert_int_equal(table.length, 36);
        assert_int_equal(acpi_find(&acpi, "BBBB", &table), 0);
        assert_int_equal(table.address, tables[1]);
        assert_int_equal(table.length, 44);
        expect_acpi_error(&acpi, acpi_find(&acpi, "CCCC", &table), -ENOENT,
                          "no CCCC among 3 tables");
    }
}

static void address_without_a_whole_rsdp_is_refused(void **state)
{
    uint64_t address, rsdp = open_one(&address);

    (void)state;
    refused(0x1000, -EFAULT, "not readable");
    refused(UINT64_MAX, -EFAULT, "not readable");
    refused(rsdp + 16, -EINVAL, "no RSDP");
    /* Cut off by the end of memory, in either half. */
    memcpy(sample_at(&s, SAMPLE_BASE + SAMPLE_SIZE - 20), sample_at(&s, rsdp),
           20);
    refused(SAMPLE_BASE + SAMPLE_SIZE - 20, -EFAULT, "not readable");
    refused(SAMPLE_BASE + SAMPLE_SIZE - 10, -EFAULT, "not readable");
}

/* acpi_find after a failed open finds nothing and repeats the error. */
static void acpi_find_after_a_failed_open_repeats_the_error(void **state)
{
    uint64_t address;

    (void)state;
    (void)open_one(&address);
    refused(0x1000, -EFAULT, "not readable");
    expect_acpi_error(&acpi, acpi_find(&acpi, "TEST", &table), -ENOENT,
                      "not readable");
}

static void each_wrong_bit_of_the_rsdp_is_found(void **state)
{
    uint64_t address, rsdp = open_one(&address);

    (void)state;
    for (unsigned bit = 0; bit < sizeof(struct acpi_rsdp) * 8; bit++) {
        uint8_t *byte = sample_at(&s, rsdp + bit / 8);

        *byte ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
        *byte ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
}

static void no_rsdp_is_told_apart_from_a_bad_one(void **state)
{
    (void)state;
    sample_begin(&s);
    expect_acpi_error(&acpi, acpi_open(&acpi, &s.reader, 0), -ENOENT,
                      "there is no RSDP");
}

/* Both sums count: old firmware knows the first only. */
static void first_sum_of_the_rsdp_counts_alone(void **state)
{
    uint64_t address, rsdp = open_one(&address);
    struct acpi_rsdp *r = sample_at(&s, rsdp);

    (void)state;
    r->checksum++;
    r->extended_checksum--;
    refused(rsdp, -EINVAL, "RSDP: bytes");
}

static void rsdp_with_an_impossible_length_is_refused(void **state)
{
    static const uint32_t lengths[] = {0, 20, 35, 257, UINT32_MAX};
    uint64_t address, rsdp = open_one(&address);
    struct acpi_rsdp *r = sample_at(&s, rsdp);

    (void)state;
    for (unsigned i = 0; i < COUNT(lengths); i++) {
        r->length = lengths[i];
        refused(rsdp, -EINVAL, "RSDP has length");
    }
}

static void malformed_root_table_is_refused(void **state)
{
    uint64_t address, rsdp = open_one(&address);
    struct acpi_header *root = sample_at(&s, s.root);

    (void)state;
    root->signature[0] = 'Y';
    refused(rsdp, -EINVAL, "no XSDT");
    root->signature[0] = 'X';
    root->oem[3] ^= 1;
    refused(rsdp, -EINVAL, "sum to 0x");
    root->oem[3] ^= 1;
    root->length = 35;
    refused(rsdp, -EINVAL, "length 35");
    root->length = 1024 * 1024 + 1;
    refused(rsdp, -EINVAL, "length");
    root->length = 1024 * 1024;
    refused(rsdp, -EFAULT, "not readable");
}

/* A root of the old kind must not be read with the new one's entries, nor
 * the other way round. */
static void rsdt_in_the_place_of_the_xsdt_is_refused(void **state)
{
    uint64_t address, rsdp = open_one(&address);
    struct acpi_header *root = sample_at(&s, s.root);

    (void)state;
    memcpy(root->signature, "RSDT", 4);
    sample_sum(&s, s.root);
    refused(rsdp, -EINVAL, "no XSDT");
}

static void root_table_without_entries_finds_no_table(void **state)
{
    (void)state;
    sample_begin(&s);
    sample_open(&s, &acpi, NULL, 0);
    expect_acpi_error(&acpi, acpi_find(&acpi, "TEST", &table), -ENOENT,
                      "among 0 tables");
}

/* Entries that point nowhere hide only themselves. */
static void unreadable_entries_hide_only_themselves(void **state)
{
    uint64_t tables[4];

    (void)state;
    sample_begin(&s);
    memcpy(s.low, "TEST", 4); /* address 0 is readable here */
    tables[0] = 0;
    tables[1] = 0x1000;
    tables[2] = UINT64_MAX;
    tables[3] = sample_table(&s, "TEST", "content", 7);
    sample_open(&s, &acpi, tables, 4);
    assert_int_equal(acpi_find(&acpi, "TEST", &table), 0);
    assert_int_equal(table.address, tables[3]);
}

static void table_with_a_wrong_sum_is_refused(void **state)
{
    uint64_t address;

    (void)state;
    open_one(&address);
    ((uint8_t *)sample_at(&s, address))[40] ^= 0x80;
    expect_acpi_error(&acpi, acpi_find(&acpi, "TEST", &table), -EINVAL,
                      "TEST: bytes sum to 0x80, not to 0");
}

static void sound_table_after_a_broken_one_of_its_name_is_found(void **state)
{
    uint64_t tables[2];

    (void)state;
    sample_begin(&s);
    tables[0] = sample_table(&s, "TEST", "first", 5);
    tables[1] = sample_table(&s, "TEST", "second", 6);
    ((uint8_t *)sample_at(&s, tables[0]))[40] ^= 0x80;
    sample_open(&s, &acpi, tables, 2);
    assert_int_equal(acpi_find(&acpi, "TEST", &table), 0);
    assert_int_equal(table.address, tables[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_table_after_a_broken_one_of_its_name_is_found),
        cmocka_unit_test(tables_are_found_through_xsdt_and_rsdt),
        cmocka_unit_test(address_without_a_whole_rsdp_is_refused),
        cmocka_unit_test(acpi_find_after_a_failed_open_repeats_the_error),
        cmocka_unit_test(each_wrong_bit_of_the_rsdp_is_found),
        cmocka_unit_test(no_rsdp_is_told_apart_from_a_bad_one),
        cmocka_unit_test(first_sum_of_the_rsdp_counts_alone),
        cmocka_unit_test(rsdp_with_an_impossible_length_is_refused),
        cmocka_unit_test(malformed_root_table_is_refused),
        cmocka_unit_test(rsdt_in_the_place_of_the_xsdt_is_refused),
        cmocka_unit_test(root_table_without_entries_finds_no_table),
        cmocka_unit_test(unreadable_entries_hide_only_themselves),
        cmocka_unit_test(table_with_a_wrong_sum_is_refused),
    };

    return cmocka_run_group_tests_name("acpi", tests, NULL, NULL);
}
