/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the tests of the machine; the option `test=NAME` picks one. */
#include "machine.h"

#include "tests/guest/tap.h"
#include "vmbare.h"

static VMBARE_OPTION test_option = {
    .group = "test-machine",
    .name = "test",
    .type = VMBARE_WORD,
    .words =
        "memory|levels|hypercalls|time|processors|hammer|registers|compute",
    .help = "run only this test",
};

static VMBARE_OPTION seconds_option = {
    .group = "test-machine",
    .name = "seconds",
    .type = VMBARE_NUMBER,
    .most = 1000000,
    .help = "how long a long test takes",
};

static const struct tap_test tests[] = {
    {"memory", test_memory},         {"levels", test_levels},
    {"hypercalls", test_hypercalls}, {"time", test_time},
    {"processors", test_processors}, {"hammer", test_hammer},
    {"registers", test_registers},   {"compute", test_compute},
};

double seconds_or(double otherwise)
{
    return vmbare_option_given(&seconds_option)
               ? (double)vmbare_option_number(&seconds_option)
               : otherwise;
}

int main(void)
{
    tap_run(tests, sizeof(tests) / sizeof(*tests),
            vmbare_option_text(&test_option));
    return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
}
