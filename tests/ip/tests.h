/* SPDX-License-Identifier: BSD-2-Clause */
/* The groups of tests, and what they share. */
#ifndef TESTS_IP_TESTS_H
#define TESTS_IP_TESTS_H

/* cmocka wants these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* */
#include <cmocka.h>

#include "tests/ip/world.h"

/** Run a group. @return  how many failed */
int transfer_tests(void);
int configure_tests(void);
int answers_tests(void);
int names_tests(void);
int streams_tests(void);
int ends_tests(void);
int calls_tests(void);
int settings_tests(void);

/* Two stacks on one wire: A is 10.0.0.1, B 10.0.0.2. */
struct pair {
    struct end a, b;
};

/** Start both. */
void pair_start(struct pair *pair, uint32_t seed, const struct fate *fate);

/** Stop both; neither may have kept anything. */
void pair_stop(struct pair *pair);

/** Settings with a fixed address 10.0.0.`last`/24. */
struct ip_settings fixed_settings(uint8_t last);

#endif
