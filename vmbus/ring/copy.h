/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring's copies. Packets are short and lie on 8-byte boundaries in the
 * ring, so a call of memcpy with its own dispatch costs more than the bytes.
 * Both read nothing twice; the areas do not overlap; any alignment.
 */
#ifndef VMBUS_RING_COPY_H
#define VMBUS_RING_COPY_H

#include <stdint.h>

/* Copies any number of bytes. */
void ring_copy(void *to, const void *from, uint32_t size);

/* Copies a multiple of 64 bytes by vector moves on the spot, in a
 * freestanding build too. */
static inline void ring_copy_blocks(void *to, const void *from, uint32_t size)
{
    uint8_t *t = to;
    const uint8_t *f = from, *end;

    if (size == 0)
        return;
    end = f + size;
    do {
        __builtin_memcpy(t, f, 64);
        t += 64;
        f += 64;
    } while (f != end);
}

#endif
