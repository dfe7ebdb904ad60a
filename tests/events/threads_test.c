/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events, timers, messages and work on two to four real threads
 * (tests/threads/platform.h), once with ThreadSanitizer and once with
 * AddressSanitizer. What work and callbacks share with main is plain memory:
 * only what vmbare_events.h promises orders them, and an object is freed as
 * soon as it says.
 *
 * ROUNDS=n in the environment runs so many rounds, SEED=n begins with that one,
 * BREAKS=1 or 2 breaks a rule.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/system/events/platform.h"
#include "tests/looped/looped.h"
#include "tests/threads/private.h"

#define PASSES   24u
#define MESSAGES 40u

/* Rules of vmbare_events.h that this program can break on purpose: each is what
 * one of the sanitizers must report. */
enum { HONEST, WITHOUT_LOCK, FREES_WHAT_IS_SET };

static uint32_t breaks;
static struct seam *s;
static struct events_state state;
static bool (*parked_waits)(void); /* atomic; NULL: not yet */
static void (*work_parked)(void);

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
    return threads_self();
}

/* The threads look by themselves. */
void events_wake(uint32_t processor)
{
    (void)processor;
}

void events_park(bool (*waits)(void), void (*run)(void))
{
    work_parked = run;
    __atomic_store_n(&parked_waits, waits, __ATOMIC_RELEASE);
}

bool events_key_waiting(void)
{
    return false;
}

bool events_line_waiting(void)
{
    return false;
}

static bool run_parked(void)
{
    bool (*waits)(void) = __atomic_load_n(&parked_waits, __ATOMIC_ACQUIRE);

    if (!waits || !waits())
        return false;
    work_parked();
    return true;
}

static void expect(bool holds, const char *what)
{
    if (!holds)
        looped_fail(what);
}

/* ---- work: what main stores is seen there, and the result here ----------- */

struct sum {
    uint32_t numbers[8];
    uint64_t sum;
};

static uint64_t add_up(void *context)
{
    struct sum *sum = context;

    sum->sum = 0;
    for (uint32_t i = 0; i < 8; i++)
        sum->sum += sum->numbers[i];
    return sum->sum;
}

/* On all processors at once; each is freed as soon as it has ended. */
static void turn_of_work(void)
{
    struct vmbare_work *work[THREADS_MAX];
    struct sum sums[THREADS_MAX];
    uint64_t result;

    for (uint32_t i = 0; i < s->cpus; i++) {
        work[i] = malloc(sizeof(*work[i]));
        for (uint32_t k = 0; k < 8; k++)
            sums[i].numbers[k] = threads_random(1000);
        vmbare_work_init(work[i], "sum", add_up, &sums[i]);
        expect(vmbare_work_queue(work[i], i) == VMBARE_OK, "work is busy");
    }
    for (uint32_t i = 0; i < s->cpus; i++) {
        if (threads_random(4) == 0) {
            expect(vmbare_work_cancel(work[i], VMBARE_FOREVER) <=
                       VMBARE_NOT_SET,
                   "a cancel does not wait");
        } else {
            expect(vmbare_work_result(work[i], VMBARE_FOREVER, &result) ==
                           VMBARE_OK &&
                       result == sums[i].sum,
                   "the sum is wrong");
        }
        free(work[i]);
    }
}

/* ---- timers: set on any processor, cancelled on processor 0 -------------- */

struct timed {
    struct vmbare_timer timer;
    struct vmbare_work setter;
    struct vmbare_event is_set;
    uint64_t period;
    uint32_t *runs; /* plain: read after the cancel */
};

static void expired(void *context)
{
    struct timed *t = context;

    (*t->runs)++;
}

static uint64_t set_timer(void *context)
{
    struct timed *t = context;

    vmbare_timer_set(&t->timer, seam_now(s) + 10 * threads_random(30),
                     t->period);
    vmbare_event_set(&t->is_set);
    return 0;
}

