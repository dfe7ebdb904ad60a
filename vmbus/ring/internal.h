/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the ring's own files share: arithmetic on offsets, and the checks of
 * the other side's index. Not for other files.
 */
#ifndef VMBUS_RING_INTERNAL_H
#define VMBUS_RING_INTERNAL_H

#include <errno.h>

#include "vmbus/ring.h"
#include "vmbus/ring/access.h"
#include "vmbus/seam.h"

#define RING_LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define RING_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Sizes that the copies in blocks can take. */
#define RING_BLOCK 64u

/* For the rare ways, so that the common one has no registers to save. */
#define RING_RARE __attribute__((noinline))

/* An offset below 2 * size, brought back into the data area. */
static inline uint32_t ring_wrap(const struct ring_area *a, uint32_t offset)
{
    return offset >= a->size ? offset - a->size : offset;
}

/* Bytes from offset `from` forward to offset `to`: 0 .. size - 1. */
static inline uint32_t ring_distance(const struct ring_area *a, uint32_t from,
                                     uint32_t to)
{
    return to >= from ? to - from : to - from + a->size;
}

/* The 8 bytes at an offset below 2 * size. Packets, descriptors and trailers
 * start on multiples of 8 and sizes are such, so a unit never wraps. */
static inline uint64_t *ring_unit(const struct ring_area *a, uint32_t offset)
{
    return (uint64_t *)(void *)(a->data + ring_wrap(a, offset));
}

/* Notes what broke the ring, once: nothing looks any more then. -EPROTO. */
int ring_break(struct ring_fault *fault, enum ring_fault_kind kind,
               uint32_t found, uint32_t limit);

/* 0, or -EINVAL: our caller's area is no ring. */
int ring_area_check(const struct ring_area *area);

/* Both indices of a ring that stands, checked. 0 or -EPROTO. */
int ring_indices(const struct ring_area *area, struct ring_fault *fault,
                 uint32_t *write_index, uint32_t *read_index);

#endif
