/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All tables, and how the items of the list stand: tables.h.
 */
#include "tables.h"

#define TABLE(name) kmcl_tests_##name,

const struct test *const kmcl_tables[] = {KMCL_TABLES(TABLE) NULL};

void tally_note(struct tally *t, uint32_t item, bool good)
{
    t->tests[item]++;
    t->passed[item] += good;
}

uint32_t tally_good(const struct tally *t)
{
    uint32_t good = 0;

    for (uint32_t item = 1; item <= ITEMS; item++)
        good += t->tests[item] && t->passed[item] == t->tests[item];
    return good;
}
