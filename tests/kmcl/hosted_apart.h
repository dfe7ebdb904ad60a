/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hosted: a test in a process of its own, so that a crash is one failed test.
 */
#ifndef TESTS_KMCL_HOSTED_APART_H
#define TESTS_KMCL_HOSTED_APART_H

#include <stdbool.h>

/* True: `run` came to its end within 20 s. What it prints goes to standard
 * error, as it is no TAP. */
bool run_apart(void (*run)(const void *test), const void *test);

#endif
