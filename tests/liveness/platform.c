/* SPDX-License-Identifier: BSD-2-Clause */
/* The preempting seam: see platform.h. */
#include "platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "tests/peer/hosted_private.h"

#define STRANDS     48u
#define STACK_BYTES (128u * 1024u)
#define TIMERS      256u

/* Something with a stack of its own. The first PLATFORM_CPUS are the deferred
 * work of the processors, the others PASSIVE strands; the first of those is
 * main. */
struct context {
    ucontext_t machine;
    uint8_t irql;
    bool used;
    const struct seam_lock *lock; /* that it stands before; NULL: none */
    bool (*done)(void *arg);      /* what it waits for; NULL: nothing */
    void *arg;
    uint64_t deadline;
    struct seam_work *item; /* to begin with */
};

static struct {
    struct seam *s;
    ucontext_t scheduler;
    struct context contexts[PLATFORM_CPUS + STRANDS];
    uint32_t running;
    uint32_t strand; /* the PASSIVE strand whose turn it is */
    bool busy[PLATFORM_CPUS];
    struct seam_work *work[PLATFORM_CPUS];
    struct seam_work *passive;
    struct {
        struct seam_timer *timer;
        uint32_t cpu;
    } timers[TIMERS];
    uint64_t random;
    void (*main)(struct seam *s);
    bool ended;
    const char *fault;
} p;

static uint8_t stacks[PLATFORM_CPUS + STRANDS][STACK_BYTES]
    __attribute__((aligned(4096)));

uint32_t platform_random(uint32_t limit)
{
    p.random ^= p.random << 13;
    p.random ^= p.random >> 7;
    p.random ^= p.random << 17;
    return (uint32_t)(p.random >> 20) % limit;
}

static uint32_t cpu_of(uint32_t context)
{
    return context < PLATFORM_CPUS ? context : 0;
}

/* ---- switching ----------------------------------------------------------- */

static void leave(void)
{
    swapcontext(&p.contexts[p.running].machine, &p.scheduler);
}

static void go_on(uint32_t i)
{
    p.running = i;
    p.s->cpu = cpu_of(i);
    p.s->irql = p.contexts[i].irql;
    swapcontext(&p.scheduler, &p.contexts[i].machine);
    p.contexts[i].irql = p.s->irql;
}

void platform_preempt(void)
{
    if (platform_random(3) == 0)
        leave();
}

/* ---- timers -------------------------------------------------------------- */

static struct seam_timer *due_timer(uint32_t cpu, bool take)
{
    for (uint32_t i = 0; i < TIMERS; i++) {
        struct seam_timer *t = p.timers[i].timer;

        if (!t || p.timers[i].cpu != cpu || t->due > p.s->now)
            continue;
        if (take) {
            p.timers[i].timer = NULL;
            t->armed = false;
        }
        return t;
    }
    return NULL;
}

static uint64_t next_time(void)
{
    uint64_t next = SEAM_FOREVER;

    for (uint32_t i = 0; i < TIMERS; i++)
        if (p.timers[i].timer && p.timers[i].timer->due < next)
            next = p.timers[i].timer->due;
    for (uint32_t i = PLATFORM_CPUS; i < PLATFORM_CPUS + STRANDS; i++)
        if (p.contexts[i].used && p.contexts[i].done &&
            p.contexts[i].deadline < next)
            next = p.contexts[i].deadline;
    return next;
}

bool seam_timer_cancel(struct seam *s, struct seam_timer *t)
{
    (void)s;
    for (uint32_t i = 0; i < TIMERS; i++)
        if (p.timers[i].timer == t)
            p.timers[i].timer = NULL;
    if (!t->armed)
        return false;
    t->armed = false;
    return true;
}

void seam_timer_set(struct seam *s, struct seam_timer *t, uint64_t due)
{
    (void)seam_timer_cancel(s, t);
    for (uint32_t i = 0; i < TIMERS; i++) {
        if (p.timers[i].timer)
            continue;
        t->due = due;
        t->armed = true;
        p.timers[i].timer = t;
        p.timers[i].cpu = s->cpu;
        return;
    }
    hosted_fail(s, "more timers than the platform has room for");
}

