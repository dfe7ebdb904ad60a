/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs each test in a process of its own and prints TAP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk_world.h"
#include "tests/kmcl/hosted_apart.h"
#include "tests/kmcl/runner.h"

static const struct disk_test *const tables[] = {
    agree_tests,    answer_tests,   opening_tests,
    transfer_tests, exercise_tests, pure_tests,
};

/* The end of the world asserts that every object was returned. */
static void run_here(const void *test)
{
    const struct disk_test *t = test;
    struct bench b = {.w = world_create()};

    use_world(b.w);
    b.host = host_make(b.w);
    b.disk = calloc(1, sizeof(*b.disk));
    CHECK(b.disk);
    t->run(&b);
    block_free(b.disk);
    free(b.disk);
    host_end(b.host);
    world_destroy(b.w);
}

static uint32_t count_tests(void)
{
    uint32_t n = 0;

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const struct disk_test *t = tables[i]; t->run; t++)
            n++;
    }
    return n;
}

/* With an argument, runs the tests whose name has that text, in this process.
 */
int main(int argc, char **argv)
{
    uint32_t n = 0, failed = 0;

    if (argc == 1)
        printf("1..%u\n", count_tests());
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const struct disk_test *t = tables[i]; t->run; t++) {
            bool good = true;

            if (argc == 1)
                good = run_apart(run_here, t);
            else if (strstr(t->what, argv[1]))
                run_here(t);
            else
                continue;
            failed += !good;
            printf("%sok %u - %s\n", good ? "" : "not ", ++n, t->what);
        }
    }
    if (!n)
        fprintf(stderr, "lies: no test has '%s' in its name\n", argv[1]);
    return failed || !n;
}
