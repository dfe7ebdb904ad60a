/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events, timers, messages and work between two processors, in every
 * interleaving: no wake-up is lost, no function runs twice at a time or after
 * it was cancelled, no message is lost or comes twice.
 */
#include <stdio.h>
#include <string.h>

#include "model_platform.h"

/* In the arena. */
struct world {
    struct vmbare_event event, ready;
    struct vmbare_timer timer;
    struct vmbare_work work;
    struct vmbare_messages messages;
    uint32_t room[2];
    struct vmbare_lock lock;
    struct seam_work given; /* what deferred work of processor 1 does */
    uint32_t inside;        /* functions that run */
    uint32_t begun, ended;  /* runs of the function */
    uint32_t sets;          /* how often it was set or queued */
    uint32_t seen_sets;     /* when it last began */
    uint32_t went_on;       /* waits that have ended */
    uint32_t posted, taken;
    bool gone; /* what was cancelled may be freed */
};

static struct world *w;

/* Of the test that is explored; constants while it is. */
static struct {
    enum vmbare_event_kind kind;
    enum vmbare_level level;
    uint64_t period;
    uint32_t queue_on[2];
    bool rearms;
} shape;

/* ---- functions under test ------------------------------------------------ */

static void enter(void)
{
    model_expect(!w->gone, "a function begins after it was cancelled");
    model_expect(!w->inside, "a function runs twice at a time");
    w->inside++;
    w->begun++;
    w->seen_sets = w->sets;
    model_step();
}

static void leave(void)
{
    w->inside--;
    w->ended++;
    model_expect(!w->gone, "a cancel did not wait for the function");
}

static uint64_t add(void *context)
{
    enter();
    (*(uint32_t *)context)++;
    leave();
    return 40 + w->ended;
}

static bool has_gone_on(void *arg)
{
    (void)arg;
    return w->went_on != 0;
}

/* Its end, which would wake main as well, comes later. */
static uint64_t set_under_lock(void *context)
{
    (void)vmbare_lock_take(&w->lock);
    (void)vmbare_event_set(context);
    (void)vmbare_lock_give(&w->lock);
    model_wait(has_gone_on, NULL);
    return 0;
}

static uint64_t post_one(void *context)
{
    uint32_t message = 7;

    (void)vmbare_messages_post(context, &message);
    model_wait(has_gone_on, NULL);
    return 0;
}

static void expired(void *context)
{
    (void)context;
    enter();
    if (shape.rearms && w->begun < 3)
        (void)vmbare_timer_set(&w->timer, seam_now(NULL) + 10, 0);
    leave();
}

/* ---- what deferred work of processor 1 does ------------------------------ */

static void give_event(void *arg)
{
    (void)arg;
    (void)vmbare_event_set(&w->event);
}

static void set_timer(void *arg)
{
    (void)arg;
    w->sets++;
    model_expect(vmbare_timer_set(&w->timer, 200, shape.period) == VMBARE_OK,
                 "a timer cannot be set");
    (void)vmbare_event_set(&w->ready);
}

/* Three into room for two: one that finds no room is told so. */
static void post(void *arg)
{
    (void)arg;
    for (uint32_t i = 1; i <= 3; i++) {
        uint32_t message = w->posted + 1;

        if (vmbare_messages_post(&w->messages, &message) == VMBARE_OK)
            w->posted++;
    }
}

static void prepare(uint32_t alarms, void (*given)(void *arg))
{
    platform_prepare(alarms);
    w = model_alloc(sizeof(*w));
    vmbare_event_init(&w->event, "event", shape.kind);
    vmbare_event_init(&w->ready, "ready", VMBARE_ONE_WAIT);
    (void)vmbare_timer_init(&w->timer, "timer", shape.level, expired, NULL);
    (void)vmbare_work_init(&w->work, "work", add, &w->seen_sets);
    (void)vmbare_messages_init(&w->messages, "messages", w->room,
                               sizeof(w->room[0]), 2);
    w->given = (struct seam_work){.run = given, .level = SEAM_DISPATCH};
    if (given)
        seam_work_queue(NULL, &w->given, 1);
}

