/* SPDX-License-Identifier: BSD-2-Clause */
/* Work on all processors: none of its wake-ups is lost, it is interrupted by
 * deferred work, and what it shares under a lock is not lost. */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/cpu/cpu.h"
#include "arch/cpu/irql.h"
#include "tests/guest/tap.h"
#include "vmbare.h"

enum { ROUNDS = 300, ADDITIONS = 20000, MOST = 8 };

static unsigned processors(void)
{
    return vmbare_processors() < MOST ? vmbare_processors() : MOST;
}

static uint64_t who(void *context)
{
    (void)context;
    return irql_current() * 1000u + vmbare_processor();
}

void test_processors(void)
{
    for (unsigned i = 0; i < processors(); i++) {
        struct vmbare_work work;
        uint64_t result = 0;
        enum vmbare_status status;

        vmbare_work_init(&work, "who", who, NULL);
        status = vmbare_run_on(&work, i, hang(), &result);
        tap_ok(status == VMBARE_OK && result == i,
               "work runs at PASSIVE on processor %u, found %u, status %u", i,
               (unsigned)result, status);
    }
}

/* ---- no wake-up is lost -------------------------------------------------- */

static uint64_t answer(void *context)
{
    (void)vmbare_event_set(context);
    return 0;
}

/* Each round needs two wake-ups: of the processor, and of main. One that is
 * lost would cost a minute. */
void test_wakeups(void)
{
    for (unsigned i = 0; i < processors(); i++) {
        struct vmbare_event event;
        struct vmbare_work work;
        unsigned good = 0;

        vmbare_event_init(&event, "the answer", VMBARE_ONE_WAIT);
        vmbare_work_init(&work, "answer", answer, &event);
        while (good < ROUNDS) {
            (void)vmbare_work_queue(&work, i);
            if (vmbare_wait_for(&event.source, hang()) != VMBARE_OK ||
                vmbare_work_result(&work, hang(), NULL) != VMBARE_OK)
                break;
            good++;
        }
        tap_ok(good == ROUNDS, "%u of %u events of processor %u arrive", good,
               (unsigned)ROUNDS, i);
    }
}

/* ---- deferred work goes on ----------------------------------------------- */

static struct {
    struct vmbare_timer timer;
    uint32_t rang; /* processor + 1 */
} bell;

static void ring(void *context)
{
    (void)context;
    __atomic_store_n(&bell.rang, vmbare_processor() + 1, __ATOMIC_RELEASE);
}

/* Computes until the timer that it has set has interrupted it. */
static uint64_t compute(void *context)
{
    uint64_t end = hang();
    uint32_t rang = 0;

    (void)context;
    vmbare_timer_set(&bell.timer, vmbare_after(0.005), 0);
    while (!rang && vmbare_now() < end)
        rang = __atomic_load_n(&bell.rang, __ATOMIC_ACQUIRE);
    return rang;
}

void test_interrupted(void)
{
    for (unsigned i = 0; i < processors(); i++) {
        struct vmbare_work work;
        uint64_t rang = 0;

        bell.rang = 0;
        vmbare_timer_init(&bell.timer, "bell", VMBARE_DISPATCH, ring, NULL);
        vmbare_work_init(&work, "compute", compute, NULL);
        (void)vmbare_run_on(&work, i, vmbare_after(90), &rang);
        tap_ok(rang == i + 1,
               "a timer interrupts work on processor %u, found %d", i,
               (int)rang - 1);
    }
}

/* ---- memory that is shared ----------------------------------------------- */

static struct {
    struct vmbare_lock lock;
    struct vmbare_messages messages;
    uint32_t room[4];
    uint64_t counter;
} shared;

/* As long as it takes that another processor has stored, too. */
static void add_without_lock(void)
{
    uint64_t before = shared.counter, end = vmbare_after(1e-4);

    while (vmbare_now() < end)
        cpu_relax();
    shared.counter = before + 1;
}

static void add_one(void)
{
    vmbare_lock_take(&shared.lock);
    shared.counter++;
    vmbare_lock_give(&shared.lock);
}

static unsigned additions(void)
{
    return without_lock() ? ADDITIONS / 10 : ADDITIONS;
}

static uint64_t add(void *context)
{
    uint32_t number = *(uint32_t *)context;

    for (uint32_t i = 0; i < additions(); i++) {
        if (without_lock())
            add_without_lock();
        else
            add_one();
    }
    while (vmbare_messages_post(&shared.messages, &number) != VMBARE_OK)
        cpu_relax();
    return 0;
}

/* All at once; a timer at DISPATCH wants the same lock on whichever processor
 * it interrupts. */
static void tick(void *context)
{
    (void)context;
    add_one();
}

void test_sharing(void)
{
    struct vmbare_work work[MOST];
    struct vmbare_timer timer;
    uint32_t numbers[MOST], message, sum = 0, expected = 0;

    memset(&shared, 0, sizeof(shared));
    vmbare_messages_init(&shared.messages, "ends", shared.room,
                         sizeof(shared.room[0]), 4);
    vmbare_timer_init(&timer, "tick", VMBARE_DISPATCH, tick, NULL);
    vmbare_timer_set(&timer, vmbare_now(), 10000);
    for (unsigned i = 0; i < processors(); i++) {
        numbers[i] = 1u << i;
        expected += numbers[i];
        vmbare_work_init(&work[i], "add", add, &numbers[i]);
        vmbare_work_queue(&work[i], i);
    }
    for (unsigned i = 0; i < processors(); i++) {
        vmbare_wait_for(&shared.messages.source, hang());
        if (vmbare_messages_take(&shared.messages, &message) == VMBARE_OK)
            sum += message;
    }
    for (unsigned i = 0; i < processors(); i++)
        vmbare_work_result(&work[i], hang(), NULL);
    vmbare_timer_cancel(&timer, hang());
    tap_ok(sum == expected, "a message of each processor arrives: 0x%x",
           (unsigned)sum);
    tap_ok(shared.counter ==
               (uint64_t)additions() * processors() + vmbare_timer_runs(&timer),
           "no addition under the lock is lost: %u, %u by the timer",
           (unsigned)shared.counter, (unsigned)vmbare_timer_runs(&timer));
}

/* ---- the C library ------------------------------------------------------- */

static uint64_t print_and_allocate(void *context)
{
    uint64_t good = 0;

    (void)context;
    for (unsigned i = 1; i <= 50; i++) {
        char *text = malloc(i * 100);

        if (!text)
            break;
        snprintf(text, i * 100, "%u %s %.2f", i, "texts", (double)i / 4);
        good += strlen(text) >= 12;
        free(text);
    }
    printf("# work on processor %u prints, %.1f\n", vmbare_processor(), 2.5);
    fflush(stdout);
    return good;
}

void test_libc(void)
{
    struct vmbare_work work[MOST];
    uint64_t good = 0;

    for (unsigned i = 0; i < processors(); i++) {
        vmbare_work_init(&work[i], "libc", print_and_allocate, NULL);
        vmbare_work_queue(&work[i], i);
    }
    for (unsigned i = 0; i < processors(); i++) {
        uint64_t result = 0;

        vmbare_work_result(&work[i], hang(), &result);
        good += result;
    }
    tap_ok(good == 50u * processors(),
           "printf and malloc work on all processors at once: %u",
           (unsigned)good);
}
