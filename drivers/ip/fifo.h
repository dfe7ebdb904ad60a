/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes that have arrived and were not read, in memory that grows with them. */
#ifndef DRIVERS_IP_FIFO_H
#define DRIVERS_IP_FIFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero is empty. */
struct ip_fifo {
    uint8_t *bytes;
    size_t room, first, count;
};

/**
 * Make sure that there is room for so many more bytes.
 *
 * @fifo    the bytes that are there stay
 * @size    how many are to come
 * @return  false: no memory, and nothing has changed
 */
bool ip_fifo_grow(struct ip_fifo *fifo, size_t size);

/**
 * Put bytes behind the others.
 *
 * @fifo   with room for them: ip_fifo_grow()
 * @bytes  copied, `size` of them
 */
void ip_fifo_put(struct ip_fifo *fifo, const void *bytes, size_t size);

/**
 * Take the oldest bytes.
 *
 * @fifo    from here
 * @bytes   receives at most `size`; NULL: they are dropped
 * @return  how many
 */
size_t ip_fifo_take(struct ip_fifo *fifo, void *bytes, size_t size);

/** Give the memory back. @fifo  is empty then */
void ip_fifo_free(struct ip_fifo *fifo);

#endif
