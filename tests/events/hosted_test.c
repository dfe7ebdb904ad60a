/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract of vmbare_events.h on the hosted platform, where time stands
 * still until somebody waits, with the sanitizers on: what each call returns,
 * and what it says about misuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "app/system/events/platform.h"
#include "tests/peer/hosted.h"

#define MS SEAM_MS

/* ---- the platform -------------------------------------------------------- */

static struct seam *s;
static struct events_state state;
static bool line;
static bool (*parked_waits)(void); /* NULL: not yet */
static void (*run_parked)(void);
static uint64_t key_at; /* when a key is pressed; 0: never */
static uint32_t woken[HOSTED_CPUS];

void *seam_root(void)
{
    return NULL;
}

struct events_state *events_state(void)
{
    return &state;
}

struct seam *events_seam(void)
{
    return s;
}

uint32_t events_processor(void)
{
    return s->cpu;
}

void events_wake(uint32_t processor)
{
    woken[processor]++;
}

void events_park(bool (*waits)(void), void (*run)(void))
{
    assert_null(parked_waits);
    parked_waits = waits;
    run_parked = run;
}

bool events_key_waiting(void)
{
    return key_at && s->now >= key_at;
}

bool events_line_waiting(void)
{
    return line;
}

/* What the other processors do, while somebody waits. */
static bool act(void *unused)
{
    bool ran = false;

    (void)unused;
    for (uint32_t cpu = 1; parked_waits && cpu < s->cpus; cpu++) {
        uint32_t before = s->cpu;

        s->cpu = cpu;
        if (woken[cpu] && parked_waits()) {
            run_parked();
            ran = true;
        } else {
            woken[cpu] = 0;
        }
        s->cpu = before;
    }
    return ran;
}

static int start(void **unused)
{
    (void)unused;
    s = hosted_create(3);
    s->quiet = true;
    s->act = act;
    memset(&state, 0, sizeof(state));
    memset(woken, 0, sizeof(woken));
    parked_waits = NULL;
    line = false;
    key_at = 0;
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    hosted_destroy(s, 0);
    return 0;
}

/* `call` is refused, and the log says `text`. */
#define REFUSED(call, text)                           \
    do {                                              \
        s->log_lines = 0;                             \
        state.function = NULL; /* not a repetition */ \
        memset(s->log, 0, sizeof(s->log));            \
        assert_int_equal((call), VMBARE_MISUSE);      \
        assert_true(hosted_logged(s, (text)));        \
    } while (0)

/* ---- events -------------------------------------------------------------- */

static void event_that_is_set_before_the_wait_is_not_lost(void **unused)
{
    struct vmbare_event e;

    (void)unused;
    vmbare_event_init(&e, "e", VMBARE_ONE_WAIT);
    assert_int_equal(vmbare_wait_for(&e.source, VMBARE_NOW), VMBARE_LATE);
    assert_int_equal(vmbare_event_set(&e), VMBARE_OK);
    assert_int_equal(vmbare_event_set(&e), VMBARE_OK);
    assert_int_equal(vmbare_wait_for(&e.source, VMBARE_NOW), VMBARE_OK);
    assert_int_equal(vmbare_wait_for(&e.source, VMBARE_NOW), VMBARE_LATE);
    vmbare_event_init(&e, "e", VMBARE_ALL_WAITS);
    vmbare_event_set(&e);
    assert_int_equal(vmbare_wait_for(&e.source, VMBARE_NOW), VMBARE_OK);
    assert_int_equal(vmbare_wait_for(&e.source, VMBARE_NOW), VMBARE_OK);
    vmbare_event_clear(&e);
    assert_int_equal(vmbare_wait_for(&e.source, VMBARE_NOW), VMBARE_LATE);
}

