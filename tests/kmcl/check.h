/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words for checking. How a check fails is the runner's: hosted_check.c ends
 * the process, the guest leaves the test.
 */
#ifndef TESTS_KMCL_CHECK_H
#define TESTS_KMCL_CHECK_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct world;

_Noreturn void check_failed(const char *file, int line, const char *what);
void check_equal(const char *file, int line, const char *what, long long found,
                 long long expected);

#define CHECK(condition)                                  \
    do {                                                  \
        if (!(condition))                                 \
            check_failed(__FILE__, __LINE__, #condition); \
    } while (0)

#define CHECK_EQ(found, expected)                               \
    check_equal(__FILE__, __LINE__, #found, (long long)(found), \
                (long long)(expected))

#define CHECK_STATUS(call, expected) \
    check_equal(__FILE__, __LINE__, #call, (call), (expected))

#define CHECK_TEXT(found, expected) CHECK(!strcmp((found), (expected)))

/* `call` must break an assertion whose hint contains `text`. */
#define CHECK_ASSERTS(w, text, call)                                  \
    do {                                                              \
        if (!setjmp(*assert_trap(w))) {                               \
            call;                                                     \
            check_failed(__FILE__, __LINE__, "no assertion: " #call); \
        }                                                             \
        assert_caught((w), (text), __FILE__, __LINE__);               \
    } while (0)

jmp_buf *assert_trap(struct world *w);
void assert_caught(struct world *w, const char *text, const char *file,
                   int line);

#endif
