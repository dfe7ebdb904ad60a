/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers, and what a wait does meanwhile: it sleeps. */
#include "events.h"

#include "arch/cpu/cpu.h"
#include "arch/cpu/irql.h"
#include "arch/time/clock.h"
#include "arch/time/timer.h"
#include "arch/time/wait.h"
#include "tests/guest/tap.h"
#include "vmbare.h"

static uint32_t runs;
static uint8_t level;

static void note(void *context)
{
    struct vmbare_event *event = context;

    runs++;
    level = irql_current();
    if (runs == 5 && event)
        (void)vmbare_event_set(event);
}

static void one_level(enum vmbare_level where, uint8_t expected)
{
    struct vmbare_event five;
    struct vmbare_timer timer;
    uint32_t before;

    runs = 0;
    vmbare_event_init(&five, "five runs", VMBARE_ONE_WAIT);
    vmbare_timer_init(&timer, "every ms", where, note, &five);
    vmbare_timer_set(&timer, vmbare_now(), CLOCK_UNITS_PER_S / 1000);
    tap_ok(vmbare_wait_for(&five.source, hang()) == VMBARE_OK && runs >= 5 &&
               level == expected,
           "a periodic timer calls its function at level %u, found %u",
           expected, level);
    tap_ok(vmbare_timer_cancel(&timer, hang()) == VMBARE_CANCELLED,
           "it is cancelled");
    before = runs;
    vmbare_sleep(0.02);
    tap_ok(runs == before, "then it calls no more: %u, %u", before, runs);
}

void test_timers(void)
{
    one_level(VMBARE_PASSIVE, IRQL_PASSIVE);
    one_level(VMBARE_DISPATCH, IRQL_DISPATCH);
}

/* A wait that looked again and again would see no interrupt, or thousands. */
void test_sleep(void)
{
    const struct cpu *cpu = this_cpu();
    uint64_t halts = cpu->halts, interrupts = cpu->interrupts;
    struct vmbare_event never;
    enum vmbare_status status;

    vmbare_event_init(&never, "never", VMBARE_ONE_WAIT);
    status = vmbare_wait_for(&never.source, vmbare_after(0.3));
    halts = cpu->halts - halts;
    interrupts = cpu->interrupts - interrupts;
    tap_ok(status == VMBARE_LATE, "the deadline ends a wait for nothing");
    tap_ok(halts >= 1 && halts <= 10 && interrupts <= 10,
           "the processor sleeps meanwhile: it slept %u times, for %u "
           "interrupts",
           (unsigned)halts, (unsigned)interrupts);
    /* COM1 gives no interrupt, so a wait for a key looks every 20 ms. */
    halts = cpu->halts;
    status = vmbare_wait_for(&vmbare_key_source, vmbare_after(0.3));
    halts = cpu->halts - halts;
    tap_ok(status == VMBARE_LATE && halts >= 1 && halts <= 40,
           "a wait for a key sleeps too: %u times", (unsigned)halts);
}

static bool has_run(void *unused)
{
    (void)unused;
    return runs != 0;
}

/* 0 means no interrupt to a timer's device, and a time like others to a timer.
 */
void test_zero(void)
{
    struct timer timer = {.run = note};

    runs = 0;
    timer_set(&timer, 0);
    tap_ok(wait_until(has_run, NULL, hang(), "a timer for time 0") == 0,
           "a timer that is set for time 0 runs at once");
}

/* The host compares the lines (tests/events/guest.py). */
void test_names(void)
{
    struct vmbare_event a, b;
    struct vmbare_source *both[] = {&a.source, &b.source};

    vmbare_event_init(&a, "an apple", VMBARE_ONE_WAIT);
    vmbare_event_init(&b, "a pear", VMBARE_ONE_WAIT);
    tap_ok(vmbare_wait(both, 2, vmbare_after(0.01), NULL) == VMBARE_LATE,
           "the deadline ends a wait for two things");
}
