/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log: time-stamped lines in a ring, and the sinks that show them.
 *
 *     [   0.001234] vmbus: connected, protocol 5.3
 *
 * A line is first put into the ring, under a lock that is held for the copy
 * only. Then whoever finds the sinks idle brings them up to date. Therefore an
 * interrupt that logs while its own processor is printing only adds to the
 * ring, nobody waits for a slow sink of another processor, and a sink that is
 * added late (or a program that reads by cursor) sees what came before it.
 *
 * All functions but log_add_sink() may be called at any IRQL, from any
 * processor, and from fault handlers.
 */
#ifndef ARCH_LOG_H
#define ARCH_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Longest text of one line or raw piece; longer lines are cut, longer raw
 * text is kept in several pieces. */
#define LOG_TEXT_MAX 240u

/**
 * Log one line.
 *
 * @level   who sees it: each sink has a threshold
 * @format  as format_print_v() takes it; without newline, beginning with the
 *          name of the module: "hv: 2 processors". Cut after LOG_TEXT_MAX
 *          characters.
 */
void log_printf(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** The same with the arguments as a list. */
void log_vprintf(enum log_level level, const char *format, va_list arguments);

/**
 * Print text of the application (stdout, TAP): no time, no level, and its
 * newlines are its own. It goes through the ring so that the order is kept, and
 * to every sink whatever the sink's threshold is.
 *
 * @text  @length bytes, any of them; longer text is kept in several pieces
 */
void log_write(const char *text, size_t length);

/** Say which lines are kept at all. Lines past this level are not even
 * formatted. At first all lines are kept. */
void log_keep(enum log_level most);

/* ---- time ------------------------------------------------------------- */

/** Register the source of time stamps: nanoseconds since the start. Until then
 * lines carry 0. */
void log_set_clock(uint64_t (*ns)(void));

/* A reader's place in the log. All zero: before the oldest line that is still
 * there. */
struct log_cursor {
    uint64_t position, line;
};

/* ---- sinks ------------------------------------------------------------ */

/*
 * Something that shows the log. The storage is the caller's and must stay.
 * `threshold`, `write` and `flush` are set before log_add_sink(), and the
 * threshold may be changed at any time; the other members belong to the log.
 */
struct log_sink {
    enum log_level threshold; /* shows lines of this level and below it */
    /* Characters ready to print, newlines ('\n') included. Never called by
     * two processors at a time, except in a crash. */
    void (*write)(struct log_sink *sink, enum log_level level, const char *text,
                  size_t length);
    /* May be NULL. Called after the last of a batch of writes. */
    void (*flush)(struct log_sink *sink);

    struct log_sink *next;
    struct log_cursor cursor;
    bool mid_line; /* the last raw text did not end its line */
};

/** Add a sink, and print to it what the ring holds. IRQL: PASSIVE, at start
 * only. */
void log_add_sink(struct log_sink *sink);

/* ---- reading ---------------------------------------------------------- */

struct log_line {
    uint64_t ns;
    uint64_t lost; /* lines that were overwritten before this one was read */
    enum log_level level;
    bool raw; /* from log_write */
    uint16_t length;
    char text[LOG_TEXT_MAX + 1]; /* zero-terminated */
};

/**
 * Copy the next line and move the cursor.
 *
 * @return  false when there is no next line yet
 */
bool log_read(struct log_cursor *cursor, struct log_line *line);

/** Set the cursor before the last @lines lines, or before the oldest one when
 * there are fewer. */
void log_seek_last(struct log_cursor *cursor, unsigned lines);

/* ---- crash ------------------------------------------------------------ */

/**
 * Begin a crash. From now on nobody waits for the ring's lock for longer than a
 * bounded time, and only log_crash_flush() prints: the sinks are closed for
 * everybody else.
 */
void log_enter_crash(void);

/** Print what came into the ring, after log_enter_crash(). By the processor
 * that reports the crash. */
void log_crash_flush(void);

#endif
