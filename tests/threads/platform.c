/* SPDX-License-Identifier: BSD-2-Clause */
/* The threaded seam's processors and their threads. See platform.h. */
#include "private.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

struct threads threads;
bool (*threads_parked)(void);
__thread struct threads_own threads_own;

uint32_t threads_self(void)
{
    return threads_own.cpu;
}

uint32_t threads_random(uint32_t limit)
{
    threads_own.random ^= threads_own.random << 13;
    threads_own.random ^= threads_own.random >> 17;
    threads_own.random ^= threads_own.random << 5;
    return threads_own.random % limit;
}

/* Now and then another thread comes first. */
void threads_stagger(void)
{
    if (threads_random(32) == 0)
        sched_yield();
}

void threads_take(uint32_t *lock)
{
    while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
        sched_yield();
}

void threads_give(uint32_t *lock)
{
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/* ---- processors ---------------------------------------------------------- */

/* One item or timer of the calling processor, as an interrupt would run it. */
bool threads_run_deferred(struct seam *s)
{
    bool ran;

    threads_own.deferred = true;
    threads_own.irql = SEAM_DISPATCH;
    ran =
        threads_run_work(&threads.cpu[threads_own.cpu]) || threads_run_timer(s);
    if (threads_own.irql != SEAM_DISPATCH)
        looped_fail("deferred work changed the IRQL");
    threads_own.irql = SEAM_PASSIVE;
    threads_own.deferred = false;
    return ran;
}

/* One step of processor 0 at PASSIVE. */
bool threads_step(struct seam *s)
{
    if (threads_own.turns++ < TURNS && threads_run_deferred(s))
        return true;
    threads_own.turns = 0;
    return threads_run_work(&threads.cpu[THREADS_MAX]) ||
           threads_run_deferred(s);
}

static void *processor(void *number)
{
    threads_own.cpu = (uint32_t)(uintptr_t)number;
    threads_own.random = threads.seed * 2654435761u + threads_own.cpu + 1;
    while (!__atomic_load_n(&threads.ending, __ATOMIC_ACQUIRE))
        if (!threads_run_deferred(&threads.seam) &&
            !(threads_parked && threads_parked()))
            usleep(20);
    while (threads_run_deferred(&threads.seam))
        ;
    return NULL;
}

struct seam *threads_create(uint32_t cpus, uint32_t seed)
{
    memset(&threads, 0, sizeof(threads));
    threads.seam.cpus = cpus;
    threads.seed = seed;
    threads_own.random = seed * 2654435761u + 1;
    threads_timers_reset();
    threads_memory_create();
    for (uint32_t cpu = 0; cpu < cpus; cpu++)
        threads.cpu[cpu].due = SEAM_FOREVER;
    for (uint32_t cpu = 1; cpu < cpus; cpu++)
        if (pthread_create(&threads.cpu[cpu].thread, NULL, processor,
                           (void *)(uintptr_t)cpu))
            looped_fail("no thread");
    return &threads.seam;
}

bool threads_destroy(struct seam *s)
{
    bool clean;

    while (threads_step(s))
        ;
    __atomic_store_n(&threads.ending, true, __ATOMIC_RELEASE);
    for (uint32_t cpu = 1; cpu < s->cpus; cpu++)
        pthread_join(threads.cpu[cpu].thread, NULL);
    clean = threads_memory_is_empty();
    threads_memory_destroy();
    return clean;
}

uint32_t seam_cpu_count(struct seam *s)
{
    return s->cpus;
}

uint32_t seam_vp_index(struct seam *s, uint32_t cpu)
{
    (void)s;
    return cpu;
}
