/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs all groups of tests of the IP stack. */
#include "tests.h"

int main(void)
{
    int failed = 0;

    failed += transfer_tests();
    failed += configure_tests();
    failed += streams_tests();
    failed += ends_tests();
    failed += calls_tests();
    failed += names_tests();
    failed += answers_tests();
    failed += settings_tests();
    return failed != 0;
}
