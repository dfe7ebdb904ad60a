/* SPDX-License-Identifier: BSD-2-Clause */
/* The explored processors' seam: see platform.h. */
#include "platform.h"

#include <stdlib.h>
#include <string.h>

#define BLOCKS      12u
#define BLOCK_BYTES 512u

/* In the arena, like everything that two processes see. */
struct platform {
    uint8_t irql[MODEL_PROCESSES];
    bool busy[2];              /* deferred work of the processor runs */
    struct seam_work *work[2]; /* DISPATCH, in order */
    struct seam_work *passive;
    struct seam_timer *timer; /* the one timer there is; NULL: not set */
    uint32_t timers;          /* may still go off */
    bool used[BLOCKS];
    uint8_t blocks[BLOCKS][BLOCK_BYTES] __attribute__((aligned(16)));
};

static struct platform *p;

static uint32_t cpu_of(uint32_t process)
{
    return process == DISPATCH1 ? 1 : 0;
}

void platform_prepare(uint32_t timers)
{
    p = model_alloc(sizeof(*p));
    p->timers = timers;
    p->irql[DISPATCH0] = p->irql[DISPATCH1] = SEAM_DISPATCH;
    p->irql[PEER] = p->irql[OTHER] = SEAM_DISPATCH;
}

/* ---- who may run --------------------------------------------------------- */

bool platform_may_run(uint32_t process)
{
    return process != PASSIVE0 || !p->busy[0];
}

static bool timer_may_go_off(void)
{
    return p->timer && p->timers;
}

bool platform_is_idle(void)
{
    return !p->work[0] && !p->work[1] && !p->passive && !timer_may_go_off();
}

/* Deferred work of processor 0 waits while PASSIVE0 holds a lock. */
static bool dispatch_ready(void *arg)
{
    uint32_t cpu = cpu_of((uint32_t)(uintptr_t)arg);

    if (cpu == 0 && p->irql[PASSIVE0] >= SEAM_DISPATCH)
        return false;
    return p->work[cpu] || (cpu == 1 && timer_may_go_off());
}

static struct seam_work *take(struct seam_work **queue)
{
    struct seam_work *w = *queue;

    if (w) {
        *queue = w->next;
        w->queued = false;
    }
    return w;
}

static void run_timer(void)
{
    struct seam_timer *t = p->timer;

    p->timer = NULL;
    t->armed = false;
    p->timers--;
    model_step(); /* begun, but nothing done yet */
    t->run(t->arg);
}

void platform_dispatch(void)
{
    uint32_t self = model_self(), cpu = cpu_of(self);

    for (;;) {
        struct seam_work *w;

        model_wait(dispatch_ready, (void *)(uintptr_t)self);
        p->busy[cpu] = true;
        w = take(&p->work[cpu]);
        if (w)
            w->run(w->arg);
        else
            run_timer();
        p->busy[cpu] = false;
    }
}

bool platform_run_passive(void)
{
    struct seam_work *w = take(&p->passive);

    if (w)
        w->run(w->arg);
    return w != NULL;
}

static bool passive_ready(void *arg)
{
    (void)arg;
    return p->passive != NULL;
}

void platform_passive(void)
{
    for (;;) {
        model_wait(passive_ready, NULL);
        (void)platform_run_passive();
    }
}

/* ---- the seam ------------------------------------------------------------ */

static bool is_free(void *lock)
{
    return !((struct seam_lock *)lock)->taken;
}

uint8_t seam_lock(struct seam *s, struct seam_lock *l)
{
    uint32_t self = model_self();
    uint8_t irql = p->irql[self];

    (void)s;
    p->irql[self] = SEAM_DISPATCH;
    model_wait(is_free, l);
    l->taken = 1;
    l->owner = self;
    return irql;
}

void seam_unlock(struct seam *s, struct seam_lock *l, uint8_t irql)
{
    uint32_t self = model_self();

    (void)s;
    model_expect(l->taken && l->owner == self, "a stranger gives a lock back");
    l->taken = 0;
    l->owner = 0;
    p->irql[self] = irql;
    model_step();
}

void seam_work_queue(struct seam *s, struct seam_work *w, uint32_t cpu)
{
    struct seam_work **at =
        w->level == SEAM_PASSIVE ? &p->passive : &p->work[cpu];

    (void)s;
    if (w->queued)
        return;
    while (*at)
        at = &(*at)->next;
    w->queued = true;
    w->next = NULL;
    *at = w;
}