static void wait_ends_at_its_deadline_and_no_sooner(void **unused)
{
    uint64_t began = seam_now(s);
    struct vmbare_event e;
    unsigned which = 7;

    (void)unused;
    vmbare_event_init(&e, "never", VMBARE_ONE_WAIT);
    assert_int_equal(vmbare_wait_for(&e.source, vmbare_after(0.25)),
                     VMBARE_LATE);
    assert_int_equal(seam_now(s) - began, 250 * MS);
    assert_true(hosted_logged(s, "waiting for never"));
    assert_true(hosted_logged(s, "the deadline came before never"));
    struct vmbare_source *what[] = {&e.source};
    assert_int_equal(vmbare_wait(what, 1, began, &which), VMBARE_LATE);
    assert_int_equal(which, 7);
    assert_int_equal(vmbare_after(-1), seam_now(s));
    assert_true(vmbare_after(1e300) > seam_now(s) + SEAM_S);
}

/* The first of those that have happened; the other one stays. */
static void wait_says_which_thing_it_was(void **unused)
{
    struct vmbare_event a, b;
    struct vmbare_source *what[] = {&a.source, &b.source};
    unsigned which;

    (void)unused;
    vmbare_event_init(&a, "a", VMBARE_ONE_WAIT);
    vmbare_event_init(&b, "b", VMBARE_ONE_WAIT);
    vmbare_event_set(&b);
    assert_int_equal(vmbare_wait(what, 2, VMBARE_FOREVER, &which), VMBARE_OK);
    assert_int_equal(which, 1);
    vmbare_event_set(&b);
    vmbare_event_set(&a);
    assert_int_equal(vmbare_wait(what, 2, VMBARE_FOREVER, &which), VMBARE_OK);
    assert_int_equal(which, 0);
    assert_int_equal(vmbare_wait_for(&b.source, VMBARE_NOW), VMBARE_OK);
}

/* ---- keys ---------------------------------------------------------------- */

/* Nothing happens when a key is pressed: the wait has to look. */
static void key_or_line_ends_a_wait(void **unused)
{
    uint64_t began = seam_now(s);

    (void)unused;
    key_at = began + 50 * MS;
    assert_int_equal(vmbare_wait_for(&vmbare_key_source, began + 900 * MS),
                     VMBARE_OK);
    assert_true(seam_now(s) - began <= 70 * MS);
    key_at = 0;
    assert_int_equal(vmbare_wait_for(&vmbare_key_source, seam_now(s) + 45 * MS),
                     VMBARE_LATE);
    line = true;
    assert_int_equal(vmbare_wait_for(&vmbare_line_source, VMBARE_FOREVER),
                     VMBARE_OK);
}

/* ---- messages ------------------------------------------------------------ */

static void messages_are_bounded_and_in_order(void **unused)
{
    struct vmbare_messages m;
    uint32_t room[3], message;

    (void)unused;
    assert_int_equal(vmbare_messages_init(&m, "m", room, sizeof(room[0]), 3),
                     VMBARE_OK);
    assert_int_equal(vmbare_messages_take(&m, &message), VMBARE_EMPTY);
    for (uint32_t round = 0; round < 5; round++) {
        for (message = 1; message <= 3; message++)
            assert_int_equal(vmbare_messages_post(&m, &message), VMBARE_OK);
        assert_int_equal(vmbare_messages_post(&m, &message), VMBARE_BUSY);
        assert_int_equal(vmbare_wait_for(&m.source, VMBARE_NOW), VMBARE_OK);
        for (uint32_t i = 1; i <= 3; i++) {
            assert_int_equal(vmbare_messages_take(&m, &message), VMBARE_OK);
            assert_int_equal(message, i);
            /* The place in the room moves on from round to round. */
            if (i == 1 && round % 2)
                assert_int_equal(vmbare_messages_post(&m, &i), VMBARE_OK);
        }
        if (round % 2)
            assert_int_equal(vmbare_messages_take(&m, &message), VMBARE_OK);
        assert_int_equal(vmbare_wait_for(&m.source, VMBARE_NOW), VMBARE_LATE);
    }
    assert_int_equal(m.refused, 5);
}

/* ---- timers -------------------------------------------------------------- */

static struct {
    uint32_t runs;
    uint8_t irql;
    uint64_t at;
    struct vmbare_timer *timer;
    enum vmbare_cancelled became;
    uint64_t waits; /* how long the function waits */
} ran;

