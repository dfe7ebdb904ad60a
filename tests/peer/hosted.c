/* The hosted seam: making it, running it, saying and failing. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "hosted_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void hosted_fail(struct seam *s, const char *why)
{
    fprintf(stderr, "# hosted seam: %s\n", why);
    for (uint32_t i = 0; s && i < s->log_lines && i < HOSTED_LOG_LINES; i++)
        fprintf(stderr, "#   %s\n", s->log[i]);
    abort();
}

struct seam *hosted_create(uint32_t cpus)
{
    struct seam *s = calloc(1, sizeof(*s));

    if (!s || cpus == 0 || cpus > HOSTED_CPUS)
        hosted_fail(s, "bad number of processors");
    s->cpus = cpus;
    s->now = 1000 * SEAM_S;
    s->quiet = getenv("HOSTED_VERBOSE") == NULL;
    hosted_memory_create(s);
    return s;
}

void hosted_destroy(struct seam *s, uint64_t leaked_pages)
{
    hosted_run(s);
    if (s->counts.blocks || s->counts.mappings ||
        s->counts.pages != leaked_pages) {
        fprintf(stderr, "# left: %llu blocks, %llu pages, %llu mappings\n",
                (unsigned long long)s->counts.blocks,
                (unsigned long long)s->counts.pages,
                (unsigned long long)s->counts.mappings);
        hosted_fail(s, "something is left at the end");
    }
    hosted_memory_destroy(s);
    free(s);
}

void hosted_abandon(struct seam *s)
{
    hosted_memory_abandon(s);
    for (uint32_t cpu = 0; cpu < HOSTED_CPUS; cpu++)
        s->work[cpu] = NULL;
    s->passive = NULL;
    s->timers = NULL;
    s->on_assert = NULL;
    s->irql = SEAM_PASSIVE;
    s->cpu = 0;
}

/* ---- running ------------------------------------------------------------ */

static bool run_work(struct seam *s, struct seam_work **queue, uint32_t cpu)
{
    struct seam_work *w = *queue;
    uint32_t old_cpu = s->cpu;
    uint8_t old_irql = s->irql;

    if (!w)
        return false;
    *queue = w->next;
    w->queued = false;
    s->cpu = cpu;
    s->irql = w->level;
    w->run(w->arg);
    if (s->irql != w->level)
        hosted_fail(s, "work changed the IRQL");
    s->cpu = old_cpu;
    s->irql = old_irql;
    return true;
}

static bool run_dispatch(struct seam *s)
{
    bool ran = false;

    for (uint32_t cpu = 0; cpu < s->cpus; cpu++)
        ran |= run_work(s, &s->work[cpu], cpu);
    return ran;
}

static bool run_timer(struct seam *s)
{
    struct seam_timer *t = s->timers;
    uint8_t old_irql = s->irql;

    if (!t || t->due > s->now)
        return false;
    s->timers = t->next;
    t->armed = false;
    s->irql = SEAM_DISPATCH;
    t->run(t->arg);
    s->irql = old_irql;
    return true;
}

/* One step of the most urgent kind. */
static bool step(struct seam *s)
{
    if (run_dispatch(s) || run_timer(s))
        return true;
    if (s->act && s->act(s->peer))
        return true;
    return s->irql == SEAM_PASSIVE && run_work(s, &s->passive, 0);
}

void hosted_run(struct seam *s)
{
    uint32_t steps = 0;

    while (step(s))
        if (++steps > 1000000)
            hosted_fail(s, "work without end");
}

static uint64_t next_due(struct seam *s)
{
    uint64_t due = s->timers ? s->timers->due : SEAM_FOREVER;
    uint64_t act = s->next_act ? s->next_act(s->peer) : SEAM_FOREVER;

    return act < due ? act : due;
}

void hosted_advance(struct seam *s, uint64_t span)
{
    uint64_t end = s->now + span;

    hosted_run(s);
    while (next_due(s) <= end) {
        if (next_due(s) > s->now)
            s->now = next_due(s);
        hosted_run(s);
    }
    if (s->now < end) /* a wait of somebody's may have gone further */
        s->now = end;
    hosted_run(s);
}

void hosted_interrupt(struct seam *s, uint32_t cpu, void (*f)(void *arg),
                      void *arg)
{
    uint32_t old_cpu = s->cpu;
    uint8_t old_irql = s->irql;

    s->cpu = cpu;
    s->irql = SEAM_DISPATCH;
    f(arg);
    s->cpu = old_cpu;
    s->irql = old_irql;
}

