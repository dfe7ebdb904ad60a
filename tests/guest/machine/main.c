/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the tests of the machine; the option `test=NAME` picks one. */
#include "machine.h"

#include <stdlib.h>

#include "tests/guest/tap.h"
#include "vmbare.h"

static const struct tap_test tests[] = {
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
    tap_run(tests, sizeof(tests) / sizeof(*tests), vmbare_option("test"));
    return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
}
