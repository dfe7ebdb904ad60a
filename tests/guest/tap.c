/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints TAP lines: see tap.h. */
#include "tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

void tap_run(const struct tap_test *tests, unsigned count, const char *only)
{
    bool found = false;

    for (unsigned i = 0; i < count; i++) {
        if (only && strcmp(only, tests[i].name) != 0)
            continue;
        found = true;
        tests[i].run();
    }
    if (found)
        return;
    tap_ok(false, "test=%s is a test of this image", only ? only : "");
    for (unsigned i = 0; i < count; i++)
        tap_note("expected %s", tests[i].name);
}

bool tap_end(void)
{
    printf("1..%u\n", results);
    return results > 0 && failed == 0;
}