static void note(void *context)
{
    struct vmbare_event never;

    ran.runs++;
    ran.irql = s->irql;
    ran.at = seam_now(s);
    if (context && ran.runs < 4)
        vmbare_timer_set(context, seam_now(s) + 10 * MS, 0);
    if (ran.timer)
        ran.became = vmbare_timer_cancel(ran.timer, VMBARE_FOREVER);
    vmbare_event_init(&never, "never", VMBARE_ONE_WAIT);
    if (ran.waits) {
        uint64_t end = seam_now(s) + ran.waits;

        ran.waits = 0;
        vmbare_wait_for(&never.source, end);
    }
}

static void timer_runs_once_at_its_time_and_level(void **unused)
{
    static const uint8_t levels[] = {SEAM_PASSIVE, SEAM_DISPATCH};
    struct vmbare_timer t;

    (void)unused;
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t due = seam_now(s) + 30 * MS;

        memset(&ran, 0, sizeof(ran));
        assert_int_equal(
            vmbare_timer_init(&t, "t", (enum vmbare_level)i, note, NULL),
            VMBARE_OK);
        assert_int_equal(vmbare_timer_set(&t, due, 0), VMBARE_OK);
        assert_int_equal(vmbare_wait_for(&t.source, VMBARE_FOREVER), VMBARE_OK);
        hosted_advance(s, 100 * MS);
        assert_int_equal(ran.runs, 1);
        assert_int_equal(ran.at, due);
        assert_int_equal(ran.irql, levels[i]);
        assert_int_equal(vmbare_timer_runs(&t), 1);
        assert_int_equal(vmbare_timer_cancel(&t, VMBARE_NOW), VMBARE_NOT_SET);
        assert_int_equal(vmbare_wait_for(&t.source, VMBARE_NOW), VMBARE_LATE);
    }
}

static void periodic_timer_runs_until_it_is_cancelled(void **unused)
{
    struct vmbare_timer t;

    (void)unused;
    for (uint32_t i = 0; i < 2; i++) {
        memset(&ran, 0, sizeof(ran));
        vmbare_timer_init(&t, "t", (enum vmbare_level)i, note, NULL);
        vmbare_timer_set(&t, seam_now(s) + 10 * MS, 5 * MS);
        hosted_advance(s, 32 * MS);
        assert_int_equal(ran.runs, 5);
        assert_int_equal(vmbare_timer_cancel(&t, VMBARE_NOW), VMBARE_CANCELLED);
        hosted_advance(s, 50 * MS);
        assert_int_equal(ran.runs, 5);
        assert_int_equal(vmbare_timer_missed(&t), 0);
    }
}

/* A time that is over means now, even the first of all times. */
static void timer_of_a_time_that_is_over_runs_at_once(void **unused)
{
    struct vmbare_timer t;

    (void)unused;
    memset(&ran, 0, sizeof(ran));
    vmbare_timer_init(&t, "t", VMBARE_DISPATCH, note, NULL);
    hosted_advance(s, SEAM_S);
    vmbare_timer_set(&t, 0, 0);
    hosted_run(s);
    assert_int_equal(ran.runs, 1);
    /* A period that was slept through is not made up for. */
    vmbare_timer_set(&t, seam_now(s) - 95 * MS, 10 * MS);
    hosted_run(s);
    assert_int_equal(ran.runs, 2);
    assert_int_equal(vmbare_timer_missed(&t), 9);
    hosted_advance(s, 10 * MS);
    assert_int_equal(ran.runs, 3);
    vmbare_timer_cancel(&t, VMBARE_NOW);
}

static void timers_expire_in_the_order_of_their_times(void **unused)
{
    static const uint32_t due[] = {40, 10, 30, 10, 20};
    static const uint32_t order[] = {1, 3, 4, 2, 0};
    uint64_t began = seam_now(s);
    struct vmbare_timer t[5];
    const struct vmbare_timer *at;

    (void)unused;
    for (uint32_t i = 0; i < 5; i++) {
        vmbare_timer_init(&t[i], "t", VMBARE_PASSIVE, NULL, NULL);
        vmbare_timer_set(&t[i], began + due[i] * MS, 0);
    }
    at = state.timers;
    for (uint32_t i = 0; i < 5; i++, at = at->next)
        assert_ptr_equal(at, &t[order[i]]);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(vmbare_wait_for(&t[order[i]].source, VMBARE_FOREVER),
                         VMBARE_OK);
        assert_int_equal(seam_now(s), began + due[order[i]] * MS);
    }
    /* One that is set again is moved; one that is taken out is out. */
    for (uint32_t i = 0; i < 3; i++)
        vmbare_timer_set(&t[i], began + SEAM_S * (2 + i), 0);
    vmbare_timer_set(&t[0], began + SEAM_S * 9, 0);
    assert_int_equal(vmbare_timer_cancel(&t[2], VMBARE_NOW), VMBARE_CANCELLED);
    assert_ptr_equal(state.timers, &t[1]);
    assert_ptr_equal(t[1].next, &t[0]);
    assert_null(t[0].next);
}

