/*
 * Runs the acceptance tests on the build machine: each in a process of its
 * own, so that a crash is one failed test. TAP on standard output; arguments
 * are item numbers to run alone, in this process.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner.h"

#define ITEMS 150

static const struct test *const tables[] = {
    kmcl_tests_interface, kmcl_tests_config,      kmcl_tests_open,
    kmcl_tests_close,     kmcl_tests_packet,      kmcl_tests_send,
    kmcl_tests_external,  kmcl_tests_request,     kmcl_tests_incoming,
    kmcl_tests_delivery,  kmcl_tests_external_in, kmcl_tests_gpadl,
    kmcl_tests_save,      kmcl_tests_misc,        kmcl_tests_misuse,
    kmcl_tests_limits,    kmcl_tests_memory,      kmcl_tests_restore,
    kmcl_tests_samples,   kmcl_tests_faults,      kmcl_tests_hosted,
    kmcl_tests_server,
};

static void run_here(const struct test *t)
{
    struct world *w = world_create();

    t->run(w);
    world_destroy(w);
}

static bool run_apart(const struct test *t)
{
    int status = 0;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        alarm(20);
        run_here(t);
        fflush(NULL);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child &&
           WIFEXITED(status) && !WEXITSTATUS(status);
}

static bool chosen(int argc, char **argv, uint32_t item)
{
    for (int i = 1; i < argc; i++) {
        if (strtoul(argv[i], NULL, 10) == item)
            return true;
    }
    return false;
}

static uint32_t count_tests(void)
{
    uint32_t n = 0;

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const struct test *t = tables[i]; t->run; t++)
            n++;
    }
    return n;
}

static void name(bool ok, uint32_t n, const struct test *t)
{
    printf("%sok %u - ", ok ? "" : "not ", n);
    if (t->item)
        printf("item %u: ", t->item);
    printf("%s\n", t->what);
}

int main(int argc, char **argv)
{
    /* Per item: tests and, of them, passed. */
    static uint32_t tests[ITEMS + 1], passed[ITEMS + 1];
    uint32_t n = 0, good = 0, failed = 0;

    if (argc == 1)
        printf("1..%u\n", count_tests());
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const struct test *t = tables[i]; t->run; t++) {
            bool ok;

            if (argc > 1) {
                if (!chosen(argc, argv, t->item))
                    continue;
                run_here(t);
                name(true, ++n, t);
                continue;
            }
            ok = run_apart(t);
            tests[t->item]++;
            passed[t->item] += ok;
            failed += !ok;
            name(ok, ++n, t);
        }
    }
    if (argc > 1)
        return 0;
    for (uint32_t item = 1; item <= ITEMS; item++)
        good += tests[item] && passed[item] == tests[item];
    printf("# kmcl acceptance: %u of %u (hosted)\n", good, ITEMS);
    return failed != 0;
}
