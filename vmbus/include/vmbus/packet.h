/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets of each type: builders over ring_write, parsers of private copies.
 *
 * Builders put one packet at *at and move *at to the position after it. The
 * other side sees nothing before ring_writer_commit(). They return what
 * ring_write() returns and, where said, -EINVAL. With `completion` the packet
 * asks the other side for a completion with the same transaction id.
 *
 * Parsers look at what ring_read() copied (or ring_peek() shows), never past
 * packet->size, and trust nothing in it. They return 0, or -EPROTO with
 * `reason` set to a constant line. Bodies must be aligned to 8.
 *
 * All functions may be called at any IRQL.
 */
#ifndef VMBUS_PACKET_H
#define VMBUS_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/packet_gpa.h"
#include "vmbus/ring.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The payload, which follows the type's own header in a received body.
 *
 * @packet  as it was received
 * @body    its body
 * @return  the address, inside the body
 */
static inline const void *packet_payload(const struct ring_packet *packet,
                                         const void *body)
{
    return (const uint8_t *)body + packet->header_size;
}

/**
 * The payload's bytes with the sender's padding, a multiple of 8.
 *
 * @packet  as it was received
 * @return  bytes
 */
static inline uint32_t packet_payload_size(const struct ring_packet *packet)
{
    return packet->size - packet->header_size;
}

/* ---- in-band, completion ----------------------------------------------- */

/**
 * Write a packet whose `size` bytes of payload are all it carries.
 *
 * @at           where the packet goes; moved to the position after it with 0
 *               only
 * @transaction  the id that the answer will carry
 * @completion   ask the other side to answer
 * @payload      copied
 * @size         bytes of it
 * @return       as ring_write()
 */
int packet_write_in_band(struct ring_writer *w, uint32_t *at,
                         uint64_t transaction, bool completion,
                         const void *payload, uint32_t size);

/**
 * Answer the packet that carried `transaction` and asked for a completion.
 *
 * @at       where the packet goes; moved to the position after it with 0 only
 * @payload  copied
 * @size     bytes of it
 * @return   as ring_write()
 */
int packet_write_completion(struct ring_writer *w, uint32_t *at,
                            uint64_t transaction, const void *payload,
                            uint32_t size);

/* ---- GPA-direct: data in the sender's pages ---------------------------- */

/* `byte_count` > 0 bytes from `byte_offset` < 4096 of the first frame on,
 * through packet_gpa_frames() frames, without holes. */
struct packet_gpa_range {
    uint32_t byte_count;
    uint32_t byte_offset;
    const uint64_t *pfns;
};

/* What a received GPA-direct packet describes. The counts are checked against
 * the header. Whether the frames exist is for seam_map() to find out. */
struct packet_gpa {
    uint32_t range_count; /* > 0 */
    uint32_t frame_count; /* over all ranges */
    uint64_t byte_count;  /* over all ranges */
    const char *reason;   /* with -EPROTO */
    const uint8_t *next;  /* cursor of packet_gpa_next */
    uint32_t left;
};

/**
 * Check the header of a received GPA-direct packet; packet_gpa_next() then
 * walks its ranges. 0, or -EPROTO with gpa->reason.
 *
 * @packet  of type RING_PACKET_GPA_DIRECT
 * @body    a private copy; packet_gpa_next() reads it
 * @gpa     filled
 * @return  0; -EPROTO: gpa->reason says why
 */
int packet_parse_gpa_direct(const struct ring_packet *packet, const void *body,
                            struct packet_gpa *gpa);

/**
 * Take the next range, whose frame numbers lie in the body. False after the
 * last one.
 *
 * @gpa     as packet_parse_gpa_direct() filled it
 * @range   receives the range, with true only
 * @return  false: there is no further one
 */
bool packet_gpa_next(struct packet_gpa *gpa, struct packet_gpa_range *range);

/* ---- transfer pages: data in pages the receiver shared before ---------- */

/**
 * Write a packet whose data lies in pages that the receiver shared by GPADL.
 *
 * @at           where the packet goes; moved to the position after it with 0
 *               only
 * @transaction  the id that the answer will carry
 * @completion   ask the other side to answer
 * @set_id   the receiver's name for those pages
 * @ranges   `count` of them, copied
 * @payload  `size` bytes that travel in the packet itself
 * @return   as ring_write(); -EINVAL: no range, or more than a header can hold
 */
int packet_write_transfer_pages(struct ring_writer *w, uint32_t *at,
                                uint64_t transaction, bool completion,
                                uint16_t set_id,
                                const struct ring_transfer_range *ranges,
                                uint32_t count, const void *payload,
                                uint32_t size);

/* What a received transfer-pages packet describes. */
struct packet_transfer {
    uint16_t set_id;
    bool sender_owns_set;
    uint32_t range_count;                     /* > 0 */
    const struct ring_transfer_range *ranges; /* into the body */
    const char *reason;                       /* with -EPROTO */
};

/**
 * Check the header of a received transfer-pages packet.
 *
 * @packet    of type RING_PACKET_TRANSFER_PAGES
 * @body      a private copy
 * @transfer  filled
 * @set_size  bytes of the shared pages; every range lies inside them
 * @return    0, or -EPROTO with transfer->reason
 */
int packet_parse_transfer_pages(const struct ring_packet *packet,
                                const void *body, uint64_t set_size,
                                struct packet_transfer *transfer);

/* ---- pipe framing: channels whose offer has the pipe flag -------------- */

/**
 * Write an in-band packet with a pipe header, for channels whose offer has
 * VMBUS_OFFER_PIPE.
 *
 * @at           where the packet goes; moved to the position after it with 0
 *               only
 * @transaction  the id that the answer will carry
 * @completion   ask the other side to answer
 * @data         copied
 * @size    bytes of `data`, at most RING_PIPE_LIMIT; 0 ends the stream
 * @return  as ring_write(); -EMSGSIZE: also more than RING_PIPE_LIMIT
 */
int packet_write_pipe(struct ring_writer *w, uint32_t *at, uint64_t transaction,
                      bool completion, const void *data, uint32_t size);

/* What a received pipe packet carries. */
struct packet_pipe {
    const void *data;   /* into the body */
    uint32_t size;      /* its bytes, exact: 0..RING_PIPE_LIMIT */
    uint32_t consumed;  /* partial packets: bytes already taken; else 0 */
    const char *reason; /* with -EPROTO */
};

/**
 * Check the pipe header of a received in-band packet. Frames other than data
 * (1) and partial (2) are refused. 0, or -EPROTO with pipe->reason.
 *
 * @packet  of type RING_PACKET_IN_BAND
 * @body    a private copy
 * @pipe    filled
 * @return  0; -EPROTO: pipe->reason says why
 */
int packet_parse_pipe(const struct ring_packet *packet, const void *body,
                      struct packet_pipe *pipe);

#ifdef __cplusplus
}
#endif

#endif
