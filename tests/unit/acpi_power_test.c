/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of reading how to power off and reset from the FADT and the DSDT. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "unit.h"

#include "acpi_sample.h"

static struct sample s;
static struct acpi acpi;

static struct acpi_fadt fadt;
static struct acpi_power power;

static void default_fadt(void)
{
    memset(&fadt, 0, sizeof(fadt));
    fadt.smi_command = 0xB2;
    fadt.acpi_enable = 0xF1;
    fadt.pm1a_control = 0x604;
    fadt.pm1b_control = 0x704;
    fadt.pm_timer = 0x608;
    fadt.flags = ACPI_FADT_RESET | ACPI_FADT_TIMER_32;
    fadt.reset = (struct acpi_gas){ACPI_SPACE_IO, 8, 0, 1, 0xCF9};
    fadt.reset_value = 0x0F;
}

/* Fills the stack below, so that the next call's locals are not zero. */
static __attribute__((noinline)) void dirty_stack(void)
{
    volatile uint8_t bytes[2048];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = 0xEE;
}

/* Builds a FADT of `length` bytes and a DSDT of these bytes, and reads them. */
static int read_power_of(uint32_t length, const void *aml, uint32_t size)
{
    uint64_t rsdp = sample_power(&s, &fadt, length, aml, size);

    assert_int_equal(acpi_open(&acpi, &s.reader, rsdp), 0);
    dirty_stack();
    return acpi_read_power(&acpi, &power);
}

static int read_power(void)
{
    return read_power_of(sizeof(fadt), sample_s5_aml, sizeof(sample_s5_aml));
}

static void fadt_gives_the_power_registers(void **state)
{
    (void)state;
    default_fadt();
    assert_int_equal(read_power(), 0);
    assert_int_equal(power.pm1a_control.address, 0x604);
    assert_int_equal(power.pm1a_control.space, ACPI_SPACE_IO);
    assert_int_equal(power.pm1b_control.address, 0x704);
    assert_int_equal(power.pm_timer.address, 0x608);
    assert_true(power.pm_timer_32);
    assert_int_equal(power.reset.address, 0xCF9);
    assert_int_equal(power.reset_value, 0x0F);
    assert_int_equal(power.smi_command, 0xB2);
    assert_int_equal(power.acpi_enable, 0xF1);
    assert_false(power.hardware_reduced);
    assert_true(power.s5_found);
    assert_int_equal(power.s5_a, 5);
    assert_int_equal(power.s5_b, 6);
}

/* Hyper-V's FADT has zeros in the old fields. */
static void x_fields_count_where_the_old_ones_are_zero(void **state)
{
    (void)state;
    default_fadt();
    fadt.pm1a_control = fadt.pm1b_control = fadt.pm_timer = 0;
    fadt.x_pm1a_control = (struct acpi_gas){ACPI_SPACE_IO, 16, 0, 2, 0x404};
    fadt.x_pm_timer = (struct acpi_gas){ACPI_SPACE_IO, 32, 0, 3, 0x408};
    assert_int_equal(read_power(), 0);
    assert_int_equal(power.pm1a_control.address, 0x404);
    assert_int_equal(power.pm1b_control.address, 0);
    assert_int_equal(power.pm_timer.address, 0x408);
}

static void x_fields_come_before_the_old_ones(void **state)
{
    (void)state;
    default_fadt();
    fadt.x_pm1a_control = (struct acpi_gas){ACPI_SPACE_IO, 16, 0, 2, 0x404};
    assert_int_equal(read_power(), 0);
    assert_int_equal(power.pm1a_control.address, 0x404);
    /* An x field in an address space that we cannot write does not count. */
    fadt.x_pm1a_control.space = 2;
    assert_int_equal(read_power(), 0);
    assert_int_equal(power.pm1a_control.address, 0x604);
}

static void fadt_flags_decide_reset_and_timer_width(void **state)
{
    (void)state;
    default_fadt();
    fadt.flags = ACPI_FADT_HARDWARE_REDUCED;
    assert_int_equal(read_power(), 0);
    assert_int_equal(power.reset.address, 0);
    assert_false(power.pm_timer_32);
    assert_true(power.hardware_reduced);
}

