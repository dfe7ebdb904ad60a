/* SPDX-License-Identifier: BSD-2-Clause */
/* The threaded seam: processors, work, timers, locks. See platform.h. */
#include "platform.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vmbus/loopback.h"

#define TIMERS 256u

/* Items in a row before PASSIVE has a turn. */
#define TURNS 64u

struct processor {
    pthread_t thread;
    struct seam_work *pushed; /* by anybody, the newest first */
    struct seam_work *queue;  /* the processor's own, the oldest first */
    uint64_t due;             /* of its first timer, without a lock */
};

static struct {
    struct seam seam;
    struct processor cpu[THREADS_MAX + 1]; /* the last: PASSIVE work */
    uint32_t timer_lock;
    struct {
        struct seam_timer *timer;
        uint32_t cpu;
    } timers[TIMERS];
    bool ending;
    uint32_t seed;
} p;

static __thread struct {
    uint32_t cpu;
    uint32_t random;
    uint32_t turns; /* of deferred work since PASSIVE had one */
    uint8_t irql;
    bool deferred; /* deferred work runs on this thread */
} self;

uint32_t threads_self(void)
{
    return self.cpu;
}

_Noreturn void threads_fail(const char *why)
{
    printf("not ok - %s\n", why);
    fflush(stdout);
    _exit(1);
}

uint32_t threads_random(uint32_t limit)
{
    self.random ^= self.random << 13;
    self.random ^= self.random >> 17;
    self.random ^= self.random << 5;
    return self.random % limit;
}

/* Now and then another thread comes first. */
static void stagger(void)
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

/* ---- work ---------------------------------------------------------------- */

