/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits for work that other processors still have: see settle.h. */
#include "settle.h"

#include <stddef.h>

#include "arch/time/clock.h"
#include "arch/time/timer.h"
#include "arch/cpu/cpu.h"
#include "arch/interrupts/deferred.h"
#include "arch/cpu/irql.h"
#include "arch/time/wait.h"

/* Work can queue work for another processor, but not so often in a row. */
#define ROUNDS 8

static struct deferred_item marks[CPUS_MAX];
static struct timer alarms[CPUS_MAX];
static uint32_t reached;

static void mark(void *arg)
{
    (void)arg;
    __atomic_fetch_add(&reached, 1, __ATOMIC_RELEASE);
}

/* Sets the running processor's alarm. */
static void set_alarm(void *arg)
{
    struct timer *alarm = &alarms[this_cpu()->index];

    alarm->run = mark;
    timer_set(alarm, *(const uint64_t *)arg);
}

static bool all_reached(void *arg)
{
    (void)arg;
    return __atomic_load_n(&reached, __ATOMIC_ACQUIRE) == cpu_count();
}

/* Runs `f` on each processor and waits until each has reached its mark. The
 * wait also runs PASSIVE work. */
static int on_all(void (*f)(void *arg), void *arg, const char *what)
{
    __atomic_store_n(&reached, 0, __ATOMIC_RELAXED);
    for (uint32_t cpu = 0; cpu < cpu_count(); cpu++) {
        marks[cpu].run = f;
        marks[cpu].arg = arg;
        marks[cpu].level = IRQL_DISPATCH;
        deferred_queue(&marks[cpu], cpu);
    }
    return wait_until(all_reached, NULL, clock_now() + 120 * CLOCK_UNITS_PER_S,
                      what);
}

/* A processor runs its items in order, so all earlier ones are done. */
static int pass_all(void)
{
    return on_all(mark, NULL, "the work of all processors");
}

bool settle_timers(uint64_t until)
{
    static uint64_t due;

    due = until;
    return on_all(set_alarm, &due, "the timers of all processors") == 0;
}

static bool no_passive_work(void *arg)
{
    (void)arg;
    return !deferred_passive_waiting();
}

/* What other processors left for PASSIVE, and a wait that was over at once has
 * not run. */
static int run_passive(void)
{
    return wait_until(no_passive_work, NULL,
                      clock_now() + 120 * CLOCK_UNITS_PER_S, "PASSIVE work");
}

bool settle(void)
{
    for (int round = 0; round < ROUNDS || deferred_passive_waiting(); round++) {
        if (pass_all() || run_passive())
            return false;
    }
    return true;
}
