/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A report as QR codes beside the text on the screen: one photograph carries
 * all of it where there is no serial port.
 *
 *     text -> deflate.h -> parts.h -> qrcodegen -> screen
 *
 * All memory is static, and no lock is taken: a crash shows its report too.
 */
#ifndef ARCH_CODES_CODES_H
#define ARCH_CODES_CODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is to be seen. All zero: there is no screen, or no room on it. */
struct codes_shown {
    uint32_t first, last; /* numbers of the parts that are on the screen now */
    uint32_t parts;       /* of the report */
};

/**
 * Begin a report: keep its text from now on, and keep the panel at the right
 * edge of the screen free of it. IRQL: any, one caller at a time.
 */
void codes_begin(void);

/**
 * End a report and compress it. Draws nothing.
 *
 * @return  true: there is something to show
 *
 * IRQL: any, after codes_begin().
 */
bool codes_end(void);

/**
 * Draw the report's codes in the panel, as many as it has room for.
 *
 * @page    0 for the first ones, 1 for those after them, and so on; past the
 *          last page it begins again
 * @shown   receives what is on the screen now
 *
 * IRQL: any, after codes_end() has returned true.
 */
void codes_show(uint32_t page, struct codes_shown *shown);

#endif
