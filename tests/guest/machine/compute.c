/* An application that computes for long must not keep deferred work. */
#include "machine.h"

#include "clock.h"
#include "tap.h"
#include "timer.h"

#define PERIOD (CLOCK_UNITS_PER_S / 2)

static struct timer beat;
static uint64_t due, latest;
static unsigned beats;

static void tick(void *arg)
{
    uint64_t late = clock_now() - due;

    (void)arg;
    if (late > latest)
        latest = late;
    beats++;
    due += PERIOD;
    /* Where one beat was missed, the next still keeps the schedule. */
    timer_set(&beat, due);
}

void test_compute(void)
{
    double seconds = seconds_or(30);
    uint64_t end = clock_now() + (uint64_t)(seconds * CLOCK_UNITS_PER_S);
    unsigned expected = (unsigned)(seconds * CLOCK_UNITS_PER_S / PERIOD);
    volatile double x = 1;

    beat = (struct timer){.run = tick};
    due = clock_now() + PERIOD;
    timer_set(&beat, due);
    while (clock_now() < end)
        x = x * 1.0000001 + 1e-9;
    timer_cancel(&beat);
    tap_note("%u beats in %.0f s, latest by %.1f ms", beats, seconds,
             (double)latest / 1e4);
    tap_ok(beats + 1 >= expected && latest <= PERIOD,
           "computing for %.0f s, no beat of 500 ms is late by a period",
           seconds);
}
