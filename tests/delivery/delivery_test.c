/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No packet waits for ever, and no callback runs twice at a time: KMCL's
 * receiving half and the pump below it, explored with two processors.
 *
 * The channel is on processor 1. The peer writes packets and signals only when
 * the ring asks for it; the application stands on processor 0.
 */
#include <stdio.h>
#include <string.h>

#include "platform.h"
#include "world.h"

static struct model_result result;

static bool explore(const struct model_test *test, int number)
{
    model_explore(test, &result);
    printf("# %llu states\n", (unsigned long long)result.states);
    printf("%sok %d - %s\n", result.fault ? "not " : "", number, test->name);
    if (result.fault)
        printf("# %s, by:%s\n", result.fault, result.way);
    fflush(stdout);
    return !result.fault;
}

int main(int argc, char **argv)
{
    int failed = 0, count = 0;

    for (const struct model_test *const *t = world_tests; *t; t++)
        count++;
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++)
        if (argc < 2 || strstr(world_tests[i]->name, argv[1]))
            failed += !explore(world_tests[i], i + 1);
    return failed;
}
