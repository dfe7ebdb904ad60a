/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of IRQL and deferred work on one processor. */
#include "machine.h"

#include <stddef.h>

#include "arch/time/clock.h"
#include "arch/cpu/cpu.h"
#include "arch/interrupts/deferred.h"
#include "arch/cpu/irql.h"
#include "tests/guest/tap.h"
#include "arch/time/timer.h"
#include "arch/time/wait.h"

static int order[4], ran;
static uint8_t level_seen;
static uint64_t stack_seen;
static struct deferred_item items[3];

static void note(void *arg)
{
    uint64_t here;

    __asm__ volatile("movq %%rsp, %0" : "=r"(here));
    stack_seen = here;
    level_seen = irql_current();
    order[ran++ & 3] = *(int *)arg;
}

static void test_held_back(void)
{
    static int one = 1, two = 2;
    uint8_t old = irql_raise(IRQL_DISPATCH);
    uint64_t here;

    __asm__ volatile("movq %%rsp, %0" : "=r"(here));
    items[0] = (struct deferred_item){
        .run = note, .arg = &one, .level = IRQL_DISPATCH};
    items[1] = (struct deferred_item){
        .run = note, .arg = &two, .level = IRQL_DISPATCH};
    deferred_queue(&items[0], 0);
    deferred_queue(&items[1], 0);
    deferred_queue(&items[0], 0);
    tap_ok(ran == 0, "deferred work waits while the level is DISPATCH");
    irql_lower(old);
    tap_ok(ran == 2 && order[0] == 1 && order[1] == 2,
           "deferred work runs in order when the level falls, each item once");
    tap_ok(level_seen == IRQL_DISPATCH, "deferred work runs at DISPATCH");
    tap_ok(this_cpu()->deferred_stack - stack_seen < 4 * PAGE_SIZE &&
               this_cpu()->deferred_stack - here >= 4 * PAGE_SIZE,
           "deferred work runs on a stack of its own");
}

static void test_passive(void)
{
    static int three = 3;

    ran = 0;
    items[2] = (struct deferred_item){
        .run = note, .arg = &three, .level = IRQL_PASSIVE};
    deferred_queue(&items[2], 0);
    tap_ok(ran == 0, "deferred PASSIVE work does not run without a wait");
    wait_sleep(clock_now() + 1000);
    tap_ok(ran == 1 && level_seen == IRQL_PASSIVE,
           "a wait runs deferred PASSIVE work at PASSIVE");
}

static bool both_ran(void *arg)
{
    (void)arg;
    return ran >= 2;
}

/* All timers are set before one may run, however slow the machine is. */
static void test_timer_order(void)
{
    static int n[3] = {1, 2, 3};
    static struct timer t[3];
    uint8_t old = irql_raise(IRQL_DISPATCH);
    uint64_t now = clock_now();
    bool cancelled;

    ran = 0;
    for (int i = 0; i < 3; i++)
        t[i] = (struct timer){.run = note, .arg = &n[i]};
    timer_set(&t[2], now + 300000);
    timer_set(&t[0], now + 100000);
    timer_set(&t[1], now + 200000);
    cancelled = timer_cancel(&t[1]) && !timer_cancel(&t[1]);
    irql_lower(old);
    tap_ok(cancelled, "an armed timer can be cancelled, and only once");
    (void)wait_until(both_ran, NULL, now + 120 * CLOCK_UNITS_PER_S,
                     "two timers");
    tap_ok(ran == 2 && order[0] == 1 && order[1] == 3,
           "timers run in the order of their due times");
}

void test_levels(void)
{
    test_held_back();
    test_passive();
    test_timer_order();
}
