/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeps the text of a report as the consoles show it, byte by byte, so that
 * the QR codes say the same as COM1. It is one more sink of the log.
 */
#ifndef ARCH_CODES_CAPTURE_H
#define ARCH_CODES_CAPTURE_H

#include <stddef.h>

#include "arch/console/log.h"

/* The last bytes that are kept. A crash report has 7 KB at most. */
#define CAPTURE_SIZE 24576u

/** The log's sink, with threshold LOG_INFO; for log_add_sink(). */
struct log_sink *capture_sink(void);

/** Forget what was kept, and keep what comes from now on. IRQL: any. */
void capture_begin(void);

/**
 * Keep nothing more. IRQL: any.
 *
 * @text    receives the text, valid until capture_begin(). When more has come
 *          than CAPTURE_SIZE, it is the last part, from the beginning of a line
 *          on: a report ends with what matters most.
 * @return  its length in bytes
 */
size_t capture_end(const char **text);

#endif