void seam_timer_set(struct seam *s, struct seam_timer *t, uint64_t due)
{
    (void)s, (void)due;
    model_expect(!p->timer || p->timer == t, "there is one timer only");
    t->armed = true;
    p->timer = t;
}

bool seam_timer_cancel(struct seam *s, struct seam_timer *t)
{
    bool armed = t->armed;

    (void)s;
    t->armed = false;
    if (armed)
        p->timer = NULL;
    return armed;
}

/* The wait of a process at PASSIVE: PASSIVE work runs in between. */
struct wait {
    bool (*done)(void *arg);
    void *arg;
};

static bool wait_goes_on(void *arg)
{
    const struct wait *w = arg;

    return p->passive || w->done(w->arg);
}

int seam_wait(struct seam *s, bool (*done)(void *arg), void *arg,
              uint64_t deadline, const char *what)
{
    struct wait w = {done, arg};

    (void)s, (void)deadline, (void)what;
    while (!done(arg)) {
        model_wait(wait_goes_on, &w);
        if (!done(arg))
            (void)platform_run_passive();
    }
    return 0;
}

/* What runs while somebody waits stands on top of it, on the one stack. */
uintptr_t seam_strand(struct seam *s)
{
    (void)s;
    return 1;
}

uint8_t seam_irql(struct seam *s)
{
    (void)s;
    return p->irql[model_self()];
}

uint8_t seam_irql_raise(struct seam *s, uint8_t level)
{
    uint8_t old = seam_irql(s);

    p->irql[model_self()] = level;
    return old;
}

void seam_irql_lower(struct seam *s, uint8_t level)
{
    (void)s;
    p->irql[model_self()] = level;
}

uint32_t seam_cpu_count(struct seam *s)
{
    (void)s;
    return 2;
}

uint32_t seam_vp_index(struct seam *s, uint32_t cpu)
{
    (void)s;
    return cpu;
}

uint64_t seam_now(struct seam *s)
{
    (void)s;
    return 0;
}

void *seam_alloc(struct seam *s, size_t size)
{
    (void)s;
    model_expect(size <= BLOCK_BYTES, "a block of this size is not there");
    for (uint32_t i = 0; i < BLOCKS; i++) {
        if (p->used[i])
            continue;
        p->used[i] = true;
        memset(p->blocks[i], 0, BLOCK_BYTES);
        return p->blocks[i];
    }
    return NULL;
}

void seam_free(struct seam *s, void *block, size_t size)
{
    size_t i = (size_t)((uint8_t *)block - &p->blocks[0][0]) / BLOCK_BYTES;

    (void)s, (void)size;
    p->used[i] = false;
    memset(p->blocks[i], 0, BLOCK_BYTES);
}

void seam_log(struct seam *s, enum seam_level level, const char *format, ...)
{
    (void)s, (void)level, (void)format;
}

_Noreturn void seam_assert_failed(struct seam *s, const char *function,
                                  const char *expression, const char *hint)
{
    (void)s, (void)function, (void)expression;
    model_expect(false, hint);
    abort(); /* the explorer never comes back to a fault */
}

/* What the code under test links and no explored way comes to. */
int seam_post_message(struct seam *s, uint32_t connection, uint32_t type,
                      const void *payload, uint32_t size)
{
    (void)s, (void)connection, (void)type, (void)payload, (void)size;
    abort();
}

int seam_signal_event(struct seam *s, uint32_t connection, uint16_t flag)
{
    (void)s, (void)connection, (void)flag;
    abort();
}

void *seam_pages_alloc(struct seam *s, uint32_t count, uint64_t *pfns)
{
    (void)s, (void)count, (void)pfns;
    abort();
}

void seam_pages_free(struct seam *s, void *pages, uint32_t count)
{
    (void)s, (void)pages, (void)count;
    abort();
}

uint64_t seam_pfn(struct seam *s, const void *address)
{
    (void)s, (void)address;
    abort();
}

void *seam_map(struct seam *s, const uint64_t *pfns, uint32_t count,
               uint32_t twice_from)
{
    (void)s, (void)pfns, (void)count, (void)twice_from;
    abort();
}

void seam_unmap(struct seam *s, void *mapping, uint32_t count,
                uint32_t twice_from)
{
    (void)s, (void)mapping, (void)count, (void)twice_from;
    abort();
}
