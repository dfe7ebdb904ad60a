/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the other processors: work, wake-ups, locks, and unmapping. */
#include "machine.h"

#include "arch/time/clock.h"
#include "arch/cpu/cpu.h"
#include "arch/interrupts/deferred.h"
#include "arch/cpu/irql.h"
#include "arch/memory/pages.h"
#include "tests/guest/tap.h"
#include "arch/time/wait.h"

/* On a busy build machine a round may take 50 ms, so fewer rounds run there. */
#define ROUNDS          2000
#define ROUNDS_AT_LEAST 100
#define ROUNDS_TIME     (10 * CLOCK_UNITS_PER_S)

#define INCREMENTS 20000
#define DEADLINE   (120 * CLOCK_UNITS_PER_S) /* for a guest that hangs */

static struct deferred_item items[CPUS_MAX];
static uint32_t answered;
static struct spinlock lock;
static uint64_t guarded;
static uint64_t halts_before[CPUS_MAX];

static bool all_answered(void *arg)
{
    return __atomic_load_n(&answered, __ATOMIC_ACQUIRE) >=
           *(const uint32_t *)arg;
}

static void answer(void *arg)
{
    uint32_t *index = arg;

    *index = this_cpu()->index;
    __atomic_fetch_add(&answered, 1, __ATOMIC_RELEASE);
}

static void count(void *arg)
{
    (void)arg;
    for (int i = 0; i < INCREMENTS; i++) {
        uint8_t irql = spin_lock(&lock);

        guarded++;
        spin_unlock(&lock, irql);
    }
    __atomic_fetch_add(&answered, 1, __ATOMIC_RELEASE);
}

/* Queues `run` on each processor and waits until all have run it. */
static bool everywhere(void (*run)(void *), uint32_t *seen)
{
    uint32_t n = cpu_count();

    answered = 0;
    for (uint32_t i = 0; i < n; i++) {
        items[i] = (struct deferred_item){
            .run = run, .arg = &seen[i], .level = IRQL_DISPATCH};
        deferred_queue(&items[i], i);
    }
    return wait_until(all_answered, &n, clock_now() + DEADLINE,
                      "the other processors") == 0;
}

static void test_work(void)
{
    static uint32_t seen[CPUS_MAX];
    uint64_t end = clock_now() + ROUNDS_TIME;
    bool ok = true;
    int round;

    for (uint32_t i = 0; i < cpu_count(); i++)
        halts_before[i] = cpu_of(i)->halts;
    for (round = 0;
         ok && round < ROUNDS && (round < ROUNDS_AT_LEAST || clock_now() < end);
         round++) {
        ok = everywhere(answer, seen);
        for (uint32_t i = 0; ok && i < cpu_count(); i++)
            ok = seen[i] == i;
    }
    tap_ok(ok,
           "in %d rounds on %u processors work runs on the processor asked for",
           round, cpu_count());
    for (uint32_t i = 1; i < cpu_count(); i++)
        ok = ok && cpu_of(i)->halts > halts_before[i];
    tap_ok(ok, "the other processors sleep in HLT between rounds of work");
}

/* After some hundred wake-ups. Each has arrived, or the work before would not
 * have run: an end that is spared wrongly blocks the next interrupt. */
static void test_spared(void)
{
    uint64_t spared = 0;
    bool offered = true;

    for (uint32_t i = 0; i < cpu_count(); i++) {
        offered = offered && cpu_of(i)->no_eoi;
        spared += cpu_of(i)->eois_spared;
    }
    tap_note("interrupts that needed no EOI: %llu", (unsigned long long)spared);
    tap_ok(offered ? spared > 0 || cpu_count() == 1 : spared == 0,
           "interrupts need no EOI where the hypervisor says so, and only "
           "there");
}

static void test_lock(void)
{
    static uint32_t unused[CPUS_MAX];
    bool ok = everywhere(count, unused);

    tap_ok(ok && guarded == (uint64_t)INCREMENTS * cpu_count(),
           "a spinlock keeps the increments of %u processors apart",
           cpu_count());
}

/* Each processor reads a page, which another page then replaces at the same
 * address. After that no processor may read the old page. */
static volatile uint64_t *shared;

static void read_shared(void *arg)
{
    *(uint32_t *)arg = (uint32_t)*shared;
    __atomic_fetch_add(&answered, 1, __ATOMIC_RELEASE);
}

static void test_flush(void)
{
    static uint32_t seen[CPUS_MAX];
    uint64_t frames[2];
    uint64_t *pages = pages_alloc(2, frames);
    bool ok = pages != NULL, same_address = true;
    void *first = NULL;

    for (uint32_t turn = 0; ok && turn < 200; turn++) {
        pages[turn % 2 * (PAGE_SIZE / 8)] = turn;
        shared = pages_map(&frames[turn % 2], 1, 1);
        first = first ? first : (void *)(uintptr_t)shared;
        same_address = same_address && first == (void *)(uintptr_t)shared;
        ok = shared && everywhere(read_shared, seen);
        for (uint32_t i = 0; ok && i < cpu_count(); i++)
            ok = seen[i] == turn;
        pages_unmap((void *)(uintptr_t)shared, 1, 1);
    }
    tap_ok(ok && same_address,
           "no processor sees a page that was unmapped before");
    pages_free(pages, 2);
}

void test_processors(void)
{
    tap_note("processors: %u", cpu_count());
    test_work();
    test_spared();
    test_lock();
    test_flush();
}