/* ---- work ---------------------------------------------------------------- */

static struct seam_work *take(struct seam_work **queue)
{
    struct seam_work *w = *queue;

    if (w) {
        *queue = w->next;
        w->queued = false;
    }
    return w;
}

void seam_work_queue(struct seam *s, struct seam_work *w, uint32_t cpu)
{
    struct seam_work **at =
        w->level == SEAM_PASSIVE ? &p.passive : &p.work[cpu];

    (void)s;
    if (w->queued)
        return;
    while (*at)
        at = &(*at)->next;
    w->queued = true;
    w->next = NULL;
    *at = w;
}

/* The life of a processor's deferred work. */
static void dispatch(void)
{
    uint32_t cpu = p.running;

    for (;;) {
        struct seam_work *w = take(&p.work[cpu]);
        struct seam_timer *t = w ? NULL : due_timer(cpu, true);

        p.busy[cpu] = true;
        if (w)
            w->run(w->arg);
        else if (t)
            t->run(t->arg);
        p.busy[cpu] = false;
        leave();
    }
}

/* The life of a PASSIVE strand: one item, or main. */
static void strand(void)
{
    struct context *c = &p.contexts[p.running];

    if (c->item)
        c->item->run(c->item->arg);
    else
        p.main(p.s);
    p.ended |= !c->item;
    c->used = false;
    leave();
}

static void make_context(uint32_t i, void (*life)(void), uint8_t irql)
{
    struct context *c = &p.contexts[i];

    memset(c, 0, sizeof(*c));
    c->used = true;
    c->irql = irql;
    getcontext(&c->machine);
    c->machine.uc_stack.ss_sp = stacks[i];
    c->machine.uc_stack.ss_size = STACK_BYTES;
    makecontext(&c->machine, life, 0);
}

/* A strand for the next item. */
static uint32_t begin_item(void)
{
    uint32_t i = PLATFORM_CPUS;
    struct seam_work *w;

    while (i < PLATFORM_CPUS + STRANDS && p.contexts[i].used)
        i++;
    if (i == PLATFORM_CPUS + STRANDS)
        hosted_fail(p.s, "more strands than the platform has stacks");
    w = take(&p.passive);
    make_context(i, strand, SEAM_PASSIVE);
    p.contexts[i].item = w;
    return i;
}

/* ---- who goes on --------------------------------------------------------- */

static bool stands_before_a_lock(const struct context *c)
{
    return c->lock && c->lock->taken;
}

static bool dispatch_may(uint32_t cpu)
{
    if (stands_before_a_lock(&p.contexts[cpu]))
        return false;
    if (p.busy[cpu])
        return true;
    if (cpu == 0 && p.contexts[p.strand].used &&
        p.contexts[p.strand].irql >= SEAM_DISPATCH)
        return false;
    return p.work[cpu] || due_timer(cpu, false);
}

/* The strand that may have PASSIVE's turn, or 0. */
static uint32_t passive_next(void)
{
    struct context *c = &p.contexts[p.strand];
    uint32_t first = platform_random(STRANDS);

    if (p.busy[0])
        return 0;
    if (c->used && !c->done)
        return stands_before_a_lock(c) ? 0 : p.strand;
    for (uint32_t n = 0; n < STRANDS; n++) {
        uint32_t i = PLATFORM_CPUS + (first + n) % STRANDS;

        c = &p.contexts[i];
        if (c->used && c->done && (c->done(c->arg) || c->deadline <= p.s->now))
            return i;
    }
    return p.passive ? begin_item() : 0;
}

/* Lets one of those go on that can; false: nobody can. */
static bool turn(void)
{
    uint32_t who[PLATFORM_CPUS + 1], count = 0, passive = passive_next();

    for (uint32_t cpu = 0; cpu < PLATFORM_CPUS; cpu++)
        if (dispatch_may(cpu))
            who[count++] = cpu;
    if (passive) {
        p.strand = passive;
        who[count++] = passive;
    }
    if (!count)
        return false;
    go_on(who[platform_random(count)]);
    return true;
}

