/* SPDX-License-Identifier: BSD-2-Clause */
/* An application that computes for long must not keep deferred work. */
#include "machine.h"

#include "arch/time/clock.h"
#include "tests/guest/tap.h"
#include "arch/time/timer.h"

#define PERIOD   (CLOCK_UNITS_PER_S / 2)
#define BEATS    4
#define DEADLINE (300 * CLOCK_UNITS_PER_S) /* for a hang */

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
    /* Where one beat was missed, the next still keeps the schedule. */
    timer_set(&beat, due);
}

static unsigned beats_by_now(void)
{
    return __atomic_load_n(&beats, __ATOMIC_RELAXED);
}

/*
 * How late one beat is tells how busy the machine is that runs us. Beats that
 * wait for the end of the computation are all late, or do not come.
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
    tap_ok(beats >= expected && late_beats * 2 < beats,
           "computing for %.0f s, a beat comes every 500 ms", seconds);
}
