/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the ACPI timer as the clock: accepted registers, and turn-over. */
#include "unit.h"

#include "arch/time/clock.h"
#include "arch/time/pm_clock.h"

#define PORT 0x608
#define HZ   3579545u

static uint32_t timer, step, width;
static unsigned reads, strange_reads;

uint32_t inl(uint16_t port)
{
    reads++;
    strange_reads += port != PORT;
    timer += step;
    return timer & width;
}

static struct acpi_power table(uint64_t address, uint8_t space, bool is_32)
{
    reads = strange_reads = 0;
    width = is_32 ? UINT32_MAX : 0xffffff;
    return (struct acpi_power){
        .pm_timer = {.address = address, .space = space, .bits = 32},
        .pm_timer_32 = is_32,
    };
}

static bool setup(uint64_t address, uint8_t space)
{
    struct acpi_power power = table(address, space, true);

    timer = 0;
    step = 1;
    return pm_clock_setup(&power);
}

static void register_that_is_no_io_port_is_refused(void **state)
{
    (void)state;
    assert_false(setup(0, ACPI_SPACE_IO));
    assert_false(setup(PORT, 0 /* memory */));
    assert_false(setup(0x10000 + PORT, ACPI_SPACE_IO));
    assert_false(setup(UINT64_MAX, ACPI_SPACE_IO));
    assert_false(setup(0xfffe, ACPI_SPACE_IO)); /* its last byte is no port */
    assert_int_equal(reads, 0);
    assert_true(setup(PORT, ACPI_SPACE_IO));
    assert_int_equal(strange_reads, 0);
}

static void timer_that_stands_still_is_refused(void **state)
{
    struct acpi_power power = table(PORT, ACPI_SPACE_IO, true);

    (void)state;
    timer = UINT32_MAX;
    step = 0;
    assert_false(pm_clock_setup(&power));
}

/* Seconds from one reading to the next, `ticks` later. */
static double seconds_of(bool is_32, uint32_t from, uint32_t ticks)
{
    struct acpi_power power = table(PORT, ACPI_SPACE_IO, is_32);
    uint64_t began;

    timer = from;
    step = 1;
    assert_true(pm_clock_setup(&power));
    step = 0;
    began = clock_now();
    timer += ticks;
    return (double)(clock_now() - began) / CLOCK_UNITS_PER_S;
}

static void timer_that_turns_over_goes_on_counting(void **state)
{
    (void)state;
    assert_float_equal(seconds_of(false, 1000, HZ), 1, 1e-6);
    assert_float_equal(seconds_of(false, 0xfffffd, HZ), 1, 1e-6);
    assert_float_equal(seconds_of(true, 0xfffffffd, HZ), 1, 1e-6);
    /* A timer of 32 bits can count more than a whole turn of 24 bits. */
    assert_float_equal(seconds_of(true, 7, HZ * 10), 10, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(register_that_is_no_io_port_is_refused),
        cmocka_unit_test(timer_that_stands_still_is_refused),
        cmocka_unit_test(timer_that_turns_over_goes_on_counting),
    };

    return cmocka_run_group_tests_name("pm_clock", tests, NULL, NULL);
}