/* Tries every length: a field past the end of the table is absent. */
static void fields_past_the_length_of_the_fadt_are_absent(void **state)
{
    (void)state;
    default_fadt();
    fadt.x_pm1a_control = (struct acpi_gas){ACPI_SPACE_IO, 16, 0, 2, 0x404};
    for (uint32_t length = 36; length <= sizeof(fadt); length++) {
        int status =
            read_power_of(length, sample_s5_aml, sizeof(sample_s5_aml));

        if (length < ACPI_FADT_1_SIZE) {
            expect_acpi_error(&acpi, status, -EINVAL, "FACP has");
            continue;
        }
        assert_int_equal(status, 0);
        assert_int_equal(power.pm1a_control.address,
                         length >= 220 ? 0x404 : 0x604);
        assert_int_equal(power.reset.address,
                         length >= ACPI_FADT_2_SIZE ? 0xCF9 : 0);
    }
}

static void fadt_can_be_read_without_the_dsdt(void **state)
{
    (void)state;
    default_fadt();
    assert_int_equal(read_power(), 0);
    assert_int_equal(acpi_read_fadt(&acpi, &power), 0);
    assert_false(power.s5_found);
    assert_int_equal(power.pm1a_control.address, 0x604);
}

static void missing_fadt_is_an_error(void **state)
{
    uint64_t other;

    (void)state;
    sample_begin(&s);
    other = sample_table(&s, "TEST", "content", 7);
    sample_open(&s, &acpi, &other, 1);
    expect_acpi_error(&acpi, acpi_read_power(&acpi, &power), -ENOENT,
                      "no FACP");
    assert_int_equal(power.pm1a_control.address, 0);
}

static void bad_dsdt_means_no_s5_and_an_error_text(void **state)
{
    (void)state;
    default_fadt();
    assert_int_equal(read_power(), 0);
    ((uint8_t *)sample_at(&s, fadt.dsdt))[40] ^= 1;
    assert_int_equal(acpi_read_power(&acpi, &power), 0);
    assert_false(power.s5_found);
    assert_non_null(strstr(acpi.error, "DSDT: bytes sum"));
    fadt.x_dsdt = 0x1000; /* x_dsdt counts before dsdt */
    assert_int_equal(read_power(), 0);
    assert_false(power.s5_found);
    assert_non_null(strstr(acpi.error, "not readable"));
}

/* The scan reads the DSDT in windows, which must overlap to find every \_S5. */
static void s5_is_found_at_each_offset_of_the_dsdt(void **state)
{
    static uint8_t aml[1700];

    (void)state;
    default_fadt();
    for (uint32_t at = 0; at <= sizeof(aml) - sizeof(sample_s5_aml); at++) {
        memset(aml, 0xA3, sizeof(aml));
        memcpy(aml + at, sample_s5_aml, sizeof(sample_s5_aml));
        assert_int_equal(read_power_of(sizeof(fadt), aml, sizeof(aml)), 0);
        assert_true(power.s5_found);
        assert_int_equal(power.s5_a, 5);
        assert_int_equal(power.s5_b, 6);
    }
}

static void missing_or_broken_s5_is_reported(void **state)
{
    static const uint8_t broken[] = {0x08, '_', 'S',  '5', '_',
                                     0x12, 3,   0x02, 0x70};

    (void)state;
    default_fadt();
    assert_int_equal(read_power_of(sizeof(fadt), "nothing", 7), 0);
    assert_false(power.s5_found);
    assert_non_null(strstr(acpi.error, "no \\_S5"));
    assert_int_equal(read_power_of(sizeof(fadt), "", 0), 0);
    assert_false(power.s5_found);
    assert_int_equal(read_power_of(sizeof(fadt), broken, sizeof(broken)), 0);
    assert_false(power.s5_found);
    assert_non_null(strstr(acpi.error, "no package of constants"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fadt_gives_the_power_registers),
        cmocka_unit_test(x_fields_count_where_the_old_ones_are_zero),
        cmocka_unit_test(x_fields_come_before_the_old_ones),
        cmocka_unit_test(fadt_flags_decide_reset_and_timer_width),
        cmocka_unit_test(fields_past_the_length_of_the_fadt_are_absent),
        cmocka_unit_test(fadt_can_be_read_without_the_dsdt),
        cmocka_unit_test(missing_fadt_is_an_error),
        cmocka_unit_test(bad_dsdt_means_no_s5_and_an_error_text),
        cmocka_unit_test(s5_is_found_at_each_offset_of_the_dsdt),
        cmocka_unit_test(missing_or_broken_s5_is_reported),
    };

    return cmocka_run_group_tests_name("acpi_power", tests, NULL, NULL);
}
