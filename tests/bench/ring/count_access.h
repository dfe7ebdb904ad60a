/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counts the ring's shared accesses, which are those of vmbus/ring/access.h.
 */
#ifndef TESTS_BENCH_RING_COUNT_ACCESS_H
#define TESTS_BENCH_RING_COUNT_ACCESS_H

#include <stdint.h>

#include "vmbus/ring/copy.h"

extern struct counted {
    uint64_t fences;
    uint64_t bytes; /* into and out of the data area */
} counted;

#define RING_LOAD(word)         __atomic_load_n((word), __ATOMIC_RELAXED)
#define RING_LOAD_ACQUIRE(word) __atomic_load_n((word), __ATOMIC_ACQUIRE)
#define RING_STORE(word, v)     __atomic_store_n((word), (v), __ATOMIC_RELAXED)
#define RING_STORE_RELEASE(word, v) \
    __atomic_store_n((word), (v), __ATOMIC_RELEASE)
#define RING_FENCE() (counted.fences++, __atomic_thread_fence(__ATOMIC_SEQ_CST))

#define RING_LOAD_DATA(unit)     (counted.bytes += 8, RING_LOAD(unit))
#define RING_STORE_DATA(unit, v) (counted.bytes += 8, RING_STORE(unit, v))

#define RING_COPY_TO(data, from, size) \
    (counted.bytes += (size), ring_copy((data), (from), (size)))
#define RING_COPY_FROM(to, data, size) RING_COPY_TO(to, data, size)
#define RING_UNITS_TO(data, from, size) \
    (counted.bytes += (size) / 8 * 8, ring_copy_units((data), (from), (size)))
#define RING_UNITS_FROM(to, data, size) RING_UNITS_TO(to, data, size)
#define RING_BLOCK_TO(data, from) \
    (counted.bytes += 64, ring_copy_block((data), (from)))
#define RING_BLOCK_FROM(to, data) RING_BLOCK_TO(to, data)

#endif
