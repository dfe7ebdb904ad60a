/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loop that waits, with real strands on one processor that is not: many
 * waits at once cost no more in a turn than a few, a condition that comes true
 * is seen, and neither work nor other waits keep a deadline from being seen.
 */
#include "fake_machine.h"
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "arch/console/log.h"
#include "arch/cpu/irql.h"
#include "arch/interrupts/deferred.h"
#include "arch/memory/pages.h"
#include "arch/time/clock.h"
#include "arch/time/timer.h"
#include "arch/time/wait.h"

__asm__(
    ".pushsection .text\n.include \"arch/time/strand_switch.S\"\n.popsection");

enum { MANY = 2000, STEPS = 50 };

static struct {
    uint64_t now, step;
    uint64_t looks; /* at conditions of callbacks */
    uint64_t looks_off;
    uint64_t naps;
    uint32_t lines;
    struct timer *alarm;
    struct deferred_item items[MANY];
    uint32_t step_of[MANY]; /* how often it has waited */
    uint32_t at;            /* all are let go up to here */
    uint32_t waiting, ended;
    struct deferred_item nudge; /* DISPATCH work that lets the next one go */
    struct deferred_item busy;  /* PASSIVE work without end */
    bool stop;
} t;

/* ---- the machine --------------------------------------------------------- */

uint64_t clock_now(void)
{
    t.now += t.step;
    return t.now;
}

void timer_set(struct timer *timer, uint64_t due)
{
    timer->due = due;
    timer->armed = true;
    t.alarm = timer;
}

void log_printf(enum log_level level, const char *format, ...)
{
    (void)level, (void)format;
    t.lines++;
}

uint64_t pages_stack(uint32_t count)
{
    void *stack = mmap(NULL, count * PAGE_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(stack, MAP_FAILED);
    return (uint64_t)(uintptr_t)stack + count * PAGE_SIZE;
}

void pages_free(void *pages, uint32_t count)
{
    munmap(pages, count * PAGE_SIZE);
}

/* Time passes until the alarm. */
void fake_await(void)
{
    t.naps++;
    assert_non_null(t.alarm);
    assert_true(t.alarm->armed);
    if (t.now < t.alarm->due)
        t.now = t.alarm->due;
    t.alarm->armed = false;
    fake_cpu.interrupts++;
}

static int begin(void **state)
{
    (void)state;
    memset(&t, 0, sizeof(t));
    fake_cpu = (struct cpu){.last = &fake_cpu.first};
    fake_interrupts = true;
    return 0;
}

/* ---- many callbacks ------------------------------------------------------ */

/* Each condition comes true STEPS times, one callback after the other. */
static bool let_go(void *arg)
{
    uint32_t i = (uint32_t)(uintptr_t)arg;

    t.looks++;
    t.looks_off += !fake_interrupts;
    return t.step_of[i] * MANY + i < t.at;
}

static void callback(void *arg)
{
    uint32_t i = (uint32_t)(uintptr_t)arg;

    t.waiting++;
    while (t.step_of[i] < STEPS) {
        assert_int_equal(wait_until(let_go, arg, WAIT_FOREVER, "its turn"), 0);
        t.step_of[i]++;
    }
    t.ended++;
}

static void queue_callbacks(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        t.items[i].run = callback;
        t.items[i].arg = (void *)(uintptr_t)i;
        t.items[i].level = IRQL_PASSIVE;
        deferred_queue(&t.items[i], 0);
    }
}

static bool all_wait(void *count)
{
    return t.waiting == (uint32_t)(uintptr_t)count;
}

static bool all_ended(void *count)
{
    return t.ended == (uint32_t)(uintptr_t)count;
}

/* DISPATCH work lets one callback go each time that PASSIVE has work. */
static void nudge(void *arg)
{
    (void)arg;
    t.at++;
}

static void turn(void *arg)
{
    (void)arg;
    if (t.stop)
        return;
    deferred_queue(&t.nudge, 0);
    deferred_queue(&t.busy, 0);
}

