/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of arch/ and hv/ from inside the guest: one file each. */
#ifndef TESTS_GUEST_MACHINE_H
#define TESTS_GUEST_MACHINE_H

#include <stdint.h>

void test_memory(void);
void test_levels(void);
void test_compute(void);   /* an application that computes for long */
void test_hammer(void);    /* malloc and printf from both levels */
void test_registers(void); /* preserved over many interrupts */
void test_processors(void);
void test_time(void);
void test_hypercalls(void);

/* Seconds that a long test takes: option `seconds`, else `otherwise`. */
double seconds_or(double otherwise);

#endif