static void function_may_set_and_cancel_its_own_timer(void **unused)
{
    struct vmbare_timer t;

    (void)unused;
    for (uint32_t i = 0; i < 2; i++) {
        memset(&ran, 0, sizeof(ran));
        vmbare_timer_init(&t, "t", (enum vmbare_level)i, note, &t);
        vmbare_timer_set(&t, seam_now(s), 0);
        hosted_advance(s, SEAM_S);
        assert_int_equal(ran.runs, 4);
        memset(&ran, 0, sizeof(ran));
        ran.timer = &t;
        vmbare_timer_set(&t, seam_now(s), 0);
        hosted_advance(s, SEAM_S);
        assert_int_equal(ran.runs, 1);
        assert_int_equal(ran.became, VMBARE_STILL_RUNNING);
    }
}

/* Expiries during a run: one waits, the others are missed. */
static void expiries_during_a_run_are_missed(void **unused)
{
    struct vmbare_timer t;

    (void)unused;
    memset(&ran, 0, sizeof(ran));
    ran.waits = 35 * MS;
    vmbare_timer_init(&t, "t", VMBARE_PASSIVE, note, NULL);
    vmbare_timer_set(&t, seam_now(s) + 10 * MS, 10 * MS);
    hosted_advance(s, 12 * MS);
    assert_int_equal(vmbare_timer_missed(&t), 2);
    assert_int_equal(vmbare_timer_cancel(&t, VMBARE_NOW), VMBARE_CANCELLED);
}

static void set_for_now(void *timer)
{
    ran.runs++;
    vmbare_timer_set(timer, 0, 0);
}

/* A function that sets its timer for now, without end: after some runs others
 * have a turn. */
static void endless_timer_leaves_turns_to_others(void **unused)
{
    struct vmbare_timer t;

    (void)unused;
    memset(&ran, 0, sizeof(ran));
    vmbare_timer_init(&t, "t", VMBARE_DISPATCH, set_for_now, &t);
    vmbare_timer_set(&t, 0, 0);
    state.alarm.run(state.alarm.arg);
    assert_int_equal(ran.runs, 64);
    assert_true(state.alarm.armed);
    assert_int_equal(vmbare_timer_cancel(&t, VMBARE_NOW), VMBARE_CANCELLED);
    hosted_run(s);
    assert_int_equal(ran.runs, 64);
}

/* ---- work ---------------------------------------------------------------- */

static uint64_t where(void *context)
{
    uint32_t *count = context;

    (*count)++;
    assert_int_equal(s->irql, SEAM_PASSIVE);
    return 1000 + s->cpu;
}

static void work_runs_on_the_processor_that_was_asked_for(void **unused)
{
    struct vmbare_work work;
    uint32_t count = 0;
    uint64_t result;

    (void)unused;
    assert_int_equal(vmbare_processors(), 3);
    assert_int_equal(vmbare_processor(), 0);
    assert_int_equal(vmbare_work_init(&work, "w", where, &count), VMBARE_OK);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(vmbare_run_on(&work, i % 3, VMBARE_FOREVER, &result),
                         VMBARE_OK);
        assert_int_equal(result, 1000 + i % 3);
        assert_int_equal(count, i + 1);
    }
    assert_int_equal(vmbare_work_cancel(&work, VMBARE_NOW), VMBARE_NOT_SET);
}

