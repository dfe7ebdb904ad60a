/* SPDX-License-Identifier: BSD-2-Clause */
/* A program with everything that tests/image/check must find in a bad image. */
#include <stddef.h>

_Thread_local int bad_thread_local = 1;

/* A leaf function with an array, which the compiler puts below the stack
 * pointer. */
int bad_red_zone(size_t at, int value)
{
    volatile int words[16];

    words[at] = value;
    return words[value & 15] + bad_thread_local;
}

/* With -O3 -mavx2 the compiler chooses 256-bit registers for this loop. */
void bad_vectors(int *to, const int *from)
{
    for (int i = 0; i < 1024; i++)
        to[i] += from[i];
}
