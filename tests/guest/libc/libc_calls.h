/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls of the C library, one for each function of docs/libc.md. Each prints a
 * result that names the function, and tests/libc compares the names with the
 * page, and with the symbols that these files take.
 */
#ifndef TESTS_GUEST_LIBC_CALLS_H
#define TESTS_GUEST_LIBC_CALLS_H

#include <errno.h>

#include "tests/guest/tap.h"

/* The function was called and did what the page says, if the rest is true. */
#define WORKS(function, ...) tap_ok((__VA_ARGS__), "works: " #function)

/* The call in the rest fails, and errno is that one. */
#define REFUSED(function, error, ...)                      \
    tap_ok((errno = 0, (__VA_ARGS__)) && errno == (error), \
           "refused: " #function " " #error)

void call_output(void);
void call_memory_text(void);
void call_input(void);
void call_memory(void);
void call_strings(void);
void call_numbers(void);
void call_mathematics(void);
void call_time(void);
void call_environment(void);
void call_files(void);
void call_changes(void);
void call_refused(void);

#endif
