/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of power-off and reset against simulated ports and tables. */
#include <errno.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "acpi_sample.h"
#include "fake_io.h"
#include "arch/cpu/halt.h"
#include "arch/console/log.h"
#include "arch/acpi/power.h"

static struct sample s;
static struct acpi_fadt fadt;
static uint64_t rsdp;

/* The writes to all ports but the delay's, in order. */
static char trace[512];
static uint16_t control[2]; /* PM1a 0x604, PM1b 0x704 */
static bool enables;        /* does the firmware enter ACPI mode? */
static uint8_t keyboard;    /* status */
static unsigned reads;
static char said[1024]; /* the log */

static jmp_buf ended;

static void note(const char *what, unsigned port, unsigned value)
{
    size_t length = strlen(trace);

    snprintf(trace + length, sizeof(trace) - length, "%s%x=%x ", what, port,
             value);
}

uint8_t inb(uint16_t port)
{
    reads++;
    return port == 0x64 ? keyboard : 0xFF;
}

uint16_t inw(uint16_t port)
{
    reads++;
    assert_true(port == 0x604 || port == 0x704);
    return control[port == 0x704];
}

uint32_t inl(uint16_t port)
{
    fail_msg("inl(0x%x)", port);
    return 0;
}

void outb(uint16_t port, uint8_t value)
{
    note("b", port, value);
    if (port == 0xB2 && enables)
        control[0] |= 1;
}

void outw(uint16_t port, uint16_t value)
{
    note("w", port, value);
}

void outl(uint16_t port, uint32_t value)
{
    note("l", port, value);
}

_Noreturn void halt_forever(void)
{
    note("halt", 0, 0);
    longjmp(ended, 1);
}

_Noreturn void halt_triple_fault(void)
{
    note("triple", 0, 0);
    longjmp(ended, 1);
}

void log_printf(enum log_level level, const char *format, ...)
{
    size_t length = strlen(said);
    va_list arguments;

    (void)level;
    va_start(arguments, format);
    vsnprintf(said + length, sizeof(said) - length, format, arguments);
    va_end(arguments);
}

static void build(const void *dsdt, uint32_t size)
{
    rsdp = sample_power(&s, &fadt, sizeof(fadt), dsdt, size);
    power_init(&s.reader, rsdp);
    trace[0] = said[0] = '\0';
    reads = 0;
}

static void build_sound(void)
{
    build(sample_s5_aml, sizeof(sample_s5_aml));
}

static int setup(void **state)
{
    (void)state;
    memset(&fadt, 0, sizeof(fadt));
    fadt.pm1a_control = 0x604;
    fadt.pm1b_control = 0x704;
    fadt.flags = ACPI_FADT_RESET;
    fadt.reset = (struct acpi_gas){ACPI_SPACE_IO, 8, 0, 1, 0xCF9};
    fadt.reset_value = 0x0F;
    control[0] = 0x1C05; /* another sleep type, to be replaced */
    control[1] = 0x0000;
    enables = true;
    keyboard = 0x00;
    power_set_hypervisor_reset(NULL);
    build_sound();
    return 0;
}

static void power_off_writes_both_control_registers(void **state)
{
    (void)state;
    assert_int_equal(power_off_by_acpi(), -EIO);
    assert_string_equal(trace, "w604=3405 w704=3800 ");
    assert_true(reads > 100000); /* it waited for the machine to end */
    assert_non_null(strstr(said, "the machine still runs"));
}

static void power_off_writes_the_only_control_register(void **state)
{
    (void)state;
    fadt.pm1b_control = 0;
    build_sound();
    assert_int_equal(power_off_by_acpi(), -EIO);
    assert_string_equal(trace, "w604=3405 ");
}

