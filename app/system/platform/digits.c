/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers in options: digits.h. */
#include "app/system/platform/digits.h"

#define NO_DIGIT 99u

static unsigned digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a' + 10);
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A' + 10);
    return NO_DIGIT;
}

bool digits_read(const char **text, unsigned base, uint64_t limit,
                 uint64_t *number)
{
    const char *at = *text;
    uint64_t value = 0;
    unsigned digit;

    for (; (digit = digit_of(*at)) < base; at++) {
        /* Compare before multiplying, so that nothing wraps. */
        if (digit > limit || value > (limit - digit) / base)
            return false;
        value = value * base + digit;
    }
    if (at == *text)
        return false;
    *text = at;
    *number = value;
    return true;
}
