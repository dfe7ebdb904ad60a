/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the application, each in another folder and language. */
#ifndef MIXED_H
#define MIXED_H

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Print a result.
 *
 * @good  whether it is as expected
 * @what  a statement
 */
void check(int good, const char *what);

/**
 * asm/add.S: the sum.
 *
 * @a, @b   any numbers
 * @return  a + b
 */
int add(int a, int b);

/**
 * cxx/: what C++ can do here. Calls check().
 */
void check_cxx(void);

/**
 * cxx/deep/: the files that DATA names. Calls check().
 */
void check_data(void);

#ifdef __cplusplus
}
#endif

#endif
