/* SPDX-License-Identifier: BSD-2-Clause */
/* The one reader of numbers for everything that is given as an option. Pure. */
#ifndef APP_SYSTEM_PLATFORM_DIGITS_H
#define APP_SYSTEM_PLATFORM_DIGITS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Reads a number without sign at the beginning of a text.
 *
 * @text    where the number begins; moves to the first character that is no
 *          digit of the base
 * @base    10 or 16, without a prefix
 * @limit   the largest number that is accepted
 * @number  receives the number
 * @return  false: the text begins with no digit, or the number is above the
 *          limit; *text and *number are unchanged
 *
 * Any IRQL; no side effects.
 */
bool digits_read(const char **text, unsigned base, uint64_t limit,
                 uint64_t *number);

#endif
