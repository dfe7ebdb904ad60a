/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the ring's own files share: arithmetic on offsets, and the checks of the
 * other side's indices. Not for other files.
 */
#ifndef VMBUS_RING_INTERNAL_H
#define VMBUS_RING_INTERNAL_H

#include <errno.h>

#include "vmbus/ring.h"
#include "vmbus/ring/access.h"
#include "vmbus/seam.h"

#define RING_LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define RING_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* The size of the commonest body, which is copied on the spot. */
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

/* Bytes from `at` to the read index as last seen. The two are equal only when
 * nothing is in the ring and nothing is written ahead of the commit. */
static inline uint32_t ring_free_from(const struct ring_writer *w, uint32_t at)
{
    int32_t distance = (int32_t)(w->reader - at);

    return distance > 0 ? (uint32_t)distance
                        : (uint32_t)distance + w->area.size;
}

/* Our caller's own bugs. Checked on the rare ways only, to keep the common one
 * short: a wrong caller takes a rare way soon enough. */
static inline void ring_check_header(const struct ring_packet *packet)
{
    SEAM_ASSERT(NULL, packet->header_size % RING_UNIT == 0,
                "a packet type's header is a multiple of 8");
    SEAM_ASSERT(NULL, packet->header_size <= packet->size,
                "packet->size counts the header too");
}

/* The first 8 bytes of a packet, little-endian: type, offset / 8, length / 8,
 * flags. The sizes are multiples of 8: bytes << 13 is units << 16. */
static inline uint64_t ring_descriptor(const struct ring_packet *packet,
                                       uint32_t header_size, uint64_t footprint)
{
    uint64_t offset = RING_DESCRIPTOR_SIZE + header_size;
    uint64_t length = footprint - RING_TRAILER_SIZE;

    return packet->type + (((length << 16) + offset) << 13) +
           ((uint64_t)packet->flags << 48);
}

/** Note what broke the ring. Called once: a broken ring is not looked at any
 * more. Returns -EPROTO. */
int ring_break(struct ring_fault *fault, enum ring_fault_kind kind,
               uint32_t found, uint32_t limit);

/** Check our caller's area: 0, or -EINVAL if it can be no ring. */
int ring_area_check(const struct ring_area *area);

/** Load and check both indices of a ring. 0; -EPROTO with *fault. */
int ring_indices(const struct ring_area *area, struct ring_fault *fault,
                 uint32_t *write_index, uint32_t *read_index);

/** Load and check the read index into w->reader. 0; -EPROTO: the ring is broken
 * now. */
int ring_look_at_reader(struct ring_writer *w);

/** Look for room for `footprint` bytes at `at`, by a fresh load of the read
 * index, and note the straight stretch there. Statuses of ring_write. */
int ring_find_room(struct ring_writer *w, uint32_t at, uint64_t footprint);

/** Load and check the write index into r->limit. 0; -EPROTO: the ring is broken
 * now. */
int ring_look_at_writer(struct ring_reader *r);

#endif
