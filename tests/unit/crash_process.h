/* SPDX-License-Identifier: BSD-2-Clause */
/* Each crash report is made in a process of its own, because a crash never
 * returns. The process prints how it ended: HALT, RESET or DEBUG-EXIT. */
#ifndef CRASH_PROCESS_H
#define CRASH_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "arch/crash/crash.h"
#include "arch/console/log.h"

/* Is there a screen for codes in the process? */
extern bool report_codes;

/* Is the image one without QR codes? */
extern bool report_without_codes;

/* The output of the last report's process. */
extern char report_text[65536];

/* The log's sink in that process. A test may replace `write`, report_show. */
extern struct log_sink report_sink;
void report_show(struct log_sink *sink, enum log_level level, const char *bytes,
                 size_t length);

/* Starts a process that calls `prepare` (may be NULL) and reports the crash.
 * The process must end by itself. */
void report_run(const struct crash_info *info, void (*prepare)(void));

/* Asserts that the report has the texts in this order; NULL ends the list. */
void expect_report(const char *const *wanted);
#define EXPECT_REPORT(...) \
    expect_report((const char *const[]){__VA_ARGS__, NULL})

void expect_not_reported(const char *unwanted);

#endif
