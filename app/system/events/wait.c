/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for several things, over the one function of the platform that waits.
 *
 * The platform asks again and again whether a wait is over, and may ask once
 * more after it was. So what ends it is taken once, and the wait remembers it.
 */
#include <string.h>

#include "app/system/events/events.h"

/* COM1 gives no interrupt: while a wait is for it, it is looked at so often. */
#define KEY_PAUSE (20 * SEAM_MS)

/* The longest span, in seconds: 3,000 years. */
#define LONGEST 1e11

/* The names in a line of the log. */
#define NAMES 128u

struct vmbare_source vmbare_key_source = {EVENTS_KEY, "a key"};
struct vmbare_source vmbare_line_source = {EVENTS_LINE, "a line of input"};

/* One wait, in the frame of whoever waits. */
struct waiting {
    struct vmbare_source *const *what;
    unsigned count;
    unsigned found; /* the index that ended it */
    bool over;
};

/* ---- what has happened --------------------------------------------------- */

/* Takes a mark away; true: it was there. */
static bool take(bool *mark)
{
    bool was = *mark;

    *mark = false;
    return was;
}

/* Under the lock: has it happened? Takes it where one wait has it alone. */
static bool look(struct vmbare_source *source)
{
    struct vmbare_event *event = (struct vmbare_event *)(void *)source;
    struct vmbare_job *job = &((struct vmbare_work *)(void *)source)->job;

    switch (source->kind) {
    case EVENTS_EVENT:
        return event->all ? event->set : take(&event->set);
    case EVENTS_MESSAGES:
        return ((struct vmbare_messages *)(void *)source)->count != 0;
    case EVENTS_TIMER:
        return take(&((struct vmbare_timer *)(void *)source)->expired);
    case EVENTS_WORK:
        return !job->queued && !job->running;
    default:
        return false;
    }
}

/* COM1 is looked at without the lock: a line is edited and echoed meanwhile. */
static bool has_happened(struct vmbare_source *source)
{
    uint8_t irql;
    bool happened;

    if (source->kind == EVENTS_KEY)
        return events_key_waiting();
    if (source->kind == EVENTS_LINE)
        return events_line_waiting();
    irql = events_lock();
    happened = look(source);
    events_unlock(irql);
    return happened;
}

/* Asked by the platform, at PASSIVE, on whichever stack runs its loop. */
static bool is_over(void *arg)
{
    struct waiting *w = arg;

    for (unsigned i = 0; !w->over && i < w->count; i++) {
        if (has_happened(w->what[i])) {
            w->found = i;
            w->over = true;
        }
    }
    return w->over;
}

/* ---- checks -------------------------------------------------------------- */

/* What is looked at again and again, because it gives no interrupt. */
static bool is_com1(const struct vmbare_source *source)
{
    return source->kind == EVENTS_KEY || source->kind == EVENTS_LINE;
}

/* By the number that each init function leaves there. */
static bool is_source(const struct vmbare_source *source)
{
    return source && source->kind >= EVENTS_EVENT &&
           source->kind <= EVENTS_LINE;
}

/* All is checked before anything is waited for: a wait that is refused takes
 * no event away. */
static bool check(struct vmbare_source *const what[], unsigned count,
                  uint64_t deadline)
{
    static const char function[] = "vmbare_wait";
    bool com1 = false;

    if (!what || !count || count > VMBARE_WAIT_MOST) {
        (void)events_misuse(function, "1 to 32 things to wait for", count);
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!is_source(what[i])) {
            (void)events_misuse(function,
                                "things that their init functions "
                                "have made, by number",
                                i);
            return false;
        }
        com1 |= is_com1(what[i]);
    }
    /* The editor of lines is for PASSIVE on processor 0. */
    return (deadline == VMBARE_NOW && !com1) || events_check_wait(function);
}

/* ---- the wait ------------------------------------------------------------ */

/* "a, b, c", as many as there is room for. */
static const char *list_names(const struct waiting *w, char names[NAMES])
{
    size_t at = 0;

    names[0] = 0;
    for (unsigned i = 0; i < w->count; i++) {
        const char *name = w->what[i]->name ? w->what[i]->name : "no name";
        size_t length = strlen(name);

        if (at + length + 3 > NAMES)
            break;
        if (i)
            memcpy(names + at, ", ", 2);
        at += i ? 2 : 0;
        memcpy(names + at, name, length + 1);
        at += length;
    }
    return names;
}

/* As long as COM1 is among the things, in short pieces. */
static bool wait_until_over(struct waiting *w, uint64_t deadline,
                            const char *names)
{
    struct seam *s = events_seam();
    bool com1 = false;

    for (unsigned i = 0; i < w->count; i++)
        com1 |= is_com1(w->what[i]);
    for (;;) {
        uint64_t end = deadline, pause = seam_now(s) + KEY_PAUSE;

        /* The deadline itself is never passed over. */
        if (com1 && pause < deadline)
            end = pause;
        if (seam_wait(s, is_over, w, end, names) == 0)
            return true;
        if (end == deadline)
            return false;
    }
}

/* What has happened already needs no turn of others. The names are collected
 * only for a wait that sleeps: they are for the log, and for the reminders
 * of a wait without a deadline. */
enum vmbare_status vmbare_wait(struct vmbare_source *const what[],
                               unsigned count, uint64_t deadline,
                               unsigned *which)
{
    struct waiting w = {.what = what, .count = count};
    struct seam *s = events_seam();
    char names[NAMES];

    if (!check(what, count, deadline))
        return VMBARE_MISUSE;
    /* What has happened already ends the wait at any level. */
    if (!is_over(&w)) {
        if (deadline == VMBARE_NOW)
            return VMBARE_LATE;
        seam_log(s, SEAM_LOG_DEBUG, "events: waiting for %s",
                 list_names(&w, names));
        if (!wait_until_over(&w, deadline, names)) {
            seam_log(s, SEAM_LOG_DEBUG, "events: the deadline came before %s",
                     names);
            return VMBARE_LATE;
        }
        seam_log(s, SEAM_LOG_DEBUG, "events: %s, after waiting",
                 what[w.found]->name);
    }
    if (which)
        *which = w.found;
    return VMBARE_OK;
}

/* One thing is a list of one. */
enum vmbare_status vmbare_wait_for(struct vmbare_source *what,
                                   uint64_t deadline)
{
    return vmbare_wait(&what, 1, deadline, NULL);
}

/* A span that the clock has no room for never ends. */
uint64_t vmbare_after(double seconds)
{
    uint64_t now = seam_now(events_seam());

    if (seconds > LONGEST)
        return VMBARE_FOREVER;
    return seconds > 0 ? now + (uint64_t)(seconds * (double)SEAM_S) : now;
}
