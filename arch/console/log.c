/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log: see log.h. This file has the sinks and the levels; the ring itself
 * is in log_ring.c.
 *
 *     log_printf -> ring (32 KiB) -> pump -> sinks: COM1, screen, ...
 *
 * Each sink has a cursor of its own in the ring. The pump moves all of them to
 * the end; it runs in whichever call finds no other one pumping.
 */
#include "arch/console/log.h"

#include <string.h>

#include "arch/console/format.h"
#include "arch/console/log_lock.h"
#include "arch/console/log_ring.h"

#define RING_SIZE (32u * 1024u)

/* Room for what comes before and after the text of a rendered line. */
#define STAMP_MAX 32u

static uint8_t ring_bytes[RING_SIZE];
static struct log_ring ring = {.bytes = ring_bytes, .size = RING_SIZE};
static struct log_lock lock;
static struct log_sink *sinks;
static bool pumping;  /* somebody is bringing the sinks up to date */
static uint32_t news; /* counts what came into the ring */
static uint64_t (*clock_ns)(void);
static enum log_level kept = LOG_DEBUG;

static uint64_t now_ns(void)
{
    return clock_ns ? clock_ns() : 0;
}

void log_set_clock(uint64_t (*ns)(void))
{
    clock_ns = ns;
}

void log_keep(enum log_level most)
{
    kept = most;
}

/* ---- reading ----------------------------------------------------------- */

/* The copy is made under the lock, so that a writer cannot overwrite the line
 * meanwhile. */
bool log_read(struct log_cursor *cursor, struct log_line *line)
{
    struct log_lock_state state = log_lock_take(&lock);
    bool there = log_ring_read(&ring, cursor, line);

    log_lock_give(&lock, state);
    return there;
}

void log_seek_last(struct log_cursor *cursor, unsigned lines)
{
    struct log_lock_state state = log_lock_take(&lock);

    log_ring_seek_last(&ring, cursor, lines);
    log_lock_give(&lock, state);
}

/* ---- sinks ------------------------------------------------------------- */

/* Prints a line with its time, in the form that log.h shows. */
static void sink_stamped(struct log_sink *sink, const struct log_line *line,
                         const char *text)
{
    char out[LOG_TEXT_MAX + STAMP_MAX];
    uint64_t us = line->ns / 1000;
    /* What raw text left unfinished stays a line of its own. */
    size_t length = format_print(
        out, sizeof(out), "%s[%4llu.%06u] %s\n", sink->mid_line ? "\n" : "",
        (unsigned long long)(us / 1000000), (unsigned)(us % 1000000), text);

    if (length >= sizeof(out))
        length = sizeof(out) - 1;
    sink->mid_line = false;
    sink->write(sink, line->level, out, length);
}

/* Says how many lines the sink has missed, then shows the next one. Raw text is
 * shown whatever the threshold is. */
static void sink_show(struct log_sink *sink, const struct log_line *line)
{
    if (line->lost > 0) {
        char text[64];

        format_print(text, sizeof(text), "log: %llu lines lost, ring full",
                     (unsigned long long)line->lost);
        sink_stamped(sink, line, text);
    }
    if (line->raw) {
        if (line->length == 0)
            return;
        sink->mid_line = line->text[line->length - 1] != '\n';
        sink->write(sink, line->level, line->text, line->length);
    } else if (line->level <= sink->threshold) {
        sink_stamped(sink, line, line->text);
    }
}

/* The flush comes once after many lines: redrawing a screen is slow. */
static void sink_catch_up(struct log_sink *sink)
{
    struct log_line line;
    bool any = false;

    /* Lines that come meanwhile are shown as well. */
    while (log_read(&sink->cursor, &line)) {
        sink_show(sink, &line);
        any = true;
    }
    if (any && sink->flush)
        sink->flush(sink);
}

static void sinks_catch_up(void)
{
    for (struct log_sink *sink = sinks; sink; sink = sink->next)
        sink_catch_up(sink);
}

/*
 * One caller prints for all. A caller that finds the sinks busy leaves its line
 * to the one that prints. That one looks at the count of news again after it
 * has let the sinks go: a line may have come between its last look and that
 * moment.
 */
static void pump(void)
{
    uint32_t seen;

    /* In a crash only the reporting processor prints; see log_crash_flush(). */
    if (!sinks || __atomic_load_n(&lock.crashed, __ATOMIC_SEQ_CST))
        return;
    do {
        if (__atomic_exchange_n(&pumping, true, __ATOMIC_ACQUIRE))
            return;
        seen = __atomic_load_n(&news, __ATOMIC_SEQ_CST);
        sinks_catch_up();
        __atomic_store_n(&pumping, false, __ATOMIC_SEQ_CST);
    } while (__atomic_load_n(&news, __ATOMIC_SEQ_CST) != seen);
}

/* An empty cursor makes the new sink begin with the oldest line. */
void log_add_sink(struct log_sink *sink)
{
    sink->cursor = (struct log_cursor){0, 0};
    sink->mid_line = false;
    /* The newest sink is shown first; the order does not matter. */
    sink->next = sinks;
    sinks = sink;
    pump();
}

/* ---- writing ----------------------------------------------------------- */

/* The time is taken outside the lock. The count is raised after the line is in
 * the ring: pump() relies on that order. */
static void append(enum log_level level, bool raw, const char *text,
                   size_t length)
{
    uint64_t ns = now_ns();
    struct log_lock_state state = log_lock_take(&lock);

    log_ring_append(&ring, ns, level, raw, text, length);
    log_lock_give(&lock, state);
    __atomic_fetch_add(&news, 1, __ATOMIC_SEQ_CST);
}

/* A buffer on the stack: a line may be logged at any level, on any processor,
 * at the same time. */
void log_vprintf(enum log_level level, const char *format, va_list arguments)
{
    char text[LOG_TEXT_MAX + 1];
    size_t length;

    /* Not even formatted: see log_keep(). */
    if (level > kept)
        return;
    length = format_print_v(text, sizeof(text), format, arguments);
    append(level, false, text, length < LOG_TEXT_MAX ? length : LOG_TEXT_MAX);
    pump();
}

void log_printf(enum log_level level, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_vprintf(level, format, arguments);
    va_end(arguments);
}

void log_write(const char *text, size_t length)
{
    while (length > 0) {
        /* A long text is kept in several pieces, in order. */
        size_t piece = length < LOG_TEXT_MAX ? length : LOG_TEXT_MAX;

        append(LOG_INFO, true, text, piece);
        text += piece;
        length -= piece;
    }
    pump();
}

/* ---- crash ------------------------------------------------------------- */

void log_enter_crash(void)
{
    __atomic_store_n(&lock.crashed, true, __ATOMIC_SEQ_CST);
    /* Who is printing just now, on another processor, is not waited for:
     * it may be what crashed. */
}

void log_crash_flush(void)
{
    sinks_catch_up();
}
