/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests that deferred work runs while the application computes for long. */
#include "machine.h"

#include "arch/time/clock.h"
#include "tests/guest/tap.h"
#include "arch/time/timer.h"

#define PERIOD   (CLOCK_UNITS_PER_S / 2)
#define BEATS    4
#define DEADLINE (300 * CLOCK_UNITS_PER_S) /* for a guest that hangs */

static struct timer beat;
static uint64_t due, latest;
static unsigned beats, late_beats;

static void tick(void *arg)
{
    uint64_t late = clock_now() - due;

    (void)arg;
    if (late > latest)
        latest = late;
    late_beats += late > PERIOD;
    beats++;
    due += PERIOD;
    /* The next beat keeps the schedule even if this one came late. */
    timer_set(&beat, due);
}

static unsigned beats_by_now(void)
{
    return __atomic_load_n(&beats, __ATOMIC_RELAXED);
}

/*
 * A busy build machine makes some beats late. If beats had to wait for the end
 * of the computation, all of them would be late or missing.
 */
void test_compute(void)
{
    double seconds = seconds_or(30);
    uint64_t from = clock_now();
    uint64_t end = from + (uint64_t)(seconds * CLOCK_UNITS_PER_S);
    unsigned expected = (unsigned)(seconds * CLOCK_UNITS_PER_S / PERIOD);
    volatile double x = 1;

    if (expected < BEATS)
        expected = BEATS;
    beat = (struct timer){.run = tick};
    due = from + PERIOD;
    timer_set(&beat, due);
    while (clock_now() < end ||
           (beats_by_now() < expected && clock_now() < from + DEADLINE))
        x = x * 1.0000001 + 1e-9;
    timer_cancel(&beat);
    tap_note("%u beats in %.0f s, %u late by a period, latest by %.1f ms",
             beats, seconds, late_beats, (double)latest / 1e4);
    tap_ok(
        beats >= expected && late_beats * 2 < beats,
        "while the application computes for %.0f s, a timer fires each 500 ms",
        seconds);
}
