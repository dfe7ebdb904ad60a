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

/* Copies 64 bytes by vector moves on the spot, in a freestanding build too. */
static inline void ring_copy_block(void *to, const void *from)
{
    __builtin_memcpy(to, from, 64);
}

/* Copies `size` / 8 units of 8 bytes. Many cost 10 instructions for 64 bytes;
 * what is left after them is copied by the bits of its size. */
static inline void ring_copy_units(void *to, const void *from, uint32_t size)
{
    uint8_t *t = to;
    const uint8_t *f = from;

    for (; __builtin_expect(size >= 128, 0); size -= 128, t += 128, f += 128) {
        ring_copy_block(t, f);
        ring_copy_block(t + 64, f + 64);
    }
    if (size & 64) {
        ring_copy_block(t, f);
        t += 64;
        f += 64;
    }
    if (__builtin_expect((size & 32) != 0, 1)) {
        __builtin_memcpy(t, f, 32);
        t += 32;
        f += 32;
    }
    if (size & 16) {
        __builtin_memcpy(t, f, 16);
        t += 16;
        f += 16;
    }
    if (size & 8)
        __builtin_memcpy(t, f, 8);
}

#endif