static void run_all(void)
{
    while (!p.ended && !p.fault) {
        uint64_t next;

        if (turn())
            continue;
        next = next_time();
        if (next == SEAM_FOREVER)
            p.fault = "nothing can go on, and no timer is set";
        else
            p.s->now = next > p.s->now ? next : p.s->now;
    }
}

const char *platform_run(uint32_t seed, void (*main)(struct seam *s))
{
    memset(&p, 0, sizeof(p));
    p.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    p.main = main;
    p.s = calloc(1, sizeof(*p.s));
    p.s->cpus = PLATFORM_CPUS;
    p.s->now = 1000 * SEAM_S;
    hosted_memory_create(p.s);
    for (uint32_t cpu = 0; cpu < PLATFORM_CPUS; cpu++)
        make_context(cpu, dispatch, SEAM_DISPATCH);
    p.strand = PLATFORM_CPUS;
    make_context(p.strand, strand, SEAM_PASSIVE);
    run_all();
    if (p.fault)
        hosted_memory_abandon(p.s);
    hosted_memory_destroy(p.s);
    free(p.s);
    return p.fault;
}

/* ---- the rest of the seam ------------------------------------------------ */

int seam_wait(struct seam *s, bool (*done)(void *arg), void *arg,
              uint64_t deadline, const char *what)
{
    struct context *c = &p.contexts[p.running];

    (void)what;
    if (s->irql != SEAM_PASSIVE)
        hosted_fail(s, "seam_wait above PASSIVE");
    while (!done(arg)) {
        if (s->now >= deadline)
            return -ETIMEDOUT;
        c->done = done;
        c->arg = arg;
        c->deadline = deadline;
        leave();
        c->done = NULL;
    }
    return 0;
}

uintptr_t seam_strand(struct seam *s)
{
    (void)s;
    return p.running + 1;
}

uint8_t seam_lock(struct seam *s, struct seam_lock *l)
{
    uint8_t irql = seam_irql_raise(s, SEAM_DISPATCH);
    struct context *c = &p.contexts[p.running];

    platform_preempt();
    c->lock = l;
    while (l->taken)
        leave();
    c->lock = NULL;
    l->taken = 1;
    l->owner = p.running;
    return irql;
}

void seam_unlock(struct seam *s, struct seam_lock *l, uint8_t irql)
{
    if (!l->taken || l->owner != p.running)
        hosted_fail(s, "a lock is given back by a stranger");
    l->taken = 0;
    seam_irql_lower(s, irql);
    platform_preempt();
}

uint8_t seam_irql(struct seam *s)
{
    return s->irql;
}

uint8_t seam_irql_raise(struct seam *s, uint8_t level)
{
    uint8_t old = s->irql;

    if (level < old)
        hosted_fail(s, "raising to a lower IRQL");
    s->irql = level;
    return old;
}

void seam_irql_lower(struct seam *s, uint8_t level)
{
    if (level > s->irql)
        hosted_fail(s, "lowering to a higher IRQL");
    s->irql = level;
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

uint64_t seam_now(struct seam *s)
{
    return s->now;
}

int seam_post_message(struct seam *s, uint32_t connection, uint32_t type,
                      const void *payload, uint32_t size)
{
    return s->post(s->peer, connection, type, payload, size);
}

int seam_signal_event(struct seam *s, uint32_t connection, uint16_t flag)
{
    return s->signal(s->peer, connection, flag);
}

void seam_log(struct seam *s, enum seam_level level, const char *format, ...)
{
    va_list args;

    (void)s;
    if (level > SEAM_LOG_WARNING || !getenv("HOSTED_VERBOSE"))
        return;
    va_start(args, format);
    fputs("# ", stderr);
    vfprintf(stderr, format, args);
    fputs("\n", stderr);
    va_end(args);
}

_Noreturn void hosted_fail(struct seam *s, const char *why)
{
    (void)s;
    printf("not ok - %s\n", why);
    fflush(stdout);
    abort();
}

_Noreturn void seam_assert_failed(struct seam *s, const char *function,
                                  const char *expression, const char *hint)
{
    (void)s;
    printf("not ok - assertion in %s: %s (%s)\n", function, expression, hint);
    fflush(stdout);
    abort();
}
