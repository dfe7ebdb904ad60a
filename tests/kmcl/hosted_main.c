/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the acceptance tests on the build machine: each in a process of its
 * own. TAP on standard output; arguments are item numbers to run alone, in
 * this process.
 */
#include <stdio.h>
#include <stdlib.h>

#include "hosted_apart.h"
#include "runner.h"
#include "tables.h"

struct run {
    int argc; /* items to run alone */
    char **argv;
    uint32_t n, failed;
    struct tally tally;
};

static void run_here(const void *test)
{
    const struct test *t = test;
    struct world *w = world_create();

    t->run(w);
    world_destroy(w);
}

static bool chosen(const struct run *r, uint32_t item)
{
    for (int i = 1; i < r->argc; i++) {
        char *end;

        if (strtoul(r->argv[i], &end, 10) == item && !*end)
            return true;
    }
    return false;
}

static void name(bool ok, uint32_t n, const struct test *t)
{
    printf("%sok %u - ", ok ? "" : "not ", n);
    if (t->item)
        printf("item %u: ", t->item);
    printf("%s\n", t->what);
}

static void run_test(struct run *r, const struct test *t)
{
    bool ok = true;

    if (r->argc == 1) {
        ok = run_apart(run_here, t);
        tally_note(&r->tally, t->item, ok);
        r->failed += !ok;
    } else if (chosen(r, t->item)) {
        run_here(t);
    } else {
        return;
    }
    name(ok, ++r->n, t);
}

static void each_of(struct run *r, const struct test *t,
                    void (*f)(struct run *r, const struct test *t))
{
    for (; t->run; t++)
        f(r, t);
}

static void each_test(struct run *r,
                      void (*f)(struct run *r, const struct test *t))
{
    for (const struct test *const *table = kmcl_tables; *table; table++)
        each_of(r, *table, f);
    each_of(r, kmcl_tests_hosted, f);
    each_of(r, kmcl_tests_faults, f);
    each_of(r, kmcl_tests_adverse, f);
    each_of(r, kmcl_tests_stall, f);
    each_of(r, kmcl_tests_delivery, f);
    each_of(r, kmcl_tests_callbacks, f);
    each_of(r, kmcl_tests_answers, f);
    each_of(r, kmcl_tests_moved, f);
    each_of(r, kmcl_tests_gpadl_two, f);
    each_of(r, kmcl_tests_waits, f);
    each_of(r, kmcl_tests_kept, f);
    each_of(r, kmcl_tests_in_flight, f);
}

static void count(struct run *r, const struct test *t)
{
    (void)t;
    r->n++;
}

int main(int argc, char **argv)
{
    static struct run r;

    r.argc = argc;
    r.argv = argv;
    if (argc == 1) {
        each_test(&r, count);
        printf("1..%u\n", r.n);
        r.n = 0;
    }
    each_test(&r, run_test);
    if (!r.n)
        fprintf(stderr,
                "acceptance: found no item %s, expected numbers of "
                "1 to %u\n",
                argv[1], ITEMS);
    if (argc == 1)
        printf("# kmcl acceptance: %u of %u (hosted)\n", tally_good(&r.tally),
               ITEMS);
    return r.failed || !r.n;
}
