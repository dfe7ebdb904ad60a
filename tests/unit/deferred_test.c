/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deferred work that never ends, and the share that PASSIVE has beside it: so
 * many turns, whatever the clock says and however long it takes to read.
 */
#include "fake_machine.h"
#include "unit.h"

#include <string.h>

#include "arch/cpu/irql.h"
#include "arch/interrupts/deferred.h"

static struct {
    struct deferred_item item;
    uint64_t now;
    uint64_t step; /* what each look at the clock takes */
    uint64_t due;  /* of the alarm */
    uint64_t runs;
    uint64_t costs; /* of a run */
    uint32_t yields;
} t;

void fake_await(void)
{
    fail_msg("nobody sleeps here");
}

static uint64_t now(void)
{
    t.now += t.step;
    return t.now;
}

static void arm(uint64_t due)
{
    t.due = due;
}

static void again(void *arg)
{
    (void)arg;
    t.runs++;
    t.now += t.costs;
    deferred_queue(&t.item, 0);
    if (t.yields)
        deferred_yield(t.yields);
}

/* Work that queues itself again each time; it has run up to its first share. */
static void begin(uint64_t step, uint64_t costs, uint32_t yields)
{
    fake_cpu = (struct cpu){.last = &fake_cpu.first};
    memset(&t, 0, sizeof(t));
    t.now = 1000000;
    t.step = step;
    t.costs = costs;
    t.yields = yields;
    t.item.run = again;
    t.item.level = IRQL_DISPATCH;
    deferred_set_alarm(now, arm);
    deferred_queue(&t.item, 0);
}

/* PASSIVE has `turns` turns, each of which may let the work run. */
static void passive(uint32_t turns)
{
    while (turns--) {
        deferred_turn_ended();
        deferred_run();
    }
}

static void passive_has_as_many_turns_as_items_ran(void **state)
{
    (void)state;
    begin(0, 10, 0);
    assert_int_equal(t.runs, 256);
    passive(255);
    assert_int_equal(t.runs, 256);
    passive(1);
    assert_int_equal(t.runs, 512);
    passive(2560);
    assert_int_equal(t.runs, 512 + 2560);
}

/* The timers' turn yields when it costs more than its period. */
static void a_periodic_timer_leaves_passive_sixteen_turns(void **state)
{
    static const uint64_t steps[] = {0, 1, 1500, 1000000};

    (void)state;
    for (size_t i = 0; i < COUNT(steps); i++) {
        begin(steps[i], 4500, 1);
        assert_int_equal(t.runs, 1);
        passive(15);
        assert_int_equal(t.runs, 1);
        passive(1 + 16 * 100);
        assert_int_equal(t.runs, 2 + 100);
    }
}

/* A turn of the timers in which many ran. */
static void an_item_may_ask_for_as_many_turns_as_it_had(void **state)
{
    (void)state;
    begin(0, 4500, 64);
    passive(63);
    assert_int_equal(t.runs, 1);
    passive(1 + 64 * 10);
    assert_int_equal(t.runs, 2 + 10);
}

/* The alarm goes off when it is due; a timer may have moved it before. */
static void tick_at(uint64_t time)
{
    t.now = time;
    deferred_share_tick();
    deferred_run();
}

static void short_turns_add_up_to_no_long_one(void **state)
{
    (void)state;
    begin(0, 4500, 1);
    for (int turn = 0; turn < 15; turn++) {
        passive(1);
        tick_at(t.due - 1);
        tick_at(t.due);
        assert_int_equal(t.runs, 1);
    }
    passive(1);
    assert_int_equal(t.runs, 2);
}

/* One that computes on has a long share once, and then half of the time. */
static void a_turn_that_computes_on_shares_the_time(void **state)
{
    uint64_t share;

    (void)state;
    begin(0, 4500, 1);
    assert_int_equal(t.due - t.now, 100000);
    tick_at(t.due - 1);
    assert_int_equal(t.runs, 1);
    tick_at(t.due);
    assert_int_equal(t.runs, 2);
    for (uint64_t runs = 2; runs < 100; runs++) {
        share = t.due - t.now;
        assert_int_equal(share, 4500);
        tick_at(t.due);
        assert_int_equal(t.runs, runs + 1);
    }
    /* The next turn is another one. */
    passive(16);
    assert_int_equal(t.due - t.now, 100000);
}

static void work_goes_on_where_passive_has_nothing_to_do(void **state)
{
    (void)state;
    begin(0, 10, 0);
    deferred_run();
    assert_int_equal(t.runs, 256);
    deferred_end_share();
    assert_int_equal(deferred_share_end(), 0);
    deferred_run();
    assert_int_equal(t.runs, 512);
}

static void ran(void *arg)
{
    *(uint64_t *)arg = t.runs;
}

/* The other processor's item comes as push() leaves it. */
static void work_that_goes_on_and_on_keeps_no_other_processors_out(void **state)
{
    uint64_t at = 0;
    struct deferred_item other = {
        .run = ran, .arg = &at, .level = IRQL_DISPATCH, .queued = true};

    (void)state;
    begin(0, 10, 0);
    fake_cpu.incoming = &other;
    deferred_end_share();
    deferred_run();
    assert_int_equal(at, 257);
    assert_null(fake_cpu.incoming);
}

static void drains_are_counted(void **state)
{
    uint64_t before = deferred_drains();

    (void)state;
    begin(0, 10, 0);
    assert_int_equal(deferred_drains(), before + 1);
    deferred_run(); /* nothing runs: PASSIVE has its share */
    assert_int_equal(deferred_drains(), before + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passive_has_as_many_turns_as_items_ran),
        cmocka_unit_test(a_periodic_timer_leaves_passive_sixteen_turns),
        cmocka_unit_test(an_item_may_ask_for_as_many_turns_as_it_had),
        cmocka_unit_test(short_turns_add_up_to_no_long_one),
        cmocka_unit_test(a_turn_that_computes_on_shares_the_time),
        cmocka_unit_test(work_goes_on_where_passive_has_nothing_to_do),
        cmocka_unit_test(
            work_that_goes_on_and_on_keeps_no_other_processors_out),
        cmocka_unit_test(drains_are_counted),
    };

    return cmocka_run_group_tests_name("deferred", tests, NULL, NULL);
}
