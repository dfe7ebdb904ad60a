/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every access of the ring code to memory that the other side may touch.
 *
 * One name per kind of access, so that a test can build the very same ring
 * source with its own header: tests/interleave turns each into a scheduling
 * point, tests/fuzz changes the memory between two of them, tests/bench
 * counts them. -DRING_ACCESS='"file.h"' names that header.
 *
 * On x86 an acquire load and a release store are plain moves that the
 * compiler may not reorder; only RING_FENCE costs something.
 */
#ifndef VMBUS_RING_ACCESS_H
#define VMBUS_RING_ACCESS_H

#ifdef RING_ACCESS
#include RING_ACCESS
#else

// clang-format off
#include "vmbus/ring/copy.h"

/* A word of the control page: loaded exactly once, stored exactly once. */
#define RING_LOAD(word)          __atomic_load_n((word), __ATOMIC_RELAXED)
#define RING_LOAD_ACQUIRE(word)  __atomic_load_n((word), __ATOMIC_ACQUIRE)
#define RING_STORE(word, value) \
    __atomic_store_n((word), (value), __ATOMIC_RELAXED)
#define RING_STORE_RELEASE(word, value) \
    __atomic_store_n((word), (value), __ATOMIC_RELEASE)

/* The full fence: stores before it are visible before loads after it. */
#define RING_FENCE() __atomic_thread_fence(__ATOMIC_SEQ_CST)

/* Eight bytes of the data area (descriptor, trailer, padding). */
#define RING_LOAD_DATA(unit) __atomic_load_n((unit), __ATOMIC_RELAXED)
#define RING_STORE_DATA(unit, value) \
    __atomic_store_n((unit), (value), __ATOMIC_RELAXED)

/* Bytes into and out of the data area: any number; `size` / 8 units of 8; a
 * block of 64. Each byte of the data area is loaded once. */
#define RING_COPY_TO(data, from, size)   ring_copy((data), (from), (size))
#define RING_COPY_FROM(to, data, size)   ring_copy((to), (data), (size))
#define RING_UNITS_TO(data, from, size)  ring_copy_units((data), (from), (size))
#define RING_UNITS_FROM(to, data, size)  ring_copy_units((to), (data), (size))
#define RING_BLOCK_TO(data, from)        ring_copy_block((data), (from))
#define RING_BLOCK_FROM(to, data)        ring_copy_block((to), (data))
// clang-format on

#endif
#endif
