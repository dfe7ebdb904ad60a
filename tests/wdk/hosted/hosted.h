/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the companion on the build machine share. */
#ifndef TESTS_WDK_HOSTED_H
#define TESTS_WDK_HOSTED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ntddk.h>

#include "tests/peer/hosted.h"

/* The platform of the running test. */
extern struct seam *the_seam;

/* A fresh platform with two processors, and its end, which fails when memory is
 * left; set-up and tear-down of each test. */
int hosted_start(void **state);
int hosted_end(void **state);

/* `statement` must end in an assertion whose hint has `text` in it. What it
 * held stays allocated. */
#define ASSERTS(statement, text)                                \
    do {                                                        \
        jmp_buf here;                                           \
                                                                \
        the_seam->on_assert = &here;                            \
        if (!setjmp(here)) {                                    \
            statement;                                          \
            fail_msg("no assertion: %s", #statement);           \
        }                                                       \
        the_seam->on_assert = NULL;                             \
        assert_non_null(strstr(the_seam->assert_hint, (text))); \
    } while (0)

int run_objects(void);
int run_runtime(void);

#endif
