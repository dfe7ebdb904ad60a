/* SPDX-License-Identifier: BSD-2-Clause */
/* The preempting seam: who goes on, and the stacks of all. See platform.h. */
#include "private.h"

#include <stdlib.h>
#include <string.h>

#include "tests/peer/hosted_private.h"

struct liveness liveness;

static uint8_t stacks[PLATFORM_CPUS + STRANDS][STACK_BYTES]
    __attribute__((aligned(4096)));

uint32_t platform_random(uint32_t limit)
{
    liveness.random ^= liveness.random << 13;
    liveness.random ^= liveness.random >> 7;
    liveness.random ^= liveness.random << 17;
    return (uint32_t)(liveness.random >> 20) % limit;
}

static uint32_t cpu_of(uint32_t context)
{
    return context < PLATFORM_CPUS ? context : 0;
}

/* ---- switching ----------------------------------------------------------- */

void liveness_leave(void)
{
    swapcontext(&liveness.contexts[liveness.running].machine,
                &liveness.scheduler);
}

static void go_on(uint32_t i)
{
    liveness.running = i;
    liveness.s->cpu = cpu_of(i);
    liveness.s->irql = liveness.contexts[i].irql;
    swapcontext(&liveness.scheduler, &liveness.contexts[i].machine);
    liveness.contexts[i].irql = liveness.s->irql;
}

void platform_preempt(void)
{
    if (platform_random(3) == 0)
        liveness_leave();
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
        w->level == SEAM_PASSIVE ? &liveness.passive : &liveness.work[cpu];

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
    uint32_t cpu = liveness.running;

    for (;;) {
        struct seam_work *w = take(&liveness.work[cpu]);
        struct seam_timer *t = w ? NULL : liveness_due_timer(cpu, true);

        liveness.busy[cpu] = true;
        if (w)
            w->run(w->arg);
        else if (t)
            t->run(t->arg);
        liveness.busy[cpu] = false;
        liveness_leave();
    }
}

/* The life of a PASSIVE strand: one item, or main. */
static void strand(void)
{
    struct context *c = &liveness.contexts[liveness.running];

    if (c->item)
        c->item->run(c->item->arg);
    else
        liveness.main(liveness.s);
    liveness.ended |= !c->item;
    c->used = false;
    liveness_leave();
}

static void make_context(uint32_t i, void (*life)(void), uint8_t irql)
{
    struct context *c = &liveness.contexts[i];

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

    while (i < PLATFORM_CPUS + STRANDS && liveness.contexts[i].used)
        i++;
    if (i == PLATFORM_CPUS + STRANDS)
        hosted_fail(liveness.s, "more strands than the platform has stacks");
    w = take(&liveness.passive);
    make_context(i, strand, SEAM_PASSIVE);
    liveness.contexts[i].item = w;
    return i;
}

/* ---- who goes on --------------------------------------------------------- */

static bool stands_before_a_lock(const struct context *c)
{
    return c->lock && c->lock->taken;
}

static bool dispatch_may(uint32_t cpu)
{
    if (stands_before_a_lock(&liveness.contexts[cpu]))
        return false;
    if (liveness.busy[cpu])
        return true;
    if (cpu == 0 && liveness.contexts[liveness.strand].used &&
        liveness.contexts[liveness.strand].irql >= SEAM_DISPATCH)
        return false;
    return liveness.work[cpu] || liveness_due_timer(cpu, false);
}

/* The strand that may have PASSIVE's turn, or 0. */
static uint32_t passive_next(void)
{
    struct context *c = &liveness.contexts[liveness.strand];
    uint32_t first = platform_random(STRANDS);

    if (liveness.busy[0])
        return 0;
    if (c->used && !c->done)
        return stands_before_a_lock(c) ? 0 : liveness.strand;
    for (uint32_t n = 0; n < STRANDS; n++) {
        uint32_t i = PLATFORM_CPUS + (first + n) % STRANDS;

        c = &liveness.contexts[i];
        if (c->used && c->done &&
            (c->done(c->arg) || c->deadline <= liveness.s->now))
            return i;
    }
    return liveness.passive ? begin_item() : 0;
}

/* Lets one of those go on that can; false: nobody can. */
static bool turn(void)
{
    uint32_t who[PLATFORM_CPUS + 1], count = 0, passive = passive_next();

    for (uint32_t cpu = 0; cpu < PLATFORM_CPUS; cpu++)
        if (dispatch_may(cpu))
            who[count++] = cpu;
    if (passive) {
        liveness.strand = passive;
        who[count++] = passive;
    }
    if (!count)
        return false;
    go_on(who[platform_random(count)]);
    return true;
}

/* When a timer is due or somebody has waited for long enough. */
static uint64_t next_time(void)
{
    uint64_t next = liveness_next_timer();

    for (uint32_t i = PLATFORM_CPUS; i < PLATFORM_CPUS + STRANDS; i++) {
        const struct context *c = &liveness.contexts[i];

        if (c->used && c->done && c->deadline < next)
            next = c->deadline;
    }
    return next;
}

static void run_all(void)
{
    while (!liveness.ended && !liveness.fault) {
        uint64_t next;

        if (turn())
            continue;
        next = next_time();
        if (next == SEAM_FOREVER)
            liveness.fault = "nothing can go on, and no timer is set";
        else
            liveness.s->now = next > liveness.s->now ? next : liveness.s->now;
    }
}

const char *platform_run(uint32_t seed, void (*main)(struct seam *s))
{
    memset(&liveness, 0, sizeof(liveness));
    liveness_timers_reset();
    liveness.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    liveness.main = main;
    liveness.s = calloc(1, sizeof(*liveness.s));
    liveness.s->cpus = PLATFORM_CPUS;
    liveness.s->now = 1000 * SEAM_S;
    hosted_memory_create(liveness.s);
    for (uint32_t cpu = 0; cpu < PLATFORM_CPUS; cpu++)
        make_context(cpu, dispatch, SEAM_DISPATCH);
    liveness.strand = PLATFORM_CPUS;
    make_context(liveness.strand, strand, SEAM_PASSIVE);
    run_all();
    if (liveness.fault)
        hosted_memory_abandon(liveness.s);
    hosted_memory_destroy(liveness.s);
    free(liveness.s);
    return liveness.fault;
}
