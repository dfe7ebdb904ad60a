/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the writer and the reader of a ring have in common: where a ring lies,
 * what a packet says about itself, and what the other side can do wrong.
 */
#ifndef VMBUS_RING_AREA_H
#define VMBUS_RING_AREA_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/ring_wire.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the other side did wrong; ring_fault_text() has the words. */
enum ring_fault_kind {
    RING_FAULT_NONE,
    RING_FAULT_READ_INDEX_RANGE,  /* read index not below the ring's size */
    RING_FAULT_READ_INDEX_UNIT,   /* read index no multiple of 8 */
    RING_FAULT_READ_INDEX_PASSED, /* read index beyond what was written */
    RING_FAULT_WRITE_INDEX_RANGE, /* write index not below the ring's size */
    RING_FAULT_WRITE_INDEX_UNIT,  /* write index no multiple of 8 */
    RING_FAULT_WRITE_INDEX_BACK,  /* write index before what was announced */
    RING_FAULT_SHORT,             /* fewer bytes than descriptor + trailer */
    RING_FAULT_OFFSET,            /* payload starts inside the descriptor */
    RING_FAULT_LENGTH,            /* packet ends before its payload starts */
    RING_FAULT_OVERRUN,           /* packet longer than what was written */
};

/* What is wrong with a ring that broke. */
struct ring_fault {
    enum ring_fault_kind kind;
    uint32_t found; /* the value that was refused */
    uint32_t limit; /* what it was compared with */
};

/**
 * Describe a fault in one constant line, for example "write index not below
 * the ring's size"; "unknown fault" for any other number.
 *
 * @kind    any number
 * @return  a constant line
 */
const char *ring_fault_text(enum ring_fault_kind kind);

/*
 * Where a ring is mapped: `control` is its control page, `data` the data area
 * of `size` bytes. The size is a multiple of 4096, not necessarily a power of
 * two, from 4096 to RING_SIZE_LIMIT. With `twice` the data area is mapped a
 * second time directly after itself, so that no packet is split. The memory is
 * not owned: it must stay mapped as long as a writer or reader uses it.
 */
struct ring_area {
    struct ring_control *control;
    uint8_t *data;
    uint32_t size;
    bool twice;
};

/* Twice the size must be a positive int32_t; a GPADL ends far below that. */
#define RING_SIZE_LIMIT 0x10000000u

/* A packet without its bytes: what a sender states, what a receiver gets. */
struct ring_packet {
    uint16_t type;        /* RING_PACKET_* */
    uint16_t flags;       /* RING_FLAG_* */
    uint32_t header_size; /* bytes of `size` that are the type's own header; a
                             multiple of 8 */
    uint32_t size;        /* bytes after the descriptor: header + payload; in a
                             received packet a multiple of 8, with padding */
    uint64_t transaction;
};

/* A piece of what is to be written; size 0 is allowed with any pointer. */
struct ring_part {
    const void *data;
    uint32_t size;
};

/**
 * Bytes of ring that a packet with `size` bytes after the descriptor takes:
 * descriptor, body, padding to 8, trailer.
 *
 * @return  bytes, a multiple of 8
 */
static inline uint64_t ring_footprint(uint32_t size)
{
    return (((uint64_t)size + 7) & ~UINT64_C(7)) + RING_DESCRIPTOR_SIZE +
           RING_TRAILER_SIZE;
}

#ifdef __cplusplus
}
#endif

#endif
