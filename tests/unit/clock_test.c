/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the clocks and of the firmware's dates. */
#include <errno.h>
#include <time.h>

#include "unit.h"

#include "arch/time/clock.h"

static uint64_t now;
static uint64_t slept_until;

static uint64_t fake_now(void)
{
    return now;
}

static uint64_t ticking_now(void)
{
    return now += 7;
}

static void fake_sleep(uint64_t deadline)
{
    slept_until = deadline;
}

/* This test must come first: the clock has no source yet. */
static void clock_without_a_source_reads_zero_and_ends_sleeps(void **state)
{
    (void)state;
    assert_int_equal(clock_now(), 0);
    assert_int_equal(clock_wall(), 0);
    clock_sleep_until(UINT64_MAX); /* it must return at once */
}

static void wall_clock_can_be_set_back_and_before_1970(void **state)
{
    (void)state;
    clock_register(fake_now);
    now = 1000;
    clock_set_wall(INT64_C(17636000000000000));
    assert_int_equal(clock_wall(), INT64_C(17636000000000000));
    now += 5;
    assert_int_equal(clock_now(), 1005);
    assert_int_equal(clock_wall(), INT64_C(17636000000000005));
    clock_set_wall(-3); /* set back, and before 1970 */
    now += 2;
    assert_int_equal(clock_wall(), -1);
    assert_int_equal(clock_now(), 1007);
}

static void sleep_spins_until_a_sleep_function_is_set(void **state)
{
    (void)state;
    clock_register(ticking_now);
    now = 0;
    clock_sleep_until(100); /* spins */
    assert_in_range(now, 100, 106);
    clock_set_sleep(fake_sleep);
    clock_sleep_until(4711);
    assert_int_equal(slept_until, 4711);
    clock_register(fake_now);
}

static struct clock_date make(uint16_t year, uint8_t month, uint8_t day)
{
    return (struct clock_date){
        .year = year, .month = month, .day = day, .zone = CLOCK_ZONE_UNKNOWN};
}

static int64_t convert(struct clock_date date)
{
    int64_t wall = 77;

    assert_int_equal(clock_from_date(&date, &wall), 0);
    return wall;
}

static void known_dates_convert_exactly(void **state)
{
    struct clock_date date = make(1970, 1, 1);

    (void)state;
    assert_int_equal(convert(date), 0);
    date.nanosecond = 199;
    assert_int_equal(convert(date), 1);
    date = make(2026, 11, 20);
    date.hour = 13;
    date.minute = 50;
    date.second = 59;
    date.nanosecond = 999999999;
    assert_int_equal(convert(date), INT64_C(17951826599999999));
    assert_int_equal(convert(make(1969, 12, 31)), INT64_C(-864000000000));
}

/* Each day of the range is compared with libc's result. */
static void each_day_from_1900_to_9999_agrees_with_libc(void **state)
{
    (void)state;
    for (int64_t day = -25567; day < 2932897; day++) {
        time_t seconds = (time_t)(day * 86400);
        struct tm tm;

        gmtime_r(&seconds, &tm);
        if (convert(make((uint16_t)(tm.tm_year + 1900),
                         (uint8_t)(tm.tm_mon + 1), (uint8_t)tm.tm_mday)) !=
            seconds * (int64_t)CLOCK_UNITS_PER_S)
            fail_msg("%d-%d-%d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    }
}

/* UTC = local time + zone. */
static void zone_is_added_to_local_time(void **state)
{
    struct clock_date date = make(2024, 3, 1);
    int64_t utc = convert(date);
    int64_t minute = 60 * (int64_t)CLOCK_UNITS_PER_S;

    (void)state;
    date.zone = -60; /* Berlin in winter */
    assert_int_equal(convert(date), utc - 60 * minute);
    date.zone = 480; /* Redmond in winter */
    assert_int_equal(convert(date), utc + 480 * minute);
    date.zone = -1440;
    assert_int_equal(convert(date), utc - 1440 * minute);
    date.zone = 1440;
    assert_int_equal(convert(date), utc + 1440 * minute);
}

static void impossible_dates_are_refused(void **state)
{
    struct clock_date wrong[] = {
        make(1899, 12, 31), make(10000, 1, 1), make(0, 0, 0),
        make(2024, 0, 1),   make(2024, 13, 1), make(2024, 255, 1),
        make(2024, 1, 0),   make(2024, 1, 32), make(2024, 4, 31),
        make(2023, 2, 29),  make(1900, 2, 29), make(2100, 2, 29),
        make(2024, 2, 30),  make(2024, 1, 1),  make(2024, 1, 1),
        make(2024, 1, 1),   make(2024, 1, 1),  make(2024, 1, 1),
        make(2024, 1, 1),
    };

    (void)state;
    wrong[13].hour = 24;
    wrong[14].minute = 60;
    wrong[15].second = 60;
    wrong[16].nanosecond = 1000000000;
    wrong[17].zone = 1441;
    wrong[18].zone = -1441;
    for (unsigned i = 0; i < COUNT(wrong); i++) {
        int64_t wall = 77;

        assert_int_equal(clock_from_date(&wrong[i], &wall), -EINVAL);
        assert_int_equal(wall, 77);
    }
    assert_int_equal(convert(make(2000, 2, 29)) + INT64_C(864000000000),
                     convert(make(2000, 3, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_without_a_source_reads_zero_and_ends_sleeps),
        cmocka_unit_test(wall_clock_can_be_set_back_and_before_1970),
        cmocka_unit_test(sleep_spins_until_a_sleep_function_is_set),
        cmocka_unit_test(known_dates_convert_exactly),
        cmocka_unit_test(each_day_from_1900_to_9999_agrees_with_libc),
        cmocka_unit_test(zone_is_added_to_local_time),
        cmocka_unit_test(impossible_dates_are_refused),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
