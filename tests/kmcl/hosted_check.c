/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a check of the harness fails on the build machine: it says so, and the
 * process ends.
 */
#include <stdio.h>
#include <unistd.h>

#include "harness.h"

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "# %s:%d: failed: %s\n", file, line, what);
    fflush(NULL);
    _exit(1);
}

void check_equal(const char *file, int line, const char *what, long long found,
                 long long expected)
{
    if (found == expected)
        return;
    fprintf(stderr,
            "# %s:%d: %s: found %lld (0x%llx), expected %lld (0x%llx)\n", file,
            line, what, found, (unsigned long long)found, expected,
            (unsigned long long)expected);
    fflush(NULL);
    _exit(1);
}