/* ---- waits --------------------------------------------------------------- */

static void wait_for_event(void)
{
    model_expect(vmbare_wait_for(&w->event.source, VMBARE_FOREVER) == VMBARE_OK,
                 "a wait ends without its event");
    w->went_on++;
}

static void one_waits(void)
{
    platform_program(wait_for_event);
}

static bool one_went_on(void)
{
    return w->went_on == 1 && platform_is_idle();
}

static bool two_went_on(void)
{
    return w->went_on == 2 && platform_is_idle();
}

static void prepare_event(void)
{
    memset(&shape, 0, sizeof(shape));
    prepare(0, give_event);
}

static void prepare_for_all(void)
{
    memset(&shape, 0, sizeof(shape));
    shape.kind = VMBARE_ALL_WAITS;
    prepare(0, give_event);
}

/* Set before the wait or during it, as the explorer chooses. */
static void set_elsewhere(void)
{
    struct vmbare_source *both[] = {&w->ready.source, &w->event.source};
    struct vmbare_work *work = &w->work;
    unsigned which;

    (void)vmbare_work_init(work, "sets", set_under_lock, &w->event);
    (void)vmbare_work_queue(work, 1);
    model_expect(vmbare_wait(both, 2, VMBARE_FOREVER, &which) == VMBARE_OK &&
                     which == 1,
                 "a wait for two does not say which it was");
    w->went_on++;
}

static void main_sets_elsewhere(void)
{
    platform_program(set_elsewhere);
}

static void prepare_work(void)
{
    memset(&shape, 0, sizeof(shape));
    prepare(0, NULL);
}

static void post_elsewhere(void)
{
    uint32_t message = 0;

    (void)vmbare_work_init(&w->work, "posts", post_one, &w->messages);
    (void)vmbare_work_queue(&w->work, 1);
    (void)vmbare_wait_for(&w->messages.source, VMBARE_FOREVER);
    model_expect(vmbare_messages_take(&w->messages, &message) == VMBARE_OK &&
                     message == 7,
                 "a message is not what was posted");
    w->went_on++;
}

static void main_posts_elsewhere(void)
{
    platform_program(post_elsewhere);
}

/* The alarm is on processor 1, the wait on processor 0. */
static void wait_for_timer(void)
{
    (void)vmbare_wait_for(&w->ready.source, VMBARE_FOREVER);
    (void)vmbare_wait_for(&w->timer.source, VMBARE_FOREVER);
    w->went_on++;
}

static void main_waits_for_timer(void)
{
    platform_program(wait_for_timer);
}

static void prepare_timer_wait(void)
{
    memset(&shape, 0, sizeof(shape));
    prepare(1, set_timer);
    (void)vmbare_timer_init(&w->timer, "timer", VMBARE_PASSIVE, NULL, NULL);
}

/* ---- messages ------------------------------------------------------------ */

static bool take_one(void)
{
    uint32_t message;

    if (vmbare_messages_take(&w->messages, &message) != VMBARE_OK)
        return false;
    model_expect(message == ++w->taken, "a message is lost, or comes twice");
    return true;
}

/* Until there can be no more: the poster gives the event last. */
static void take_messages(void)
{
    struct vmbare_source *both[] = {&w->messages.source, &w->event.source};
    unsigned which = 0;

    while (which == 0) {
        (void)vmbare_wait(both, 2, VMBARE_FOREVER, &which);
        if (which == 0)
            (void)take_one();
    }
    while (take_one())
        ;
    model_expect(w->taken == w->posted, "a message did not arrive");
    w->went_on++;
}

static void main_takes(void)
{
    platform_program(take_messages);
}

static void post_and_give(void *arg)
{
    post(arg);
    model_expect(w->posted + w->messages.refused == 3, "a post is not told of");
    model_expect(w->posted >= 2, "there is room and none is found");
    give_event(arg);
}

static void prepare_messages(void)
{
    memset(&shape, 0, sizeof(shape));
    prepare(0, post_and_give);
}

/* ---- work ---------------------------------------------------------------- */

