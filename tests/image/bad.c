/* SPDX-License-Identifier: BSD-2-Clause */
/* Everything that tests/image/check looks for, compiled as an ordinary
 * program. */
#include <stddef.h>

_Thread_local int bad_thread_local = 1;

/* A leaf with an array: the compiler puts it below the stack pointer. */
int bad_red_zone(size_t at, int value)
{
    volatile int words[16];

    words[at] = value;
    return words[value & 15] + bad_thread_local;
}

/* The compiler's own choice with -O3 -mavx2: 256-bit registers. */
void bad_vectors(int *to, const int *from)
{
    for (int i = 0; i < 1024; i++)
        to[i] += from[i];
}
