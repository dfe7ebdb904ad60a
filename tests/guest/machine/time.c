/* Clocks and sleeping, as libc shows them. */
#include "machine.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "tap.h"
#include "wait.h"

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

static void test_sleeps(void)
{
    struct timespec half = {.tv_nsec = 500000000};
    uint64_t from = clock_now();
    double took;

    nanosleep(&half, NULL);
    took = elapsed(from);
    tap_ok(took >= 0.5 && took < 1.5, "nanosleep of 0.5 s took %.3f s", took);
    from = clock_now();
    tap_ok(wait_until(never, NULL, clock_now() + CLOCK_UNITS_PER_S / 5,
                      "nothing") == -ETIMEDOUT &&
               elapsed(from) >= 0.2,
           "a wait without event ends at its deadline, not earlier");
}

/* Two seconds are enough where a reading leaves the guest twice over. */
static void test_monotonic(void)
{
    uint64_t from = clock_now(), last = from, back = 0, same = 0;
    unsigned readings = 0;

    while (readings < 20000 && last - from < 2 * CLOCK_UNITS_PER_S) {
        uint64_t now = clock_now();

        back += now < last;
        same += now == last;
        last = now;
        readings++;
    }
    tap_note("%llu of %u readings equal to the one before",
             (unsigned long long)same, readings);
    tap_ok(back == 0 && readings > 100, "the monotonic clock never goes back");
}

static void test_wall(void)
{
    struct timespec a, m;
    time_t t = time(NULL);
    struct tm utc;

    tap_ok(clock_gettime(CLOCK_REALTIME, &a) == 0 &&
               clock_gettime(CLOCK_MONOTONIC, &m) == 0 &&
               labs((long)(a.tv_sec - t)) <= 1,
           "time and clock_gettime agree");
    gmtime_r(&t, &utc);
    tap_ok(utc.tm_year >= 124, "the wall clock starts from the firmware's (%d)",
           utc.tm_year + 1900);
    tap_note("wall-clock: %lld", (long long)t);
}

void test_time(void)
{
    test_sleeps();
    test_monotonic();
    test_wall();
}