/* The firmware owns the registers until the guest enables ACPI mode. */
static void power_off_enables_acpi_mode_first(void **state)
{
    (void)state;
    fadt.smi_command = 0xB2;
    fadt.acpi_enable = 0xF1;
    control[0] = 0;
    build_sound();
    assert_int_equal(power_off_by_acpi(), -EIO);
    assert_string_equal(trace, "bb2=f1 w604=3401 w704=3800 ");
    /* ACPI mode is on already, so it is not enabled again. */
    trace[0] = '\0';
    assert_int_equal(power_off_by_acpi(), -EIO);
    assert_string_equal(trace, "w604=3401 w704=3800 ");
    /* A FADT without an enable value has no other mode. */
    fadt.acpi_enable = 0;
    control[0] = 0;
    build_sound();
    assert_int_equal(power_off_by_acpi(), -EIO);
    assert_string_equal(trace, "w604=3400 w704=3800 ");
    /* The firmware never enables ACPI mode. */
    fadt.acpi_enable = 0xF1;
    build_sound();
    enables = false;
    control[0] = 0;
    trace[0] = '\0';
    assert_int_equal(power_off_by_acpi(), -ENODEV);
    assert_string_equal(trace, "bb2=f1 ");
    assert_non_null(strstr(said, "does not enter ACPI mode"));
}

static void expect_no_off(const char *why)
{
    assert_int_equal(power_off_by_acpi(), -ENODEV);
    assert_string_equal(trace, "");
    assert_non_null(strstr(said, why));
}

static void power_off_without_a_way_is_refused_with_a_reason(void **state)
{
    (void)state;
    build("no sleep", 8);
    expect_no_off("no usable \\_S5");
    fadt.flags |= 1u << 20;
    build_sound();
    expect_no_off("hardware-reduced");
    fadt.flags = 0;
    fadt.pm1a_control = 0;
    build_sound();
    expect_no_off("no I/O port PM1a");
    fadt.x_pm1a_control = (struct acpi_gas){ACPI_SPACE_MEMORY, 16, 0, 2, 0x604};
    build_sound();
    expect_no_off("no I/O port PM1a");
    fadt.x_pm1a_control = (struct acpi_gas){ACPI_SPACE_IO, 16, 0, 2, 0x10604};
    build_sound();
    expect_no_off("no I/O port PM1a");
    power_init(&s.reader, 0x1000);
    expect_no_off("not readable");
    power_init(&s.reader, 0);
    expect_no_off("no ACPI tables");
}

static void hypervisor_reset(void)
{
    note("hypervisor", 0, 0);
}

static void each_way_of_reset_does_its_own_write(void **state)
{
    (void)state;
    assert_int_equal(power_reset_by_hypervisor(), -ENODEV);
    power_set_hypervisor_reset(hypervisor_reset);
    assert_int_equal(power_reset_by_hypervisor(), -EIO);
    assert_int_equal(power_reset_by_acpi(), -EIO);
    assert_int_equal(power_reset_by_keyboard(), -EIO);
    assert_string_equal(trace, "hypervisor0=0 bcf9=f b64=fe ");
    keyboard = 0xFF;
    assert_int_equal(power_reset_by_keyboard(), -ENODEV);
    fadt.flags = 0;
    build_sound();
    assert_int_equal(power_reset_by_acpi(), -ENODEV);
    assert_string_equal(trace, "");
}

/* The wait for a keyboard controller that stays busy is bounded. */
static void wait_for_a_busy_keyboard_controller_ends(void **state)
{
    (void)state;
    keyboard = 0x02;
    assert_int_equal(power_reset_by_keyboard(), -EIO);
    assert_string_equal(trace, "b64=fe ");
    assert_true(reads < 10000000);
}

static void power_reset_tries_each_way_in_order(void **state)
{
    (void)state;
    power_set_hypervisor_reset(hypervisor_reset);
    if (setjmp(ended) == 0)
        power_reset();
    assert_string_equal(trace, "hypervisor0=0 bcf9=f b64=fe triple0=0 ");
}

static void power_off_that_fails_ends_in_a_halt(void **state)
{
    (void)state;
    if (setjmp(ended) == 0)
        power_off();
    assert_string_equal(trace, "w604=3405 w704=3800 halt0=0 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(power_off_writes_both_control_registers, setup),
        cmocka_unit_test_setup(power_off_writes_the_only_control_register,
                               setup),
        cmocka_unit_test_setup(power_off_enables_acpi_mode_first, setup),
        cmocka_unit_test_setup(power_off_without_a_way_is_refused_with_a_reason,
                               setup),
        cmocka_unit_test_setup(each_way_of_reset_does_its_own_write, setup),
        cmocka_unit_test_setup(wait_for_a_busy_keyboard_controller_ends, setup),
        cmocka_unit_test_setup(power_reset_tries_each_way_in_order, setup),
        cmocka_unit_test_setup(power_off_that_fails_ends_in_a_halt, setup),
    };

    return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
