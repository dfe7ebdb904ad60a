/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks: see clock.h. It knows no device: whoever can tell the time registers
 * itself. */
#include "arch/time/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#define UNITS_PER_DAY INT64_C(864000000000)

static uint64_t (*monotonic)(void);
static void (*sleep_hook)(uint64_t deadline);
static int64_t wall_offset; /* wall clock minus monotonic clock */

void clock_register(uint64_t (*now_100ns)(void))
{
    monotonic = now_100ns;
}

/* Called before there is a clock, too: by the log. */
uint64_t clock_now(void)
{
    return monotonic ? monotonic() : 0;
}

/* Only the difference between the clocks is stored, by one store, because other
 * processors and interrupts read it. */
void clock_set_wall(int64_t wall_100ns)
{
    /* One store, as other processors and interrupts read it. */
    __atomic_store_n(&wall_offset, wall_100ns - (int64_t)clock_now(),
                     __ATOMIC_RELAXED);
}

int64_t clock_wall(void)
{
    return (int64_t)clock_now() +
           __atomic_load_n(&wall_offset, __ATOMIC_RELAXED);
}

void clock_set_sleep(void (*sleep_until)(uint64_t deadline))
{
    sleep_hook = sleep_until;
}

/* Before there is a way to wait, during the start, this spins. */
void clock_sleep_until(uint64_t deadline)
{
    if (sleep_hook) {
        sleep_hook(deadline);
        return;
    }
    /* Without a clock nothing would ever end the wait. */
    while (monotonic && monotonic() < deadline)
        __builtin_ia32_pause();
}

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* February has one day more in a leap year. */
static unsigned days_of_month(unsigned year, unsigned month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30,
                                     31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

/* Days of the Gregorian calendar from 0001-01-01 to the first of the year. */
static int64_t days_before_year(unsigned year)
{
    int64_t y = (int64_t)year - 1;

    return y * 365 + y / 4 - y / 100 + y / 400;
}

/* The limits of UEFI's EFI_TIME [UEFI 8.3], and the days of the month beside
 * them. A firmware without a clock may hand out anything. */
static bool is_date(const struct clock_date *date)
{
    return date->year >= 1900 && date->year <= 9999 && date->month >= 1 &&
           date->month <= 12 && date->day >= 1 &&
           date->day <= days_of_month(date->year, date->month) &&
           date->hour <= 23 && date->minute <= 59 && date->second <= 59 &&
           date->nanosecond <= 999999999 &&
           (date->zone == CLOCK_ZONE_UNKNOWN ||
            (date->zone >= -1440 && date->zone <= 1440));
}

/* Whole days first, then the time of the day, then the zone. */
int clock_from_date(const struct clock_date *date, int64_t *wall_100ns)
{
    int64_t days, seconds;

    if (!is_date(date))
        return -EINVAL;
    /* Days since 1970, whole years, months, then days. */
    days = days_before_year(date->year) - days_before_year(1970);
    for (unsigned month = 1; month < date->month; month++)
        days += days_of_month(date->year, month);
    days += date->day - 1;
    seconds = date->hour * 3600 + date->minute * 60 + date->second;
    if (date->zone != CLOCK_ZONE_UNKNOWN)
        seconds += date->zone * 60;
    *wall_100ns = days * UNITS_PER_DAY + seconds * (int64_t)CLOCK_UNITS_PER_S +
                  date->nanosecond / 100;
    return 0;
}
