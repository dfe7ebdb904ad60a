/*
 * The ring's copy: header-only, so that it is one with its caller.
 *
 * Packets are short and lie on 8-byte boundaries in the ring, so a call of
 * memcpy with its own dispatch costs more than the bytes. Constant sizes
 * become vector moves; nothing is read twice.
 */
#ifndef VMBUS_RING_COPY_H
#define VMBUS_RING_COPY_H

#include <stdint.h>
#include <string.h>

/* Copies `size` bytes, any alignment, areas that do not overlap. */
static inline void ring_copy(void *to, const void *from, uint32_t size)
{
    uint8_t *t = to;
    const uint8_t *f = from;

    for (; size >= 64; size -= 64, t += 64, f += 64)
        memcpy(t, f, 64);
    for (; size >= 8; size -= 8, t += 8, f += 8)
        memcpy(t, f, 8);
    for (; size > 0; size--)
        *t++ = *f++;
}

#endif
