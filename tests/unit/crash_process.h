/* SPDX-License-Identifier: BSD-2-Clause */
/* Crash reports to look at: each is made in a process of its own, as there is
 * no way back from one. Whoever ends there prints HALT, RESET or DEBUG-EXIT. */
#ifndef CRASH_PROCESS_H
#define CRASH_PROCESS_H

#include <stddef.h>

#include "arch/crash/crash.h"
#include "arch/console/log.h"

/* What the last report's process printed. */
extern char report_text[65536];

/* The log's way out there; `write` may be another than report_show. */
extern struct log_sink report_sink;
void report_show(struct log_sink *sink, enum log_level level, const char *bytes,
                 size_t length);

/* Calls `prepare`, if any, and reports the crash, in a new process that must
 * end by itself. */
void report_run(const struct crash_info *info, void (*prepare)(void));

/* The texts come in this order; NULL ends the list. */
void expect_report(const char *const *wanted);
#define EXPECT_REPORT(...) \
    expect_report((const char *const[]){__VA_ARGS__, NULL})

void expect_not_reported(const char *unwanted);

#endif
