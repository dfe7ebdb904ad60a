/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the CMOS clock against simulated ports. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "acpi_sample.h"
#include "boot/direct/direct.h"
#include "fake_io.h"

static uint8_t cmos[128], selected;
static unsigned accesses;
static unsigned updates;  /* reads of register A that still see an update */
static bool ticks;        /* a second passes within the first reading */
static bool never_stands; /* a second passes with each reading */
static struct sample sample;
static struct acpi acpi;
static struct clock_date date;

uint8_t inb(uint16_t port)
{
    uint8_t value = cmos[selected];

    assert_int_equal(port, 0x71);
    accesses++;
    if (selected == 0x0A && updates > 0) {
        updates--;
        return 0x80;
    }
    /* The hour has been read already when minute and second change. */
    if (selected == 0x09 && (ticks || never_stands)) {
        cmos[0]++;
        ticks = false;
    }
    return value;
}

void outb(uint16_t port, uint8_t value)
{
    assert_int_equal(port, 0x70);
    assert_true(value < sizeof(cmos));
    accesses++;
    selected = value;
}

uint16_t inw(uint16_t port)
{
    fail_msg("inw(0x%x)", port);
    return 0;
}

uint32_t inl(uint16_t port)
{
    fail_msg("inl(0x%x)", port);
    return 0;
}

void outw(uint16_t port, uint16_t value)
{
    fail_msg("outw(0x%x, 0x%x)", port, value);
}

void outl(uint16_t port, uint32_t value)
{
    fail_msg("outl(0x%x, 0x%x)", port, value);
}

/* 2026-11-30 23:59:08, as register B says; the FADT's fields. */
static void begin(uint8_t format, uint16_t boot_flags, uint8_t century)
{
    static const uint8_t bcd[] = {0x08, 0, 0x59, 0,    0x23,
                                  0,    1, 0x30, 0x11, 0x26};
    struct acpi_fadt fadt = {.boot_flags = boot_flags, .century = century};

    memset(cmos, 0, sizeof(cmos));
    memcpy(cmos, bcd, sizeof(bcd));
    cmos[0x0B] = format;
    cmos[0x32] = 0x20;
    accesses = updates = 0;
    ticks = never_stands = false;
    assert_int_equal(
        acpi_open(&acpi, &sample.reader,
                  sample_power(&sample, &fadt, sizeof(fadt), sample_s5_aml,
                               sizeof(sample_s5_aml))),
        0);
}

static void is_date(unsigned year, unsigned month, unsigned day, unsigned hour,
                    unsigned minute, unsigned second)
{
    memset(&date, 0, sizeof(date));
    assert_true(direct_read_date(&acpi, &date));
    assert_int_equal(date.year, year);
    assert_int_equal(date.month, month);
    assert_int_equal(date.day, day);
    assert_int_equal(date.hour, hour);
    assert_int_equal(date.minute, minute);
    assert_int_equal(date.second, second);
    assert_int_equal(date.zone, CLOCK_ZONE_UNKNOWN);
}

static void decimal_digits_are_read(void **state)
{
    (void)state;
    begin(0x02, 0, 0x32);
    is_date(2026, 11, 30, 23, 59, 8);
    cmos[0x32] = 0x21;
    is_date(2126, 11, 30, 23, 59, 8);
    /* Without a register of the century it is this one. */
    begin(0x02, 0, 0);
    cmos[0x32] = 0x21;
    is_date(2026, 11, 30, 23, 59, 8);
}

static void binary_numbers_are_read(void **state)
{
    static const uint8_t binary[] = {59, 0, 1, 0, 13, 0, 1, 29, 2, 28};

    (void)state;
    begin(0x06, 0, 0x32);
    memcpy(cmos, binary, sizeof(binary));
    cmos[0x32] = 20;
    is_date(2028, 2, 29, 13, 1, 59);
}

static void twelve_hours_have_two_halves(void **state)
{
    static const uint8_t pairs[][2] = {{0x12, 0},  {0x01, 1},  {0x11, 11},
                                       {0x92, 12}, {0x81, 13}, {0x91, 23}};

    (void)state;
    begin(0x00, 0, 0x32);
    for (unsigned i = 0; i < COUNT(pairs); i++) {
        cmos[4] = pairs[i][0];
        is_date(2026, 11, 30, pairs[i][1], 59, 8);
    }
}

static void a_second_that_passes_meanwhile_is_seen(void **state)
{
    (void)state;
    begin(0x02, 0, 0x32);
    updates = 100;
    ticks = true;
    is_date(2026, 11, 30, 23, 59, 9);
    begin(0x02, 0, 0x32);
    never_stands = true;
    assert_false(direct_read_date(&acpi, &date));
}

static void there_is_no_clock_where_the_fadt_says_so(void **state)
{
    uint64_t none[1];

    (void)state;
    begin(0x02, 0x20, 0x32);
    assert_false(direct_read_date(&acpi, &date));
    assert_int_equal(accesses, 0);
    /* Nor without a FADT. */
    sample_begin(&sample);
    sample_open(&sample, &acpi, none, 0);
    assert_false(direct_read_date(&acpi, &date));
    assert_int_equal(accesses, 0);
}

static void a_port_without_a_clock_is_no_clock(void **state)
{
    (void)state;
    begin(0x02, 0, 0x32);
    memset(cmos, 0xFF, sizeof(cmos));
    updates = 1000000;
    assert_false(direct_read_date(&acpi, &date));
    /* One that answers nonsense is none either. */
    begin(0x02, 0, 0x32);
    cmos[8] = 0x13;
    assert_false(direct_read_date(&acpi, &date));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal_digits_are_read),
        cmocka_unit_test(binary_numbers_are_read),
        cmocka_unit_test(twelve_hours_have_two_halves),
        cmocka_unit_test(a_second_that_passes_meanwhile_is_seen),
        cmocka_unit_test(there_is_no_clock_where_the_fadt_says_so),
        cmocka_unit_test(a_port_without_a_clock_is_no_clock),
    };

    return cmocka_run_group_tests_name("direct_date", tests, NULL, NULL);
}
