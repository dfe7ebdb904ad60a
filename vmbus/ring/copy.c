/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring's copy of any size.
 */
#include "vmbus/ring/copy.h"

void ring_copy(void *to, const void *from, uint32_t size)
{
    uint8_t *t = to;
    const uint8_t *f = from;

    for (; size >= 64; size -= 64, t += 64, f += 64)
        __builtin_memcpy(t, f, 64);
    for (; size >= 8; size -= 8, t += 8, f += 8)
        __builtin_memcpy(t, f, 8);
    for (; size > 0; size--)
        *t++ = *f++;
}
