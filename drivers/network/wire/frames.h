/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pure part of drivers/network/: frames, received and sent. What is parsed
 * is always a private copy of the host's bytes. All functions may be called at
 * any IRQL.
 */
#ifndef DRIVERS_NETWORK_WIRE_FRAMES_H
#define DRIVERS_NETWORK_WIRE_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/network.h"
#include "drivers/network/wire/rndis_wire.h"

/* ---- frame_in.c ---------------------------------------------------------- */

/* Where things are in a received data message, from its first byte on. */
struct rndis_layout {
    uint32_t data, data_size;
    uint32_t info, info_size; /* info_size 0: none */
};

/* Bytes of per-packet info that are looked at. */
#define RNDIS_INFO_MOST 256u

/**
 * Checks the header of a received data message.
 *
 * @packet  a private copy
 * @size    bytes of the range that it begins
 * @layout  filled with NULL only; all of it lies inside the range
 * @return  NULL; else what is wrong
 */
const char *rndis_read_layout(const struct rndis_packet *packet, uint32_t size,
                              struct rndis_layout *layout);

/* What stands beside a received frame. */
struct rndis_beside {
    uint32_t good; /* enum network_good */
    uint16_t vlan; /* id; 0: none */
    uint8_t priority;
    uint8_t part; /* RNDIS_PART_* flags; 0: not coalesced */
    uint16_t part_id;
};

/**
 * Reads per-packet info.
 *
 * @info    `size` bytes, a private copy
 * @beside  filled with NULL only
 * @return  NULL; else what is wrong
 */
const char *rndis_read_info(const uint8_t *info, uint32_t size,
                            struct rndis_beside *beside);

/* ---- coalesce.c ---------------------------------------------------------- */

/* The largest coalesced frame. */
#define COALESCE_MOST 65535u

/* A frame that is put together from the fragments of one packet. */
struct coalesce {
    uint32_t size, count;
    uint32_t first_size; /* bytes of the first fragment */
    uint16_t id;
    bool going;                 /* the first has come, the last has not */
    struct rndis_beside beside; /* of the first */
    uint8_t bytes[COALESCE_MOST + 1];
};

/* What a fragment means. */
enum coalesce_step { COALESCE_MORE, COALESCE_DONE, COALESCE_WRONG };

/**
 * Decides where the next fragment belongs, before it is copied.
 *
 * @c       as it was left; `going` false at the beginning of a packet
 * @size    bytes of the fragment
 * @beside  what stands beside it
 * @at      receives the place for the bytes in c->bytes, but with
 * COALESCE_WRONG
 * @return  COALESCE_DONE: with it the frame is whole; COALESCE_WRONG: it fits
 *          nothing, and what was collected is dropped
 */
enum coalesce_step coalesce_next(struct coalesce *c, uint32_t size,
                                 const struct rndis_beside *beside,
                                 uint32_t *at);

/* ---- frame_out.c --------------------------------------------------------- */

/* The frame's first bytes, of which the host's offloads need some changed. */
#define FRAME_HEAD 144u

struct frame_out {
    uint32_t size; /* of the frame */
    uint32_t head_size;
    uint8_t head[FRAME_HEAD]; /* its first bytes, as they are to be sent */
    uint32_t checksum, large, vlan; /* values of per-packet info */
    uint8_t infos;                  /* FRAME_HAS_* */
};
#define FRAME_HAS_CHECKSUM 1u
#define FRAME_HAS_LARGE    2u
#define FRAME_HAS_VLAN     4u

/**
 * Prepares the head of a frame for what the host is to fill in: sums of the
 * pseudo-headers, lengths of 0. The rest of f has been filled in.
 *
 * @f     size, head_size and head: the first bytes, at most FRAME_HEAD
 * @fill  enum network_fill
 * @mss   0, or that of a large send
 * @return  false: the headers are not those that fill and mss speak of
 */
bool frame_prepare(struct frame_out *f, uint32_t fill, uint32_t mss);

/**
 * Writes the RNDIS header of a frame.
 *
 * @f       prepared
 * @out     receives at most RNDIS_SEND_HEADER bytes
 * @return  the bytes written; the frame follows them
 */
uint32_t frame_write_header(const struct frame_out *f, uint8_t *out);

#endif
