/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring of bytes that grows (fifo.h). What a peer sends in pieces of one byte
 * costs one byte here each, and not the 150 of a buffer of lwIP's; so the
 * window of a connection is a bound for its memory, too.
 *
 * It never shrinks: a connection that once had so much to keep may have it
 * again, and all of it goes with the socket.
 */
#include "drivers/ip/fifo.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_LEAST 4096u

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Twice as much each time, so a byte is copied twice on the average. */
bool ip_fifo_grow(struct ip_fifo *fifo, size_t size)
{
    size_t room = fifo->room ? fifo->room : ROOM_LEAST;
    size_t count = fifo->count;
    uint8_t *bytes;

    while (room < count + size)
        room *= 2;
    if (room == fifo->room)
        return true;
    bytes = malloc(room);
    if (!bytes)
        return false;
    (void)ip_fifo_take(fifo, bytes, count);
    free(fifo->bytes);
    *fifo = (struct ip_fifo){bytes, room, 0, count};
    return true;
}

/* The bytes wrap at the end of the ring: one copy before it, one behind. */
void ip_fifo_put(struct ip_fifo *fifo, const void *bytes, size_t size)
{
    size_t end = fifo->first + fifo->count;
    size_t at = end < fifo->room ? end : end - fifo->room;
    size_t part = least(size, fifo->room - at);

    memcpy(fifo->bytes + at, bytes, part);
    memcpy(fifo->bytes, (const uint8_t *)bytes + part, size - part);
    fifo->count += size;
}

/* Likewise. */
size_t ip_fifo_take(struct ip_fifo *fifo, void *bytes, size_t size)
{
    size_t part;

    size = least(size, fifo->count);
    if (!size)
        return 0;
    part = least(size, fifo->room - fifo->first);
    if (bytes) {
        memcpy(bytes, fifo->bytes + fifo->first, part);
        memcpy((uint8_t *)bytes + part, fifo->bytes, size - part);
    }
    fifo->first += size;
    if (fifo->first >= fifo->room)
        fifo->first -= fifo->room;
    fifo->count -= size;
    return size;
}

void ip_fifo_free(struct ip_fifo *fifo)
{
    free(fifo->bytes);
    *fifo = (struct ip_fifo){0};
}
