/*
 * The log: time-stamped lines in a ring, and the sinks that show them.
 *
 *     [   0.001234] vmbus: connected, protocol 5.3
 *
 * A line is first put into the ring, under a lock that is held for the copy
 * only; then whoever finds the sinks idle brings them up to date. So an
 * interrupt that logs while its own processor is printing only adds to the
 * ring, nobody waits for a slow sink of another processor, and a sink added
 * late (or a program reading by cursor) sees what came before it.
 *
 * All functions but log_add_sink are callable at any IRQL, from any
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

/* One line without newline, starting with its module: "hv: 2 processors". */
void log_printf(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_vprintf(enum log_level level, const char *format, va_list arguments);

/*
 * Text of the application (stdout, TAP): no time, no level, its newlines are
 * its own. It goes through the ring so that the order is kept, and to every
 * sink whatever its threshold.
 */
void log_write(const char *text, size_t length);

/*
 * Lines past this level are not even put into the ring, where they cost the
 * time to format them: nobody will ask for them. At first all are.
 */
void log_keep(enum log_level most);

/* ---- time ------------------------------------------------------------- */

/* The source of time stamps: ns since start. Before, lines carry 0. */
void log_set_clock(uint64_t (*ns)(void));

/* A reader's place. All zero: before the oldest line that is still there. */
struct log_cursor {
    uint64_t position, line;
};

/* ---- sinks ------------------------------------------------------------ */

/*
 * Something that shows the log. The storage is the caller's and stays;
 * threshold, write and flush are set before log_add_sink and the threshold
 * may be changed at any time; the rest is the log's.
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

/* Adds a sink and prints to it what the ring holds. PASSIVE, start only. */
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

/* Copies the next line and moves the cursor. False: there is none yet. */
bool log_read(struct log_cursor *cursor, struct log_line *line);

/* Sets the cursor before the last `lines` lines. */
void log_seek_last(struct log_cursor *cursor, unsigned lines);

/* ---- crash ------------------------------------------------------------ */

/*
 * From now on nobody is waited for: the ring's lock is passed over where it
 * cannot be had in a bounded time, and the sinks are shut to everyone;
 * only log_crash_flush prints what came into the ring.
 */
void log_enter_crash(void);
void log_crash_flush(void);

#endif
