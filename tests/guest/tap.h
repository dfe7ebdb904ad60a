/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints TAP from inside the guest: a console line for each check. */
#ifndef TESTS_GUEST_TAP_H
#define TESTS_GUEST_TAP_H

#include <stdbool.h>

/* Prints one result; its name says what holds. Returns `ok`. */
bool tap_ok(bool ok, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints a remark that is no result. */
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a test that does not apply here; tests/skips must list it. */
void tap_skip(const char *name, const char *reason);

/* A test that the option test=NAME can choose. */
struct tap_test {
    const char *name;
    void (*run)(void);
};

/*
 * Runs the test of that name, or all of the `count` tests when `only` is NULL.
 * A name that none of them has is a failed result, and all names are printed.
 */
void tap_run(const struct tap_test *tests, unsigned count, const char *only);

/* Prints the plan. Returns true if there were results and all are ok. */
bool tap_end(void);

#endif