int seam_wait(struct seam *s, bool (*done)(void *arg), void *arg,
              uint64_t deadline, const char *what)
{
    uint64_t due;

    if (s->irql != SEAM_PASSIVE)
        hosted_fail(s, "seam_wait above PASSIVE");
    for (;;) {
        if (done(arg))
            return 0;
        if (step(s))
            continue;
        due = next_due(s);
        if (due == SEAM_FOREVER && deadline == SEAM_FOREVER) {
            fprintf(stderr, "# awaited: %s\n", what);
            hosted_fail(s, "nothing can end this wait");
        }
        if (due >= deadline) {
            s->now = deadline > s->now ? deadline : s->now;
            return done(arg) ? 0 : -ETIMEDOUT;
        }
        s->now = due > s->now ? due : s->now;
    }
}

/* ---- the other side ----------------------------------------------------- */

int seam_post_message(struct seam *s, uint32_t connection, uint32_t type,
                      const void *payload, uint32_t size)
{
    s->counts.posts++;
    if (size > 240)
        hosted_fail(s, "a message beyond 240 bytes");
    return s->post ? s->post(s->peer, connection, type, payload, size) : 0;
}

int seam_signal_event(struct seam *s, uint32_t connection, uint16_t flag)
{
    s->counts.signals++;
    return s->signal ? s->signal(s->peer, connection, flag) : 0;
}

/* ---- time, work, processors --------------------------------------------- */

uint64_t seam_now(struct seam *s)
{
    return s->now;
}

bool seam_timer_cancel(struct seam *s, struct seam_timer *t)
{
    struct seam_timer **at = &s->timers;

    if (!t->armed)
        return false;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    t->armed = false;
    return true;
}

void seam_timer_set(struct seam *s, struct seam_timer *t, uint64_t due)
{
    struct seam_timer **at = &s->timers;

    seam_timer_cancel(s, t);
    while (*at && (*at)->due <= due)
        at = &(*at)->next;
    t->due = due;
    t->armed = true;
    t->next = *at;
    *at = t;
}

void seam_work_queue(struct seam *s, struct seam_work *w, uint32_t cpu)
{
    struct seam_work **at = &s->passive;

    if (w->queued)
        return;
    if (w->level == SEAM_DISPATCH) {
        if (cpu >= s->cpus)
            hosted_fail(s, "work for a processor that does not exist");
        at = &s->work[cpu];
    }
    while (*at)
        at = &(*at)->next;
    w->queued = true;
    w->next = NULL;
    *at = w;
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

uint32_t seam_cpu(struct seam *s)
{
    return s->cpu;
}

uint32_t seam_cpu_count(struct seam *s)
{
    return s->cpus;
}

/* Not the processor's own number, so that the two are never mixed up. */
uint32_t seam_vp_index(struct seam *s, uint32_t cpu)
{
    (void)s;
    return cpu * 2 + 4;
}

/* ---- locks -------------------------------------------------------------- */

uint8_t seam_lock(struct seam *s, struct seam_lock *l)
{
    if (l->taken)
        hosted_fail(s, "a lock is taken twice");
    l->taken = 1;
    l->owner = s->cpu;
    return seam_irql_raise(s, SEAM_DISPATCH);
}

void seam_unlock(struct seam *s, struct seam_lock *l, uint8_t irql)
{
    if (!l->taken || l->owner != s->cpu)
        hosted_fail(s, "a lock is given back by a stranger");
    l->taken = 0;
    seam_irql_lower(s, irql);
    if (s->on_unlock)
        s->on_unlock(s);
}

bool seam_lock_held(struct seam *s, const struct seam_lock *l)
{
    return l->taken && l->owner == s->cpu;
}

/* ---- saying and failing ------------------------------------------------- */

void seam_log(struct seam *s, enum seam_level level, const char *format, ...)
{
    char *line = s->log[s->log_lines++ % HOSTED_LOG_LINES];
    va_list args;

    (void)level;
    va_start(args, format);
    vsnprintf(line, sizeof(s->log[0]), format, args);
    va_end(args);
    if (!s->quiet)
        fprintf(stderr, "# %s\n", line);
}

bool hosted_logged(const struct seam *s, const char *text)
{
    for (uint32_t i = 0; i < s->log_lines && i < HOSTED_LOG_LINES; i++)
        if (strstr(s->log[i], text))
            return true;
    return false;
}

_Noreturn void seam_assert_failed(struct seam *s, const char *function,
                                  const char *expression, const char *hint)
{
    if (s && s->on_assert) {
        s->assert_hint = hint;
        longjmp(*s->on_assert, 1);
    }
    fprintf(stderr, "# assertion in %s: %s (%s)\n", function, expression, hint);
    hosted_fail(s, "assertion");
    abort();
}