static void many_callbacks_wait_and_each_goes_on(void **state)
{
    (void)state;
    queue_callbacks(MANY);
    assert_int_equal(wait_until(all_wait, (void *)MANY, WAIT_FOREVER, "all"),
                     0);
    assert_int_equal(t.ended, 0);
    t.nudge.run = nudge;
    t.nudge.level = IRQL_DISPATCH;
    t.busy.run = turn;
    deferred_queue(&t.busy, 0);
    assert_int_equal(wait_until(all_ended, (void *)MANY, WAIT_FOREVER, "ends"),
                     0);
    t.stop = true;
    /* A turn of the loop looks at 16 waits at most, and about so many turns
     * were needed as callbacks were let go, for each of which one work item ran
     * and one callback. A loop that looks at all of them looks at 2,000. */
    assert_in_range(t.looks, (uint64_t)MANY * STEPS,
                    (uint64_t)MANY * STEPS * 16 * 3);
    assert_int_equal(t.looks_off, 0);
    wait_sleep(t.now + 1);
}

/* ---- deadlines ----------------------------------------------------------- */

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static void sleeps_end_in_the_order_of_their_deadlines(void **state)
{
    uint64_t from;

    (void)state;
    t.now = 1000;
    queue_callbacks(100);
    assert_int_equal(wait_until(all_wait, (void *)100, WAIT_FOREVER, "all"), 0);
    from = t.now;
    wait_sleep(from + 5000);
    assert_int_equal(t.now, from + 5000);
    assert_int_equal(wait_until(never, NULL, from + 4000, "the past"),
                     -ETIMEDOUT);
    assert_int_equal(t.now, from + 5000);
    t.at = UINT32_MAX;
    wait_sleep(t.now + 1);
    assert_int_equal(t.ended, 100);
}

static void waits_without_a_deadline_are_reminded_of(void **state)
{
    (void)state;
    queue_callbacks(10);
    wait_sleep(t.now + 35 * CLOCK_UNITS_PER_S);
    assert_int_equal(t.lines, 30);
    t.at = UINT32_MAX;
    wait_sleep(t.now + 1);
    assert_int_equal(t.ended, 10);
}

/* Work that queues itself again and again: the clock is looked at between its
 * turns. */
static void endless_work_does_not_keep_a_sleep_from_ending(void **state)
{
    (void)state;
    t.step = 100;
    t.nudge.run = nudge;
    t.nudge.level = IRQL_DISPATCH;
    t.busy.run = turn;
    deferred_queue(&t.busy, 0);
    wait_sleep(t.now + 10000);
    assert_in_range(t.at, 1, 100000);
    t.stop = true;
    t.step = 0;
    wait_sleep(t.now + 1);
    assert_int_equal(t.naps, 1);
}

/* DISPATCH work without end and PASSIVE work without end: sixteen turns for
 * each item that yields, however often the loop looks at the clock. */
static void yield(void *arg)
{
    (void)arg;
    t.at++;
    if (!t.stop)
        deferred_queue(&t.nudge, 0);
    deferred_yield(1);
}

static void have_a_turn(void *arg)
{
    (void)arg;
    t.stop = ++t.waiting == 1600;
    if (!t.stop)
        deferred_queue(&t.busy, 0);
}

static void no_alarm(uint64_t due)
{
    (void)due;
}

static void the_share_is_not_ended_while_there_is_work(void **state)
{
    (void)state;
    deferred_set_alarm(clock_now, no_alarm);
    t.nudge.run = yield;
    t.nudge.level = IRQL_DISPATCH;
    t.busy.run = have_a_turn;
    deferred_queue(&t.nudge, 0);
    deferred_queue(&t.busy, 0);
    assert_int_equal(wait_until(all_wait, (void *)1600, WAIT_FOREVER, "turns"),
                     0);
    assert_in_range(t.at, 99, 102);
    wait_sleep(t.now + 1);
    deferred_set_alarm(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(many_callbacks_wait_and_each_goes_on, begin),
        cmocka_unit_test_setup(sleeps_end_in_the_order_of_their_deadlines,
                               begin),
        cmocka_unit_test_setup(waits_without_a_deadline_are_reminded_of, begin),
        cmocka_unit_test_setup(endless_work_does_not_keep_a_sleep_from_ending,
                               begin),
        cmocka_unit_test_setup(the_share_is_not_ended_while_there_is_work,
                               begin),
    };

    return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
