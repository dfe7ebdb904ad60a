/* SPDX-License-Identifier: BSD-2-Clause */
/* The application's assert() ends in the crash report, as ours does. */
#include <assert.h>
#include <stddef.h>

#include "arch/cpu/invariant.h"

/* Called by the macro of newlib's <assert.h>. */
void __assert_func(const char *file, int line, const char *function,
                   const char *expression)
{
    (void)line; /* the backtrace has it */
    invariant_failed(function ? function : file, expression,
                     "the application's own assertion");
}
