/* SPDX-License-Identifier: BSD-2-Clause */
/* TAP from inside the guest: a line per check on the console. */
#ifndef TESTS_GUEST_TAP_H
#define TESTS_GUEST_TAP_H

#include <stdbool.h>

/* One result; the name says what holds. Returns `ok`. */
bool tap_ok(bool ok, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A remark that is no result. */
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A test that does not apply here; tests/skips must list it. */
void tap_skip(const char *name, const char *reason);

/* Prints the plan. True: at least one result, and all of them ok. */
bool tap_end(void);

#endif
