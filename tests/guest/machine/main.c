/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the tests of the machine; the option `test=NAME` picks one. */
#include "machine.h"

#include <stdlib.h>
#include <string.h>

#include "tests/guest/tap.h"
#include "vmbare.h"

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"memory", test_memory},         {"levels", test_levels},
    {"hypercalls", test_hypercalls}, {"time", test_time},
    {"processors", test_processors}, {"hammer", test_hammer},
    {"registers", test_registers},   {"compute", test_compute},
};

double seconds_or(double otherwise)
{
    const char *seconds = vmbare_option("seconds");

    return seconds ? strtod(seconds, NULL) : otherwise;
}

int main(void)
{
    const char *only = vmbare_option("test");

    for (unsigned i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
        if (!only || strcmp(only, tests[i].name) == 0)
            tests[i].run();
    }
    return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
}
