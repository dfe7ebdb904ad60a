/* SPDX-License-Identifier: BSD-2-Clause */
/* What a platform of looped.h says, and how it fails. */
#include "tests/looped/looped.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Warnings and errors, for who asks for them. */
void seam_log(struct seam *s, enum seam_level level, const char *format, ...)
{
    va_list args;

    (void)s;
    if (level > SEAM_LOG_WARNING || !getenv("HOSTED_VERBOSE"))
        return;
    va_start(args, format);
    fputs("# ", stderr);
    vfprintf(stderr, format, args);
    fputs("\n", stderr);
    va_end(args);
}

_Noreturn void looped_fail(const char *why)
{
    printf("not ok - %s\n", why);
    fflush(stdout);
    _exit(1);
}

_Noreturn void seam_assert_failed(struct seam *s, const char *function,
                                  const char *expression, const char *hint)
{
    (void)s;
    printf("# assertion in %s: %s (%s)\n", function, expression, hint);
    looped_fail("an assertion is broken");
}