static void work_that_is_queued_is_busy_and_can_be_cancelled(void **unused)
{
    struct vmbare_work work[3];
    uint32_t count = 0;
    uint64_t result = 5;

    (void)unused;
    for (uint32_t i = 0; i < 3; i++) {
        vmbare_work_init(&work[i], "w", where, &count);
        assert_int_equal(vmbare_work_queue(&work[i], 1), VMBARE_OK);
        assert_int_equal(vmbare_work_queue(&work[i], 2), VMBARE_BUSY);
    }
    assert_int_equal(vmbare_work_result(&work[1], VMBARE_NOW, &result),
                     VMBARE_LATE);
    assert_int_equal(vmbare_work_cancel(&work[1], VMBARE_NOW),
                     VMBARE_CANCELLED);
    assert_int_equal(vmbare_work_cancel(&work[2], VMBARE_NOW),
                     VMBARE_CANCELLED);
    /* The end of the queue moved with the last one. */
    assert_int_equal(vmbare_work_queue(&work[1], 1), VMBARE_OK);
    assert_int_equal(vmbare_work_result(&work[1], VMBARE_FOREVER, &result),
                     VMBARE_OK);
    assert_int_equal(count, 2);
    assert_int_equal(result, 1001);
}

static struct vmbare_work *self;
static enum vmbare_status requeued, waited;
static enum vmbare_cancelled cancelled;

static uint64_t do_odd_things(void *context)
{
    uint32_t *count = context;

    if (++*count == 1) {
        requeued = vmbare_work_queue(self, vmbare_processor());
        waited = vmbare_wait_for(&self->source, vmbare_after(0.1));
    }
    cancelled = vmbare_work_cancel(self, VMBARE_FOREVER);
    return *count;
}

/* On processor 0 work may wait, and what it queues of itself it also cancels;
 * it never waits for itself. */
static void work_may_queue_and_cancel_itself(void **unused)
{
    struct vmbare_work work;
    uint32_t count = 0;
    uint64_t result;

    (void)unused;
    self = &work;
    vmbare_work_init(&work, "w", do_odd_things, &count);
    assert_int_equal(vmbare_run_on(&work, 0, VMBARE_FOREVER, &result),
                     VMBARE_OK);
    assert_int_equal(requeued, VMBARE_OK);
    assert_int_equal(waited, VMBARE_LATE);
    assert_int_equal(cancelled, VMBARE_STILL_RUNNING);
    assert_int_equal(result, 1);
    /* Elsewhere it may not wait. */
    s->log_lines = 0;
    count = 0;
    assert_int_equal(vmbare_run_on(&work, 2, VMBARE_FOREVER, &result),
                     VMBARE_OK);
    assert_int_equal(waited, VMBARE_MISUSE);
    assert_true(hosted_logged(s, "work on another one may not wait; found 2"));
}

static const uint32_t *meanwhile; /* what other work counts */

/* Counts once when it begins, and once when other work has run in its wait. */
static uint64_t longer(void *context)
{
    uint32_t *count = context;
    struct vmbare_event never;

    vmbare_event_init(&never, "never", VMBARE_ONE_WAIT);
    (*count)++;
    vmbare_wait_for(&never.source, seam_now(s) + 40 * MS);
    *count += *meanwhile;
    return 0;
}

/* Work that waits does not keep work behind it. */
static void work_goes_on_while_other_work_waits(void **unused)
{
    struct vmbare_work first, second;
    uint32_t one = 0, two = 0;

    (void)unused;
    meanwhile = &two;
    vmbare_work_init(&first, "first", longer, &one);
    vmbare_work_init(&second, "second", where, &two);
    vmbare_work_queue(&first, 0);
    vmbare_work_queue(&second, 0);
    assert_int_equal(vmbare_work_result(&second, seam_now(s) + 10 * MS, NULL),
                     VMBARE_OK);
    assert_int_equal(two, 1);
    assert_int_equal(vmbare_work_result(&first, VMBARE_FOREVER, NULL),
                     VMBARE_OK);
    assert_int_equal(one, 2);
}

/* ---- locks --------------------------------------------------------------- */