static void run_on_other(void)
{
    uint64_t result = 0;

    model_expect(vmbare_run_on(&w->work, 1, VMBARE_FOREVER, &result) ==
                         VMBARE_OK &&
                     result == 41 && w->ended == 1,
                 "the result is not the function's");
    w->gone = true;
    w->went_on++;
}

static void main_runs_on_other(void)
{
    platform_program(run_on_other);
}

/* Each queueing that is accepted is followed by a run. */
static void queue_twice(void)
{
    uint32_t accepted = 0;

    for (uint32_t i = 0; i < 2; i++) {
        w->sets++;
        if (vmbare_work_queue(&w->work, shape.queue_on[i]) == VMBARE_OK)
            accepted++;
        else
            w->sets--;
    }
    (void)vmbare_work_result(&w->work, VMBARE_FOREVER, NULL);
    model_expect(w->ended == accepted && w->work.job.runs == accepted,
                 "work does not run once for each time that it was queued");
    w->gone = true;
    w->went_on++;
}

static void main_queues_twice(void)
{
    platform_program(queue_twice);
}

static void prepare_again(void)
{
    memset(&shape, 0, sizeof(shape));
    shape.queue_on[0] = 1;
    prepare(0, NULL);
}

static void cancel_work(void)
{
    enum vmbare_cancelled became;

    (void)vmbare_work_queue(&w->work, 1);
    became = vmbare_work_cancel(&w->work, VMBARE_FOREVER);
    w->gone = true;
    model_expect(became == (w->begun ? VMBARE_NOT_SET : VMBARE_CANCELLED),
                 "a cancel does not say whether the work ran");
    w->went_on++;
}

static void main_cancels_work(void)
{
    platform_program(cancel_work);
}

/* ---- timers -------------------------------------------------------------- */

static void cancel_timer(void)
{
    enum vmbare_cancelled became;

    (void)vmbare_wait_for(&w->ready.source, VMBARE_FOREVER);
    became = vmbare_timer_cancel(&w->timer, VMBARE_FOREVER);
    w->gone = true;
    model_expect(became == VMBARE_CANCELLED || became == VMBARE_NOT_SET,
                 "a cancel does not wait");
    if (!shape.period && !shape.rearms)
        model_expect(became == (w->begun ? VMBARE_NOT_SET : VMBARE_CANCELLED),
                     "a cancel does not say whether the timer ran");
    w->went_on++;
}

static void main_cancels_timer(void)
{
    platform_program(cancel_timer);
}

static void prepare_timer(enum vmbare_level level, uint64_t period, bool rearms,
                          uint32_t alarms)
{
    memset(&shape, 0, sizeof(shape));
    shape.level = level;
    shape.period = period;
    shape.rearms = rearms;
    prepare(alarms, set_timer);
}

static void prepare_once_dispatch(void)
{
    prepare_timer(VMBARE_DISPATCH, 0, false, 2);
}

static void prepare_once_passive(void)
{
    prepare_timer(VMBARE_PASSIVE, 0, false, 2);
}

static void prepare_periodic_dispatch(void)
{
    prepare_timer(VMBARE_DISPATCH, 10, false, 3);
}

static void prepare_periodic_passive(void)
{
    prepare_timer(VMBARE_PASSIVE, 10, false, 3);
}

static void prepare_rearming(void)
{
    prepare_timer(VMBARE_DISPATCH, 0, true, 3);
}

static void prepare_rearming_passive(void)
{
    prepare_timer(VMBARE_PASSIVE, 0, true, 3);
}

/* Both processors set it; the alarm moves from one to the other. */
static void set_too(void)
{
    w->sets++;
    (void)vmbare_timer_set(&w->timer, 150, shape.period);
    w->went_on++;
}

static void main_sets_too(void)
{
    platform_program(set_too);
}

static void prepare_two_sets(void)
{
    prepare_timer(VMBARE_DISPATCH, 0, false, 8);
}

static void prepare_two_sets_periodic(void)
{
    prepare_timer(VMBARE_DISPATCH, 10, false, 3);
}

