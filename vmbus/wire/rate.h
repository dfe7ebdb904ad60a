/* SPDX-License-Identifier: BSD-2-Clause */
/* A limit for log lines that the other side can bring about. */
#ifndef VMBUS_WIRE_RATE_H
#define VMBUS_WIRE_RATE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Counts a line of one kind, and says whether it is to be logged: the first
 * ten, then every thousandth.
 *
 * @seen  how many there were; zero before the first
 *
 * Any level, any processor.
 */
static inline bool line_is_due(uint64_t *seen)
{
    uint64_t n = __atomic_add_fetch(seen, 1, __ATOMIC_RELAXED);

    return n <= 10 || n % 1000 == 0;
}

#endif
