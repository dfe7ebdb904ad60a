/* SPDX-License-Identifier: BSD-2-Clause */
/* newlib's time: see clock.h for where it comes from. */
#include <errno.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "arch/time/clock.h"

#define NS_PER_UNIT 100

/* newlib's declarations name parameters as only a C library may. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

static int fail(int error)
{
    errno = error;
    return -1;
}

/* Rounds down, so that a time before 1970 has a positive fraction, too. */
static struct timespec split(int64_t units)
{
    int64_t per_s = (int64_t)CLOCK_UNITS_PER_S;
    int64_t seconds = units / per_s - (units % per_s < 0);

    return (struct timespec){
        .tv_sec = (time_t)seconds,
        .tv_nsec = (long)(units - seconds * per_s) * NS_PER_UNIT,
    };
}

/* The clocks of POSIX that this machine has: wall and monotonic time. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (clock == CLOCK_REALTIME)
        *now = split(clock_wall());
    else if (clock == CLOCK_MONOTONIC)
        *now = split((int64_t)clock_now());
    else
        return fail(EINVAL);
    return 0;
}

/* Both clocks count in steps of 100 ns. */
int clock_getres(clockid_t clock, struct timespec *resolution)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
        return fail(EINVAL);
    if (resolution)
        *resolution = (struct timespec){0, NS_PER_UNIT};
    return 0;
}

/* The zone is obsolete in POSIX; there is none here. */
int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec wall = split(clock_wall());

    (void)zone;
    now->tv_sec = wall.tv_sec;
    now->tv_usec = wall.tv_nsec / 1000;
    return 0;
}

/* For clock(): all time counts as the program's. */
clock_t times(struct tms *spent)
{
    clock_t ticks = (clock_t)(clock_now() / (CLOCK_UNITS_PER_S / CLK_TCK));

    *spent = (struct tms){.tms_utime = ticks};
    return ticks;
}

/* ---- sleeping; PASSIVE --------------------------------------------------- */

/* A sleep too long for the clock's 64 bits lasts for ever. */
static void sleep_units(uint64_t units)
{
    uint64_t now = clock_now();

    clock_sleep_until(units > UINT64_MAX - now ? UINT64_MAX : now + units);
}

/* Never shorter than asked for, and never interrupted by a signal. */
int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    uint64_t seconds = (uint64_t)wanted->tv_sec;

    if (wanted->tv_sec < 0 || wanted->tv_nsec < 0 ||
        wanted->tv_nsec >= 1000000000)
        return fail(EINVAL);
    /* A time past the clock's range lasts for ever. */
    if (seconds > UINT64_MAX / CLOCK_UNITS_PER_S - 1)
        seconds = UINT64_MAX / CLOCK_UNITS_PER_S - 1;
    /* Never shorter than asked for. */
    sleep_units(seconds * CLOCK_UNITS_PER_S +
                ((uint64_t)wanted->tv_nsec + NS_PER_UNIT - 1) / NS_PER_UNIT);
    if (left)
        *left = (struct timespec){0, 0};
    return 0;
}

int usleep(useconds_t microseconds)
{
    sleep_units((uint64_t)microseconds * 10);
    return 0;
}

/* Nothing cuts a sleep short, so nothing is left over. */
unsigned sleep(unsigned seconds)
{
    sleep_units(seconds * CLOCK_UNITS_PER_S);
    return 0;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
