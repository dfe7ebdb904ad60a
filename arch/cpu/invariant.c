/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Broken invariants on their way to the crash report: see invariant.h. This is
 * the lowest file of arch/, because every other one may assert something.
 */
#include "arch/cpu/invariant.h"

#include <stddef.h>

#include "arch/cpu/halt.h"

static invariant_report *reporter;

/* The value holds until arch/start.c replaces it with one of this start. */
uintptr_t __stack_chk_guard = 0x9e3779b97f4a7c15;

/* A hook, because the report needs log, memory and the other processors, which
 * all stand above this file. */
void invariant_set_report(invariant_report *report)
{
    reporter = report;
}

/* The backtrace begins in the frame of this function; its caller, which
 * checked, is the first line of it. */
_Noreturn void invariant_failed(const char *function, const char *expression,
                                const char *hint)
{
    if (reporter)
        reporter("assertion failed", function, expression, hint,
                 (uint64_t)(uintptr_t)__builtin_frame_address(0));
    halt_forever();
}

/* Called by code that the compiler adds at the end of a protected function. */
_Noreturn void __stack_chk_fail(void);

_Noreturn void __stack_chk_fail(void)
{
    if (reporter)
        reporter("smashed stack", NULL, NULL,
                 "a function wrote past a buffer in its frame",
                 (uint64_t)(uintptr_t)__builtin_frame_address(0));
    halt_forever();
}
