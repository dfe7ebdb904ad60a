/* SPDX-License-Identifier: BSD-2-Clause */
/* The explored processors of the model: see model_platform.h. */
#include "model_platform.h"

#include <errno.h>

#define NOBODY UINT32_MAX

/* In the arena, like everything that two processes see. */
struct platform {
    struct events_state events;
    uint8_t irql[MODEL_PROCESSES];
    bool busy[2];              /* deferred work of the processor runs */
    struct seam_work *work[2]; /* DISPATCH, in order */
    struct seam_work *passive;
    struct seam_timer *alarm; /* NULL: not set */
    uint32_t alarm_cpu, alarms;
    uint32_t turn;       /* the PASSIVE process of processor 0 that runs */
    uint32_t happened;   /* what a wait looks again for */
    uint32_t interrupts; /* of processor 1 */
    bool (*waits)(void); /* for parked processors; NULL: not yet */
    void (*run)(void);
    uint64_t now;
};

static struct platform *p;

static uint32_t cpu_of(uint32_t process)
{
    return process == DISPATCH1 || process == PARKED1;
}

void platform_prepare(uint32_t alarms)
{
    p = model_alloc(sizeof(*p));
    p->alarms = alarms;
    p->turn = NOBODY;
    p->now = 100;
    p->irql[DISPATCH0] = p->irql[DISPATCH1] = SEAM_DISPATCH;
}

/* ---- who may run --------------------------------------------------------- */

static bool is_dispatch(uint32_t process)
{
    return process == DISPATCH0 || process == DISPATCH1;
}

bool platform_may_run(uint32_t process)
{
    return is_dispatch(process) || !p->busy[cpu_of(process)];
}

static bool alarm_may_go_off(void)
{
    return p->alarm && p->alarms;
}

bool platform_is_idle(void)
{
    return !p->work[0] && !p->work[1] && !p->passive && !alarm_may_go_off();
}

/* ---- deferred work ------------------------------------------------------- */

/* It waits while PASSIVE code of its processor holds a lock. */
static bool dispatch_ready(void *arg)
{
    uint32_t cpu = cpu_of((uint32_t)(uintptr_t)arg);

    for (uint32_t i = 0; i < MODEL_PROCESSES; i++)
        if (!is_dispatch(i) && cpu_of(i) == cpu && p->irql[i] != SEAM_PASSIVE)
            return false;
    return p->work[cpu] || (alarm_may_go_off() && p->alarm_cpu == cpu);
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

static void run_alarm(void)
{
    struct seam_timer *t = p->alarm;

    p->alarm = NULL;
    p->alarms--;
    t->armed = false;
    if (t->due > p->now)
        p->now = t->due;
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
            run_alarm();
        p->busy[cpu] = false;
        p->happened++;
    }
}

/* ---- PASSIVE ------------------------------------------------------------- */

static bool turn_is_free(void *arg)
{
    (void)arg;
    return p->turn == NOBODY;
}

void platform_program(void (*run)(void))
{
    model_wait(turn_is_free, NULL);
    p->turn = model_self();
    run();
    p->turn = NOBODY;
    p->happened++;
}

static bool passive_ready(void *arg)
{
    return turn_is_free(arg) && p->passive;
}

static void run_one(void)
{
    struct seam_work *w = take(&p->passive);

    w->run(w->arg);
}

void platform_passive(void)
{
    for (;;) {
        model_wait(passive_ready, NULL);
        platform_program(run_one);
    }
}

static bool is_interrupted(void *seen)
{
    return p->interrupts != (uint32_t)(uintptr_t)seen;
}

/* The look and the sleep are one step there: an interrupt between the two ends
 * the sleep. */
void platform_parked(void)
{
    for (;;) {
        uint32_t seen = p->interrupts;

        if (p->waits && p->waits())
            p->run();
        else
            model_wait(is_interrupted, (void *)(uintptr_t)seen);
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
    (void)s;
    model_expect(!p->alarm || p->alarm == t, "there is one alarm only");
    t->armed = true;
    t->due = due;
    p->alarm = t;
    p->alarm_cpu = cpu_of(model_self());
}

static bool wait_goes_on(void *arg)
{
    return p->turn == NOBODY && p->happened != (uint32_t)(uintptr_t)arg;
}

/* Time alone ends no wait here: one that is told of nothing stands still. */
int seam_wait(struct seam *s, bool (*done)(void *arg), void *arg,
              uint64_t deadline, const char *what)
{
    uint32_t self = model_self(), seen = p->happened;

    (void)s, (void)deadline, (void)what;
    model_expect(p->irql[self] == SEAM_PASSIVE && cpu_of(self) == 0,
                 "a wait above PASSIVE or on another processor");
    if (done(arg))
        return 0;
    /* That it waits is news for the others. */
    if (p->happened == seen)
        seen++;
    p->happened++;
    for (;;) {
        p->turn = NOBODY;
        model_wait(wait_goes_on, (void *)(uintptr_t)seen);
        p->turn = self;
        seen = p->happened;
        if (done(arg))
            return 0;
    }
}

uint64_t seam_now(struct seam *s)
{
    (void)s;
    return p->now;
}

uint8_t seam_irql(struct seam *s)
{
    (void)s;
    return p->irql[model_self()];
}

uint32_t seam_cpu_count(struct seam *s)
{
    (void)s;
    return 2;
}

uintptr_t seam_strand(struct seam *s)
{
    (void)s;
    return model_self() + 1;
}

void seam_log(struct seam *s, enum seam_level level, const char *format, ...)
{
    (void)s, (void)format;
    model_expect(level == SEAM_LOG_DEBUG, "an error is logged");
}

/* ---- the platform of events ---------------------------------------------- */

struct events_state *events_state(void)
{
    return &p->events;
}

struct seam *events_seam(void)
{
    return NULL;
}

uint32_t events_processor(void)
{
    return cpu_of(model_self());
}

void events_wake(uint32_t processor)
{
    if (processor == 0)
        p->happened++;
    else
        p->interrupts++;
}

void events_park(bool (*waits)(void), void (*run)(void))
{
    model_expect(!p->waits, "processors are parked twice");
    p->waits = waits;
    p->run = run;
}

bool events_key_waiting(void)
{
    return false;
}

bool events_line_waiting(void)
{
    return false;
}
