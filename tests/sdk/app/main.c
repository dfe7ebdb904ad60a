/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks that each part of the application is built as its Makefile says. */
#include <stdio.h>

#include "mixed.h"
#include "vmbare.h"
#include "vmbare_log.h"

static VMBARE_OPTION sum_option = {
    .group = "mixed",
    .name = "sum",
    .type = VMBARE_NUMBER,
    .most = 100,
    .otherwise = "42",
    .help = "what the sum of 2 and 40 should be",
};

static int constructed, failed;

__attribute__((constructor)) static void construct(void)
{
    constructed++;
}

void check(int good, const char *what)
{
    printf("%s: %s\n", good ? "good" : "BAD", what);
    failed += !good;
}

static void check_flags(void)
{
#if OF_ALL == 11 && OF_C == 12 && !defined(OF_CXX) && defined(__OPTIMIZE__)
    check(1, "C has CPPFLAGS and CFLAGS, and not CXXFLAGS");
#else
    check(0, "C has CPPFLAGS and CFLAGS, and not CXXFLAGS");
#endif
}

int main(void)
{
    check_flags();
    check(constructed == 1, "a constructor of C ran once before main");
    check((uint64_t)add(2, 40) == vmbare_option_number(&sum_option),
          "assembly is called");
    check_data();
    check_cxx();
    vmbare_log(VMBARE_LOG_ERROR, "line %d", 1);
    vmbare_log(VMBARE_LOG_WARNING, "line %d", 2);
    vmbare_log(VMBARE_LOG_INFO, "line %d", 3);
    vmbare_log(VMBARE_LOG_DEBUG, "line %d", 4);
    return failed ? VMBARE_FAILED : VMBARE_PASSED;
}