static void prepare_two_sets_passive(void)
{
    prepare_timer(VMBARE_PASSIVE, 0, false, 8);
}

/* Or it still waits for the alarm, which goes off so many times only. */
static bool has_run_since(void)
{
    return one_went_on() && !w->inside && w->ended <= w->sets &&
           (w->seen_sets == w->sets || w->timer.set);
}

/* ---- all ----------------------------------------------------------------- */

#define TEST(text, before, main_program, other, end)                    \
    {                                                                   \
        .name = (text), .prepare = (before),                            \
        .run = {(main_program),    (other),           platform_passive, \
                platform_dispatch, platform_dispatch, platform_parked}, \
        .may_run = platform_may_run, .done = (end)                      \
    }

static void nothing(void)
{
}

static const struct model_test tests[] = {
    TEST("an event that is set at DISPATCH on another processor ends the wait",
         prepare_event, one_waits, nothing, one_went_on),
    TEST("an event for one wait lets one of two waits go on", prepare_event,
         one_waits, one_waits, one_went_on),
    TEST("an event for all waits lets both go on", prepare_for_all, one_waits,
         one_waits, two_went_on),
    TEST("an event that is set by work on another processor, with a lock held, "
         "ends the wait",
         prepare_work, main_sets_elsewhere, nothing, one_went_on),
    TEST("a message that work on another processor posts ends the wait",
         prepare_work, main_posts_elsewhere, nothing, one_went_on),
    TEST("a timer that expires on another processor ends the wait",
         prepare_timer_wait, main_waits_for_timer, nothing, one_went_on),
    TEST("messages come once and in order, and a full queue says so",
         prepare_messages, main_takes, nothing, one_went_on),
    TEST("work on another processor gives its result", prepare_work,
         main_runs_on_other, nothing, one_went_on),
    TEST("work that is queued on two processors never runs twice at a time",
         prepare_again, main_queues_twice, nothing, one_went_on),
    TEST("work that was cancelled does not run, and a run is waited for",
         prepare_work, main_cancels_work, nothing, one_went_on),
    TEST("a timer at DISPATCH that was cancelled does not run",
         prepare_once_dispatch, main_cancels_timer, nothing, one_went_on),
    TEST("a timer at PASSIVE that was cancelled does not run",
         prepare_once_passive, main_cancels_timer, nothing, one_went_on),
    TEST("a periodic timer at DISPATCH that was cancelled does not run again",
         prepare_periodic_dispatch, main_cancels_timer, nothing, one_went_on),
    TEST("a periodic timer at PASSIVE that was cancelled does not run again",
         prepare_periodic_passive, main_cancels_timer, nothing, one_went_on),
    TEST("a timer that sets itself at DISPATCH is cancelled for good",
         prepare_rearming, main_cancels_timer, nothing, one_went_on),
    TEST("a timer that sets itself at PASSIVE is cancelled for good",
         prepare_rearming_passive, main_cancels_timer, nothing, one_went_on),
    TEST("a timer at DISPATCH that is set while it runs runs again",
         prepare_two_sets, main_sets_too, nothing, has_run_since),
    TEST(
        "a periodic timer that is set while it runs never runs twice at a time",
        prepare_two_sets_periodic, main_sets_too, nothing, one_went_on),
    TEST("a timer at PASSIVE that is set while it runs runs again",
         prepare_two_sets_passive, main_sets_too, nothing, has_run_since),
};

#define TESTS (sizeof(tests) / sizeof(tests[0]))

static struct model_result result;

static bool explore(const struct model_test *test, size_t number)
{
    model_explore(test, &result);
    printf("# %llu states\n", (unsigned long long)result.states);
    printf("%sok %zu - %s\n", result.fault ? "not " : "", number, test->name);
    if (result.fault)
        printf("# %s, by:%s\n", result.fault, result.way);
    fflush(stdout);
    return !result.fault;
}

int main(void)
{
    int failed = 0;

    printf("1..%zu\n", TESTS);
    for (size_t i = 0; i < TESTS; i++)
        failed += !explore(&tests[i], i + 1);
    return failed;
}
