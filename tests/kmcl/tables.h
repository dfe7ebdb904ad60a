/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a runner goes through: the tables of tests that run on each platform,
 * and the list's items, each of which stands when all its tests have passed.
 */
#ifndef TESTS_KMCL_TABLES_H
#define TESTS_KMCL_TABLES_H

#include "harness.h"

#define ITEMS 150

/* Ended by NULL. */
extern const struct test *const kmcl_tables[];

/* Per item; 0 is for tests that belong to none. */
struct tally {
    uint32_t tests[ITEMS + 1], passed[ITEMS + 1];
};

void tally_note(struct tally *t, uint32_t item, bool good);

/* How many items have tests that passed, and none that failed. */
uint32_t tally_good(const struct tally *t);

#endif
