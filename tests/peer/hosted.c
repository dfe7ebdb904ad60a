/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosted seam: its life, locks, saying and failing. */
#include "hosted_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
