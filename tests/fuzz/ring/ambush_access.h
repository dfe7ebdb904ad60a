/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring's shared accesses, with a hook before each: the other side may
 * change a word between any two of them. The accesses are those of
 * vmbus/ring/access.h.
 */
#ifndef TESTS_FUZZ_RING_AMBUSH_ACCESS_H
#define TESTS_FUZZ_RING_AMBUSH_ACCESS_H

#include "vmbus/ring/copy.h"

/* Counts the accesses, and changes memory before the chosen one. */
void ambush(void);

#define RING_LOAD(word)             (ambush(), __atomic_load_n((word), 0))
#define RING_LOAD_ACQUIRE(word)     RING_LOAD(word)
#define RING_STORE(word, v)         (ambush(), __atomic_store_n((word), (v), 0))
#define RING_STORE_RELEASE(word, v) RING_STORE(word, v)
#define RING_FENCE()                ambush()

#define RING_LOAD_DATA(unit)     RING_LOAD(unit)
#define RING_STORE_DATA(unit, v) RING_STORE(unit, v)

#define RING_COPY_TO(data, from, size) \
    (ambush(), ring_copy((data), (from), (size)))
#define RING_COPY_FROM(to, data, size) \
    (ambush(), ring_copy((to), (data), (size)))
#define RING_UNITS_TO(data, from, size) \
    (ambush(), ring_copy_units((data), (from), (size)))
#define RING_UNITS_FROM(to, data, size) \
    (ambush(), ring_copy_units((to), (data), (size)))
#define RING_BLOCK_TO(data, from) (ambush(), ring_copy_block((data), (from)))
#define RING_BLOCK_FROM(to, data) (ambush(), ring_copy_block((to), (data)))

#endif