static void lock_raises_the_level_and_gives_it_back(void **unused)
{
    struct vmbare_lock lock = {0};
    struct vmbare_event e;

    (void)unused;
    vmbare_event_init(&e, "e", VMBARE_ONE_WAIT);
    assert_int_equal(vmbare_lock_take(&lock), VMBARE_OK);
    assert_int_equal(s->irql, SEAM_DISPATCH);
    REFUSED(vmbare_lock_take(&lock),
            "a lock that this processor does not hold");
    REFUSED(vmbare_wait_for(&e.source, vmbare_after(1)),
            "code that holds a lock, may not wait; found 2");
    assert_int_equal(vmbare_lock_give(&lock), VMBARE_OK);
    assert_int_equal(s->irql, SEAM_PASSIVE);
    REFUSED(vmbare_lock_give(&lock), "a lock that this processor holds");
    assert_int_equal(vmbare_lock_take(&lock), VMBARE_OK);
    assert_int_equal(vmbare_lock_give(&lock), VMBARE_OK);
}

/* ---- misuse -------------------------------------------------------------- */

static void objects_that_were_not_initialized_are_refused(void **unused)
{
    static const char text[] = "an object that its init function has made";
    struct vmbare_event e = {0};
    struct vmbare_timer t = {0};
    struct vmbare_work work = {0};
    struct vmbare_messages m = {0};
    struct vmbare_source *what[] = {&e.source};
    uint32_t message = 1;

    (void)unused;
    REFUSED(vmbare_event_set(&e), text);
    REFUSED(vmbare_event_clear(NULL), text);
    REFUSED(vmbare_timer_set(&t, 1, 1), text);
    REFUSED(vmbare_work_queue(&work, 0), text);
    REFUSED(vmbare_work_result(&work, VMBARE_NOW, NULL), text);
    REFUSED(vmbare_run_on(&work, 0, VMBARE_NOW, NULL), text);
    REFUSED(vmbare_messages_post(&m, &message), text);
    REFUSED(vmbare_messages_take(&m, &message), text);
    REFUSED(vmbare_wait(what, 1, VMBARE_NOW, NULL), "by number; found 0");
    assert_int_equal(vmbare_timer_cancel(&t, VMBARE_NOW), VMBARE_NOT_CANCELLED);
    assert_int_equal(vmbare_work_cancel(&work, VMBARE_NOW),
                     VMBARE_NOT_CANCELLED);
    /* One object in the place of another. */
    vmbare_event_init(&e, "e", VMBARE_ONE_WAIT);
    REFUSED(vmbare_work_queue((struct vmbare_work *)(void *)&e, 0), text);
}

static void arguments_out_of_range_are_refused(void **unused)
{
    struct vmbare_event e;
    struct vmbare_timer t;
    struct vmbare_work work;
    struct vmbare_messages m;
    struct vmbare_source *what[VMBARE_WAIT_MOST + 1];
    uint32_t count = 0;
    uint8_t room[300];

    (void)unused;
    vmbare_event_init(&e, "e", VMBARE_ALL_WAITS);
    for (uint32_t i = 0; i <= VMBARE_WAIT_MOST; i++)
        what[i] = &e.source;
    REFUSED(vmbare_wait(what, 0, VMBARE_NOW, NULL), "1 to 32 things");
    REFUSED(vmbare_wait(what, VMBARE_WAIT_MOST + 1, VMBARE_NOW, NULL),
            "1 to 32 things to wait for; found 33");
    REFUSED(vmbare_wait(NULL, 1, VMBARE_NOW, NULL), "1 to 32 things");
    what[2] = NULL;
    REFUSED(vmbare_wait(what, 3, VMBARE_NOW, NULL), "by number; found 2");
    REFUSED(vmbare_messages_init(&m, "m", room, 257, 1), "1 to 256 bytes");
    REFUSED(vmbare_messages_init(&m, "m", room, 0, 1), "1 to 256 bytes");
    REFUSED(vmbare_messages_init(&m, "m", room, 4, 0), "room for 1 message");
    REFUSED(vmbare_messages_init(&m, "m", NULL, 4, 1), "room for 1 message");
    REFUSED(vmbare_messages_init(NULL, "m", room, 4, 1), "a struct");
    assert_int_equal(vmbare_messages_init(&m, "m", room, 256, 1), VMBARE_OK);
    REFUSED(vmbare_messages_post(&m, NULL), "a message");
    REFUSED(vmbare_timer_init(&t, "t", (enum vmbare_level)2, note, NULL),
            "VMBARE_PASSIVE or VMBARE_DISPATCH; found 2");
    REFUSED(vmbare_timer_init(NULL, "t", VMBARE_PASSIVE, note, NULL), "a str");
    vmbare_timer_init(&t, "t", VMBARE_PASSIVE, note, NULL);
    REFUSED(vmbare_timer_set(&t, UINT64_MAX, 1), "before the end of the clock");
    REFUSED(vmbare_work_init(&work, "w", NULL, NULL), "a function");
    vmbare_work_init(&work, "w", where, &count);
    REFUSED(vmbare_work_queue(&work, 3), "below vmbare_processors(); found 3");
    assert_int_equal(count, 0);
}

