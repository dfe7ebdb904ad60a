/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Log lines of an application or a driver:
 *
 *     vmbare_log(VMBARE_LOG_WARNING, "block %u was read twice", block);
 *
 *     [   0.104233] disk: warning: block 7 was read twice
 *
 * They stand in the log with the system's, in order and with their time, and
 * the last ones are in a crash report. Which of them are shown is chosen by the
 * options log=LEVEL, for everything, and app.log=LEVEL, for these lines alone
 * (docs/options.md).
 */
#ifndef APP_VMBARE_LOG_H
#define APP_VMBARE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* From what is always shown to what is shown only when it is asked for. */
enum vmbare_log_level {
    VMBARE_LOG_ERROR,   /* the run does not do what was asked */
    VMBARE_LOG_WARNING, /* it does, but a person should look */
    VMBARE_LOG_INFO,    /* what it does */
    VMBARE_LOG_DEBUG,   /* each step */
};

/* Whose lines these are: the makefiles give the application's name. A file may
 * define another one before it includes this header. */
#ifndef VMBARE_NAME
#define VMBARE_NAME "application"
#endif

/**
 * Log one line. Any IRQL, on any processor.
 *
 * @name    stands first in the line
 * @level   one of enum vmbare_log_level
 * @format  as printf takes it, without floating point and without a newline;
 *          the line is cut after 240 characters
 */
void vmbare_log_as(const char *name, enum vmbare_log_level level,
                   const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same in the name of this file's application. */
#define vmbare_log(level, ...) vmbare_log_as(VMBARE_NAME, level, __VA_ARGS__)

/**
 * Would a line of this level be shown? For lines that cost something to make.
 *
 * @level   one of enum vmbare_log_level
 * @return  1: it would be; 0: not
 */
int vmbare_log_shows(enum vmbare_log_level level);

/* ---- reading ------------------------------------------------------------- */

#define VMBARE_LOG_TEXT_MAX 241u /* the final zero included */

/* A reader's place in the log. All zero: before the oldest line that is still
 * there. */
struct vmbare_log_place {
    uint64_t position, line;
};

/* A line that was read. */
struct vmbare_log_line {
    uint64_t time; /* 100 ns since the start */
    uint64_t lost; /* lines before it that were written over */
    enum vmbare_log_level level;
    bool raw; /* text of standard output: a piece, with newlines of its own */
    char text[VMBARE_LOG_TEXT_MAX];
};

/**
 * Read the next line of the system's log, the application's own among them.
 * IRQL: any.
 *
 * @place  moved behind it
 * @line   filled in, with true only
 * @return false: there is no next line yet
 */
bool vmbare_log_read(struct vmbare_log_place *place,
                     struct vmbare_log_line *line);

#ifdef __cplusplus
}
#endif

#endif
