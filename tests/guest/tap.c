/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints TAP lines: see tap.h. */
#include "tap.h"

#include <stdarg.h>
#include <stdio.h>

static unsigned results, failed;

bool tap_ok(bool ok, const char *format, ...)
{
    char name[160];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(name, sizeof(name), format, arguments);
    va_end(arguments);
    results++;
    failed += !ok;
    printf("%s %u - %s\n", ok ? "ok" : "not ok", results, name);
    return ok;
}

void tap_note(const char *format, ...)
{
    char text[160];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    printf("# %s\n", text);
}

void tap_skip(const char *name, const char *reason)
{
    results++;
    printf("ok %u - %s # SKIP %s\n", results, name, reason);
}

bool tap_end(void)
{
    printf("1..%u\n", results);
    return results > 0 && failed == 0;
}
