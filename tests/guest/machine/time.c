/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of clocks and sleeping through libc's functions. */
#include "machine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arch/time/clock.h"
#include "arch/cpu/cpu.h"
#include "app/system/platform/platform.h"
#include "tests/guest/tap.h"
#include "arch/time/wait.h"

#ifndef CLOCK_MONOTONIC
#define CLOCK_MONOTONIC 4
#endif

static double elapsed(uint64_t from)
{
    return (double)(clock_now() - from) / CLOCK_UNITS_PER_S;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

/* A busy machine may end some sleeps late; a wrong timer ends all of them late.
 */
#define SLEEPS 20

static void test_sleeps(void)
{
    struct timespec half = {.tv_nsec = 500000000};
    double took, least = 1e9, most = 0;
    uint64_t from;

    for (int i = 0; i < SLEEPS && least >= 0.75; i++) {
        from = clock_now();
        nanosleep(&half, NULL);
        took = elapsed(from);
        least = took < least ? took : least;
        most = took > most ? took : most;
    }
    tap_note("nanosleep of 0.5 s took %.3f to %.3f s", least, most);
    tap_ok(least >= 0.5 && least < 0.75,
           "nanosleep of 0.5 s takes 0.5 to 0.75 s");
    from = clock_now();
    tap_ok(wait_until(never, NULL, clock_now() + CLOCK_UNITS_PER_S / 5,
                      "nothing") == -ETIMEDOUT &&
               elapsed(from) >= 0.2,
           "a wait without an event ends at its deadline, not earlier");
}

/* Where each read of the clock leaves a nested guest, 100 reads are enough. */
static void test_monotonic(void)
{
    uint64_t from = clock_now(), last = from, back = 0, same = 0;
    unsigned readings = 0;

    while (readings < 100 ||
           (readings < 20000 && last - from < 2 * CLOCK_UNITS_PER_S)) {
        uint64_t now = clock_now();

        back += now < last;
        same += now == last;
        last = now;
        readings++;
    }
    tap_note("%llu of %u readings equal to the one before",
             (unsigned long long)same, readings);
    tap_ok(back == 0, "the monotonic clock never goes back");
}

static uint64_t spin_to(uint64_t tsc)
{
    uint64_t now;

    while ((now = tsc_read()) < tsc)
        cpu_relax();
    return now;
}

/* An application that computes for long reads no clock, and some clocks turn
 * over every 4.7 s. The TSC measures the time, but only roughly on a busy
 * machine. */
static void test_unwatched(void)
{
    uint64_t from = clock_now(), tsc = tsc_read(), rate, ticks;
    double took;

    if (the_platform.hyperv && strstr(the_platform.clock, "reference")) {
        tap_note("the clock here, %s, does not turn over", the_platform.clock);
        return;
    }
    while (elapsed(from) < 0.5)
        cpu_relax();
    rate = (uint64_t)((double)(tsc_read() - tsc) / elapsed(from));
    from = clock_now();
    tsc = tsc_read();
    ticks = spin_to(tsc + 6 * rate) - tsc;
    took = elapsed(from);
    tap_note("clock: %.2f s, TSC: %.2f s", took, (double)ticks / (double)rate);
    tap_ok(took > 4 && took * 2 > (double)ticks / (double)rate,
           "the clock counts on while no code reads it");
}

static void test_wall(void)
{
    struct timespec a, m;
    time_t t = time(NULL);
    struct tm utc;

    tap_ok(clock_gettime(CLOCK_REALTIME, &a) == 0 &&
               clock_gettime(CLOCK_MONOTONIC, &m) == 0 && a.tv_sec >= t &&
               a.tv_sec <= time(NULL),
           "time() and clock_gettime() agree");
    gmtime_r(&t, &utc);
    tap_ok(utc.tm_year >= 124,
           "the wall clock starts from the firmware's date (year %d)",
           utc.tm_year + 1900);
    tap_note("wall-clock: %lld", (long long)t);
}

void test_time(void)
{
    test_sleeps();
    test_monotonic();
    test_unwatched();
    test_wall();
}