void seam_work_queue(struct seam *s, struct seam_work *w, uint32_t cpu)
{
    struct seam_work **head =
        &p.cpu[w->level == SEAM_PASSIVE ? THREADS_MAX : cpu].pushed;

    if (w->level != SEAM_PASSIVE && cpu >= s->cpus)
        threads_fail("work for a processor that does not exist");
    if (__atomic_exchange_n(&w->queued, true, __ATOMIC_ACQ_REL))
        return;
    w->next = __atomic_load_n(head, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(head, &w->next, w, false,
                                        __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        ;
}

/* Moves what was pushed behind what is queued already, in its order. */
static void collect(struct processor *c)
{
    struct seam_work *newest =
        __atomic_exchange_n(&c->pushed, NULL, __ATOMIC_ACQUIRE);
    struct seam_work *oldest = NULL, **end = &c->queue;

    while (newest) {
        struct seam_work *next = newest->next;

        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (*end)
        end = &(*end)->next;
    *end = oldest;
}

static bool run_work(struct processor *c)
{
    struct seam_work *w;

    if (__atomic_load_n(&c->pushed, __ATOMIC_RELAXED))
        collect(c);
    w = c->queue;
    if (!w)
        return false;
    c->queue = w->next;
    __atomic_store_n(&w->queued, false, __ATOMIC_RELEASE);
    w->run(w->arg);
    return true;
}

/* ---- timers -------------------------------------------------------------- */

uint64_t seam_now(struct seam *s)
{
    struct timespec t;

    (void)s;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SEAM_S + (uint64_t)t.tv_nsec / 100;
}

/* The lock is held. */
static bool take_out(struct seam_timer *t)
{
    for (uint32_t i = 0; i < TIMERS; i++) {
        if (p.timers[i].timer != t)
            continue;
        p.timers[i].timer = NULL;
        __atomic_store_n(&t->armed, false, __ATOMIC_RELAXED);
        return true;
    }
    return false;
}

bool seam_timer_cancel(struct seam *s, struct seam_timer *t)
{
    bool was;

    (void)s;
    threads_take(&p.timer_lock);
    was = take_out(t);
    threads_give(&p.timer_lock);
    return was;
}

void seam_timer_set(struct seam *s, struct seam_timer *t, uint64_t due)
{
    struct processor *c = &p.cpu[self.cpu];
    uint32_t i = 0;

    (void)s;
    threads_take(&p.timer_lock);
    (void)take_out(t);
    while (i < TIMERS && p.timers[i].timer)
        i++;
    if (i == TIMERS)
        threads_fail("more timers than the platform has room for");
    __atomic_store_n(&t->due, due, __ATOMIC_RELAXED);
    __atomic_store_n(&t->armed, true, __ATOMIC_RELAXED);
    p.timers[i].timer = t;
    p.timers[i].cpu = self.cpu;
    if (due < __atomic_load_n(&c->due, __ATOMIC_RELAXED))
        __atomic_store_n(&c->due, due, __ATOMIC_RELAXED);
    threads_give(&p.timer_lock);
}

static struct seam_timer *due_timer(uint64_t now)
{
    uint64_t next = SEAM_FOREVER;
    struct seam_timer *found = NULL;

    threads_take(&p.timer_lock);
    for (uint32_t i = 0; i < TIMERS; i++) {
        struct seam_timer *t = p.timers[i].timer;

        if (!t || p.timers[i].cpu != self.cpu)
            continue;
        if (!found && t->due <= now) {
            found = t;
            (void)take_out(t);
        } else if (t->due < next) {
            next = t->due;
        }
    }
    __atomic_store_n(&p.cpu[self.cpu].due, next, __ATOMIC_RELAXED);
    threads_give(&p.timer_lock);
    return found;
}

static bool run_timer(struct seam *s)
{
    uint64_t now = seam_now(s);
    struct seam_timer *t;

    /* Looked at without the lock, which would order the threads. */
    if (__atomic_load_n(&p.cpu[self.cpu].due, __ATOMIC_RELAXED) > now)
        return false;
    t = due_timer(now);
    if (!t)
        return false;
    /* The timer is out and its function has not begun. */
    stagger();
    t->run(t->arg);
    return true;
}

/* ---- processors ---------------------------------------------------------- */

/* One item or timer of the calling processor, as an interrupt would run it. */
static bool run_deferred(struct seam *s)
{
    bool ran;

    self.deferred = true;
    self.irql = SEAM_DISPATCH;
    ran = run_work(&p.cpu[self.cpu]) || run_timer(s);
    if (self.irql != SEAM_DISPATCH)
        threads_fail("deferred work changed the IRQL");
    self.irql = SEAM_PASSIVE;
    self.deferred = false;
    return ran;
}

/* One step of processor 0 at PASSIVE. */
static bool step(struct seam *s)
{
    if (self.turns++ < TURNS && run_deferred(s))
        return true;
    self.turns = 0;
    return run_work(&p.cpu[THREADS_MAX]) || run_deferred(s);
}

static void *processor(void *number)
{
    self.cpu = (uint32_t)(uintptr_t)number;
    self.random = p.seed * 2654435761u + self.cpu + 1;
    while (!__atomic_load_n(&p.ending, __ATOMIC_ACQUIRE))
        if (!run_deferred(&p.seam))
            usleep(20);
    while (run_deferred(&p.seam))
        ;
    return NULL;
}

struct seam *threads_create(uint32_t cpus, uint32_t seed)
{
    memset(&p, 0, sizeof(p));
    p.seam.cpus = cpus;
    p.seed = seed;
    self.random = seed * 2654435761u + 1;
    threads_memory_create();
    for (uint32_t cpu = 0; cpu < cpus; cpu++)
        p.cpu[cpu].due = SEAM_FOREVER;
    for (uint32_t cpu = 1; cpu < cpus; cpu++)
        if (pthread_create(&p.cpu[cpu].thread, NULL, processor,
                           (void *)(uintptr_t)cpu))
            threads_fail("no thread");
    return &p.seam;
}

bool threads_destroy(struct seam *s)
{
    bool clean;

    while (step(s))
        ;
    __atomic_store_n(&p.ending, true, __ATOMIC_RELEASE);
    for (uint32_t cpu = 1; cpu < s->cpus; cpu++)
        pthread_join(p.cpu[cpu].thread, NULL);
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

/* ---- levels and locks ---------------------------------------------------- */

uint8_t seam_irql(struct seam *s)
{
    (void)s;
    return self.irql;
}

uint8_t seam_irql_raise(struct seam *s, uint8_t level)
{
    uint8_t old = self.irql;

    (void)s;
    if (level < old)
        threads_fail("raising to a lower IRQL");
    self.irql = level;
    return old;
}

/* What waited for the level runs before the caller goes on. */
void seam_irql_lower(struct seam *s, uint8_t level)
{
    if (level > self.irql)
        threads_fail("lowering to a higher IRQL");
    self.irql = level;
    if (level == SEAM_PASSIVE && !self.deferred)
        for (uint32_t i = 0; i < TURNS && run_deferred(s); i++)
            ;
}

uint8_t seam_lock(struct seam *s, struct seam_lock *l)
{
    uint8_t irql = seam_irql_raise(s, SEAM_DISPATCH);

    stagger();
    threads_take(&l->taken);
    l->owner = self.cpu;
    return irql;
}

void seam_unlock(struct seam *s, struct seam_lock *l, uint8_t irql)
{
    if (l->owner != self.cpu)
        threads_fail("a lock is given back by a stranger");
    threads_give(&l->taken);
    stagger();
    seam_irql_lower(s, irql);
}

/* ---- waiting, saying, failing -------------------------------------------- */

int seam_wait(struct seam *s, bool (*done)(void *arg), void *arg,
              uint64_t deadline, const char *what)
{
    uint64_t limit = seam_now(s) + 60 * SEAM_S;

    if (self.irql != SEAM_PASSIVE || self.cpu != 0)
        threads_fail("seam_wait above PASSIVE");
    while (!done(arg)) {
        if (seam_now(s) >= deadline)
            return -ETIMEDOUT;
        if (seam_now(s) >= limit) {
            printf("# awaited: %s\n", what);
            threads_fail("a wait does not end within a minute");
        }
        if (!step(s))
            usleep(20);
    }
    return 0;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

void threads_sleep(struct seam *s, uint32_t microseconds)
{
    (void)seam_wait(s, never, NULL, seam_now(s) + 10ull * microseconds,
                    "a while");
}

/* What runs while somebody waits stands on top of it, on the one stack. */
uintptr_t seam_strand(struct seam *s)
{
    (void)s;
    return 1;
}

int seam_post_message(struct seam *s, uint32_t connection, uint32_t type,
                      const void *payload, uint32_t size)
{
    return vmbus_loopback_post(s->loopback, connection, type, payload, size);
}

int seam_signal_event(struct seam *s, uint32_t connection, uint16_t flag)
{
    return vmbus_loopback_signal(s->loopback, connection, flag);
}

void seam_log(struct seam *s, enum seam_level level, const char *format, ...)
{
    va_list args;

    (void)s;
    if (level > SEAM_LOG_WARNING || !getenv("THREADS_VERBOSE"))
        return;
    va_start(args, format);
    fputs("# ", stderr);
    vfprintf(stderr, format, args);
    fputs("\n", stderr);
    va_end(args);
}

_Noreturn void seam_assert_failed(struct seam *s, const char *function,
                                  const char *expression, const char *hint)
{
    (void)s;
    printf("# assertion in %s: %s (%s)\n", function, expression, hint);
    threads_fail("an assertion is broken");
}
