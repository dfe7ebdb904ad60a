/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memmove in place of newlib's, which moves upwards byte by byte: the table of
 * free memory is moved so at each start, and a network's buffers are.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* At any address; the processor allows it. */
typedef uint64_t word __attribute__((vector_size(16), may_alias, aligned(1)));

/* Keeps the compiler from making a call of memmove out of a loop. */
#define AS_WRITTEN() __asm__ volatile("" : : : "memory")

/* From the last byte to the first: `to` lies behind `from`. A word is read
 * whole before it is written, so no distance is too short. */
static void move_up(char *to, const char *from, size_t size)
{
    while (size >= sizeof(word)) {
        size -= sizeof(word);
        AS_WRITTEN();
        *(word *)(void *)(to + size) =
            *(const word *)(const void *)(from + size);
    }
    while (size-- > 0) {
        AS_WRITTEN();
        to[size] = from[size];
    }
}

static void move_down(char *to, const char *from, size_t size)
{
    size_t at = 0;

    for (; size - at >= sizeof(word); at += sizeof(word)) {
        AS_WRITTEN();
        *(word *)(void *)(to + at) = *(const word *)(const void *)(from + at);
    }
    for (; at < size; at++) {
        AS_WRITTEN();
        to[at] = from[at];
    }
}

void *memmove(void *to, const void *from, size_t size)
{
    if ((uintptr_t)to - (uintptr_t)from < size)
        move_up(to, from, size);
    else
        move_down(to, from, size);
    return to;
}
