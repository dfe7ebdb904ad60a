/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one loop that blocks: see wait.h.
 *
 *     done? -> PASSIVE work? -> deadline? -> sleep until an interrupt -> again
 *
 * Nothing is woken by name. Whatever an interrupt has changed, the loop asks
 * its condition again; that makes a lost wake-up impossible as long as the
 * sleep itself cannot miss an interrupt, which nap() and halt() see to.
 */
#include "arch/time/wait.h"

#include <errno.h>
#include <stddef.h>

#include "arch/time/clock.h"
#include "arch/cpu/cpu.h"
#include "arch/interrupts/deferred.h"
#include "arch/cpu/invariant.h"
#include "arch/cpu/irql.h"
#include "arch/console/log.h"
#include "arch/time/timer.h"

/* A callback that waits may run another callback that waits. Deeper than this
 * it is a loop, and the stack would end. */
#define DEPTH_MAX 16

#define REMIND (10 * CLOCK_UNITS_PER_S)

static uint32_t depth;
static void (*idle_hook)(void);

void wait_set_idle(void (*idle)(void))
{
    idle_hook = idle;
}

/* STI takes effect after the instruction that follows it. So no interrupt can
 * come between the last look and the sleep. */
static void halt(void)
{
    this_cpu()->halts++;
    if (idle_hook)
        idle_hook();
    else
        __asm__ volatile("sti; hlt" : : : "memory");
}

static void noop(void *arg)
{
    (void)arg;
}

/* One wait in progress. */
struct wait {
    bool (*done)(void *arg);
    void *arg;
    uint64_t deadline;
    uint64_t remind; /* when to say that it still waits; forever-waits only */
    const char *what;
    struct timer alarm;
};

static bool never(void *arg)
{
    (void)arg;
    return false;
}

/* Called with interrupts off. An alarm that has gone off meanwhile would never
 * wake us; it may have been due already when it was set. */
static bool may_halt(const struct wait *w, uint64_t wake)
{
    return (w->alarm.armed || wake == WAIT_FOREVER) && !w->done(w->arg) &&
           !irql_deferred_waiting() && !deferred_passive_waiting();
}

/* Sleeps once, unless there is something to do already. The announcement comes
 * before the last look, which may_halt() takes: see deferred_sleep(). */
static void nap(struct wait *w)
{
    uint64_t wake = w->remind < w->deadline ? w->remind : w->deadline;

    /* The alarm only has to wake the processor. */
    if (!w->alarm.armed && wake != WAIT_FOREVER)
        timer_set(&w->alarm, wake);
    deferred_sleep(true);
    (void)interrupts_off();
    if (may_halt(w, wake))
        halt();
    __asm__ volatile("sti" : : : "memory");
    deferred_sleep(false);
}

/* Says every 10 s what is still awaited, and cancels the alarm so that the next
 * nap sets it for the next reminder. */
static void remind(struct wait *w, uint64_t now, uint64_t began)
{
    if (now < w->remind)
        return;
    log_printf(LOG_WARNING, "wait: still waiting for %s after %lu s", w->what,
               (unsigned long)((now - began) / CLOCK_UNITS_PER_S));
    w->remind = now + REMIND;
    timer_cancel(&w->alarm);
}

/* After each piece of PASSIVE work done() is asked again: the work may have
 * been what it waits for. */
static int loop(struct wait *w)
{
    uint64_t began = clock_now();

    for (;;) {
        uint64_t now;

        /* Look before the time: what is there counts, however late it is. */
        if (w->done(w->arg))
            return 0;
        /* One piece of work, then look again. */
        if (deferred_run_passive())
            continue;
        now = clock_now();
        if (now >= w->deadline)
            return -ETIMEDOUT;
        remind(w, now, began);
        nap(w);
    }
}

/* The alarm lies on this stack, so it is cancelled before the function returns.
 */
int wait_until(bool (*done)(void *arg), void *arg, uint64_t deadline,
               const char *what)
{
    struct wait w = {
        .done = done,
        .arg = arg,
        .deadline = deadline,
        .remind =
            deadline == WAIT_FOREVER ? clock_now() + REMIND : WAIT_FOREVER,
        .what = what,
        .alarm = {.run = noop},
    };
    int status;

    ASSERT(irql_current() == IRQL_PASSIVE && this_cpu()->index == 0,
           "only PASSIVE code on processor 0 may wait");
    ASSERT(depth < DEPTH_MAX, "callbacks that wait are nested too deep");
    depth++;
    status = loop(&w);
    depth--;
    timer_cancel(&w.alarm);
    return status;
}

void wait_sleep(uint64_t deadline)
{
    wait_until(never, NULL, deadline, "time to pass");
}

/* With interrupts off during the look: work that is queued after it comes with
 * an interrupt, which ends the HLT. */
_Noreturn void wait_park(void)
{
    for (;;) {
        (void)interrupts_off();
        if (irql_deferred_waiting()) {
            __asm__ volatile("sti" : : : "memory");
            deferred_run();
            continue;
        }
        halt();
    }
}