static void in_a_callback(void *event)
{
    struct vmbare_event *e = event;
    struct vmbare_work work;
    uint32_t count = 0;

    REFUSED(vmbare_wait_for(&e->source, vmbare_after(1)),
            "level 0 (PASSIVE): a callback at DISPATCH");
    REFUSED(vmbare_wait_for(&vmbare_key_source, VMBARE_NOW), "level 0");
    vmbare_work_init(&work, "w", where, &count);
    REFUSED(vmbare_run_on(&work, 0, VMBARE_NOW, NULL), "vmbare_run_on: ");
    REFUSED(vmbare_work_result(&work, 5, NULL), "vmbare_work_result: ");
    assert_int_equal(vmbare_work_result(&work, VMBARE_NOW, NULL), VMBARE_OK);
    /* What may be called here works here. */
    assert_int_equal(vmbare_wait_for(&e->source, VMBARE_NOW), VMBARE_LATE);
    assert_int_equal(vmbare_event_set(e), VMBARE_OK);
    assert_int_equal(vmbare_wait_for(&e->source, VMBARE_NOW), VMBARE_OK);
    assert_int_equal(count, 0);
}

static void callback_at_dispatch_may_look_and_not_wait(void **unused)
{
    struct vmbare_event e;

    (void)unused;
    vmbare_event_init(&e, "e", VMBARE_ONE_WAIT);
    hosted_interrupt(s, 1, in_a_callback, &e);
    assert_true(woken[0] > 0);
}

/* Lines 1, 2, 4 and 8 of ten. */
static void misuse_that_is_repeated_does_not_fill_the_log(void **unused)
{
    struct vmbare_event e = {0};

    (void)unused;
    s->log_lines = 0;
    for (uint32_t i = 0; i < 10; i++)
        vmbare_event_set(&e);
    assert_int_equal(s->log_lines, 4);
    vmbare_event_clear(&e);
    vmbare_event_set(&e);
    assert_int_equal(s->log_lines, 6);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(event_that_is_set_before_the_wait_is_not_lost),
        TEST(wait_ends_at_its_deadline_and_no_sooner),
        TEST(wait_says_which_thing_it_was),
        TEST(key_or_line_ends_a_wait),
        TEST(messages_are_bounded_and_in_order),
        TEST(timer_runs_once_at_its_time_and_level),
        TEST(periodic_timer_runs_until_it_is_cancelled),
        TEST(timer_of_a_time_that_is_over_runs_at_once),
        TEST(timers_expire_in_the_order_of_their_times),
        TEST(function_may_set_and_cancel_its_own_timer),
        TEST(expiries_during_a_run_are_missed),
        TEST(endless_timer_leaves_turns_to_others),
        TEST(work_runs_on_the_processor_that_was_asked_for),
        TEST(work_that_is_queued_is_busy_and_can_be_cancelled),
        TEST(work_may_queue_and_cancel_itself),
        TEST(work_goes_on_while_other_work_waits),
        TEST(lock_raises_the_level_and_gives_it_back),
        TEST(objects_that_were_not_initialized_are_refused),
        TEST(arguments_out_of_range_are_refused),
        TEST(callback_at_dispatch_may_look_and_not_wait),
        TEST(misuse_that_is_repeated_does_not_fill_the_log),
    };

    return cmocka_run_group_tests_name("events", tests, NULL, NULL) != 0;
}
