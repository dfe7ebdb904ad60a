/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits for work that other processors still have: see settle.h. */
#include "settle.h"

#include <stddef.h>
#include <stdlib.h>

#include "arch/time/clock.h"
#include "arch/time/timer.h"
#include "arch/cpu/cpu.h"
#include "arch/interrupts/deferred.h"
#include "arch/cpu/irql.h"
#include "arch/time/wait.h"

/* Work can queue work for another processor, but not so often in a row. */
#define ROUNDS 8

/* One call. A callback that settles on a strand of its own may do so while the
 * test does. */
struct settling {
    struct deferred_item marks[CPUS_MAX];
    struct timer alarms[CPUS_MAX];
    uint64_t until;
    uint32_t reached;
};

static void mark(void *arg)
{
    struct settling *s = arg;

    __atomic_fetch_add(&s->reached, 1, __ATOMIC_RELEASE);
}

/* Sets the running processor's alarm. */
static void set_alarm(void *arg)
{
    struct settling *s = arg;
    struct timer *alarm = &s->alarms[this_cpu()->index];

    alarm->run = mark;
    alarm->arg = s;
    timer_set(alarm, s->until);
}

static bool all_reached(void *arg)
{
    const struct settling *s = arg;

    return __atomic_load_n(&s->reached, __ATOMIC_ACQUIRE) == cpu_count();
}

/* Runs `f` on each processor and waits until each has reached its mark. The
 * wait also runs PASSIVE work. */
static bool on_all(void (*f)(void *arg), uint64_t until, const char *what)
{
    struct settling *s = calloc(1, sizeof(*s));

    if (!s)
        return false;
    s->until = until;
    for (uint32_t cpu = 0; cpu < cpu_count(); cpu++) {
        s->marks[cpu].run = f;
        s->marks[cpu].arg = s;
        s->marks[cpu].level = IRQL_DISPATCH;
        deferred_queue(&s->marks[cpu], cpu);
    }
    if (wait_until(all_reached, s, clock_now() + 120 * CLOCK_UNITS_PER_S, what))
        return false; /* a processor still has them: they stay */
    free(s);
    return true;
}

/* A processor runs its items in order, so all earlier ones are done. */
static bool pass_all(void)
{
    return on_all(mark, 0, "the work of all processors");
}

bool settle_timers(uint64_t until)
{
    return on_all(set_alarm, until, "the timers of all processors");
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
        if (!pass_all() || run_passive())
            return false;
    }
    return true;
}
