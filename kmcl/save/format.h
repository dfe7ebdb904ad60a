/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The saved state of a channel: KMCL's own format, version 1.
 *
 * A sequence of chunks. Each has a number, and a checksum over its header and
 * payload that starts from the one before, so that a chunk that is missing,
 * moved, changed, or of another save is found. Chunk 0 is the head and tells
 * how many follow. Little-endian, sizes are multiples of 8.
 */
#ifndef KMCL_SAVE_FORMAT_H
#define KMCL_SAVE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define KMCL_CHUNK_MAGIC   0x76536d4bu /* "KmSv" */
#define KMCL_CHUNK_VERSION 1u

enum kmcl_chunk_kind {
    KMCL_CHUNK_HEAD = 1,
    KMCL_CHUNK_PACKET = 2,     /* a packet sent and not complete */
    KMCL_CHUNK_COMPLETION = 3, /* a completion that waits for room */
};

struct kmcl_chunk {
    uint32_t magic;
    uint16_t version;
    uint16_t kind;
    uint32_t number; /* 0 is the head */
    uint32_t size;   /* of the payload behind this header */
    /* vmbus_crc32 of the whole chunk, with this field 0, that goes on from the
     * checksum of the chunk before; 0 before chunk 0. */
    uint32_t checksum;
    uint32_t reserved;
};

_Static_assert(sizeof(struct kmcl_chunk) == 24, "chunk header");
_Static_assert(offsetof(struct kmcl_chunk, checksum) == 16, "checksum");

struct kmcl_saved_head {
    uint32_t chunks; /* that follow */
    uint32_t writer; /* version of vmbare that saved this, 0x00MMmmpp; 0: not
                        known, as all before 0.2.0 wrote. For people to read:
                        whether a state can be restored is decided by the
                        format's version alone. */
    uint64_t next_transaction;
    uint8_t type[16];
    uint8_t instance[16];
};

_Static_assert(sizeof(struct kmcl_saved_head) == 48, "head");

/* Then `lib_size` bytes for VmbPacketRestore, then the driver's. */
struct kmcl_saved_item {
    uint32_t lib_size;
    uint32_t driver_size;
    uint32_t has_driver; /* 0: SaveBuf is NULL at restore */
    uint32_t reserved;
};

_Static_assert(sizeof(struct kmcl_saved_item) == 16, "item");

/* The LibBuf. Then `size` bytes of wire image if it was still queued. */
struct kmcl_saved_packet {
    uint32_t magic; /* KMCL_CHUNK_MAGIC */
    uint16_t type;  /* RING_PACKET_* */
    uint8_t queued;
    uint8_t waits;
    uint32_t header_size;
    uint32_t size;
    uint64_t transaction;
};

_Static_assert(sizeof(struct kmcl_saved_packet) == 24, "packet");

/* Then `size` bytes. */
struct kmcl_saved_completion {
    uint64_t transaction;
    uint32_t size;
    uint32_t reserved;
};

_Static_assert(sizeof(struct kmcl_saved_completion) == 16, "completion");

/* Bytes in the format: a multiple of 8. */
static inline uint32_t kmcl_padded(uint32_t size)
{
    return (size + 7u) & ~7u;
}

#endif