static void turn_of_timer(void)
{
    struct timed *t = malloc(sizeof(*t));
    uint32_t runs = 0;
    enum vmbare_cancelled became;

    memset(t, 0, sizeof(*t));
    t->runs = &runs;
    t->period = threads_random(2) ? 0 : 10 * (1 + threads_random(20));
    vmbare_timer_init(&t->timer, "timer",
                      threads_random(2) ? VMBARE_DISPATCH : VMBARE_PASSIVE,
                      expired, t);
    vmbare_event_init(&t->is_set, "is set", VMBARE_ONE_WAIT);
    vmbare_work_init(&t->setter, "setter", set_timer, t);
    vmbare_work_queue(&t->setter, threads_random(s->cpus));
    expect(vmbare_wait_for(&t->is_set.source, VMBARE_FOREVER) == VMBARE_OK,
           "the timer is not set");
    if (threads_random(2))
        threads_sleep(s, threads_random(100));
    if (breaks == FREES_WHAT_IS_SET) {
        free(t);
        return;
    }
    became = vmbare_timer_cancel(&t->timer, VMBARE_FOREVER);
    expect(became <= VMBARE_NOT_SET, "a cancel does not wait");
    if (!t->period)
        expect(runs == (became == VMBARE_NOT_SET), "a cancel tells a lie");
    expect(vmbare_work_result(&t->setter, VMBARE_FOREVER, NULL) == VMBARE_OK,
           "the setter does not end");
    free(t);
}

/* ---- messages and a lock: all processors at the same time ---------------- */

struct post {
    uint64_t payload[4];
};

static struct {
    struct vmbare_messages messages;
    struct post room[8];
    struct vmbare_lock lock;
    uint64_t counter; /* under the lock */
} shared;

/* Queues itself again until all of its messages are posted. */
struct poster {
    struct vmbare_work work;
    uint32_t number, posted;
};

static uint64_t post(void *context)
{
    struct poster *p = context;

    while (p->posted < MESSAGES) {
        struct post message = {{p->number, p->posted, ~(uint64_t)p->posted}};

        if (vmbare_messages_post(&shared.messages, &message) != VMBARE_OK)
            break;
        p->posted++;
        if (breaks == WITHOUT_LOCK) {
            shared.counter++;
            continue;
        }
        vmbare_lock_take(&shared.lock);
        shared.counter++;
        vmbare_lock_give(&shared.lock);
    }
    if (p->posted < MESSAGES)
        vmbare_work_queue(&p->work, p->number);
    return 0;
}

static void turn_of_messages(void)
{
    struct poster posters[THREADS_MAX];
    uint64_t next[THREADS_MAX] = {0};
    struct post message;

    shared.counter = 0;
    vmbare_messages_init(&shared.messages, "messages", shared.room,
                         sizeof(shared.room[0]), 8);
    for (uint32_t i = 0; i < s->cpus; i++) {
        posters[i].number = i;
        posters[i].posted = 0;
        vmbare_work_init(&posters[i].work, "poster", post, &posters[i]);
        vmbare_work_queue(&posters[i].work, i);
    }
    for (uint32_t left = s->cpus * MESSAGES; left > 0; left--) {
        expect(vmbare_wait_for(&shared.messages.source, VMBARE_FOREVER) ==
                       VMBARE_OK &&
                   vmbare_messages_take(&shared.messages, &message) ==
                       VMBARE_OK,
               "a message is missing");
        expect(message.payload[1] == next[message.payload[0]]++ &&
                   message.payload[2] == ~message.payload[1],
               "a message is damaged or out of order");
    }
    for (uint32_t i = 0; i < s->cpus; i++)
        vmbare_work_result(&posters[i].work, VMBARE_FOREVER, NULL);
    expect(shared.counter == s->cpus * MESSAGES, "the lock lost an addition");
}

/* ---- rounds -------------------------------------------------------------- */

static void round_of(uint32_t seed)
{
    memset(&state, 0, sizeof(state));
    __atomic_store_n(&parked_waits, NULL, __ATOMIC_RELAXED);
    threads_parked = run_parked;
    (void)threads_create(2 + seed % 3, seed);
    for (uint32_t i = 0; i < PASSES; i++) {
        turn_of_work();
        turn_of_timer();
        if (i % 6 == 0)
            turn_of_messages();
    }
    expect(threads_destroy(s), "something is left");
}

int main(void)
{
    uint32_t rounds = looped_number("ROUNDS", 12);
    uint32_t seed = looped_number("SEED", 1);

    s = &threads.seam; /* before there is another thread */
    breaks = looped_number("BREAKS", HONEST);
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (uint32_t i = 0; i < rounds; i++)
        round_of(seed + i);
    printf("# %u rounds\n", rounds);
    return 0;
}
