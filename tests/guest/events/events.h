/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of vmbare_events.h inside the guest share. */
#ifndef TESTS_GUEST_EVENTS_H
#define TESTS_GUEST_EVENTS_H

#include "vmbare_events.h"

/* A deadline that only catches what hangs. */
uint64_t hang(void);

/* The option `unlocked`: additions that another processor may undo. */
bool without_lock(void);

/* tests.c */
void test_timers(void);
void test_sleep(void);
void test_zero(void);
void test_names(void);

/* processors.c */
void test_processors(void);
void test_wakeups(void);
void test_interrupted(void);
void test_sharing(void);
void test_libc(void);

/* examples.c: those of docs/events.md */
void test_examples(void);

/* misuse.c */
void test_misuse(void);

#endif
