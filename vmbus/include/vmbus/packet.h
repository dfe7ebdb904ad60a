/*
 * Packets of each type: builders over ring_write, parsers of private copies.
 *
 * Builders put one packet at *at and move *at behind it; nothing is visible
 * before ring_writer_commit. Their statuses are ring_write's and, where
 * said, -EINVAL. `completion` asks the other side for a completion packet
 * with the same transaction id.
 *
 * Parsers look at what ring_read copied (or ring_peek shows), never past
 * packet->size, and trust nothing in it: 0, or -EPROTO with `reason` set to
 * a constant line. Bodies must be aligned to 8. All functions: any IRQL.
 */
#ifndef VMBUS_PACKET_H
#define VMBUS_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/ring.h"

/* The payload behind the type's header in a received body. */
static inline const void *packet_payload(const struct ring_packet *packet,
                                         const void *body)
{
    return (const uint8_t *)body + packet->header_size;
}

/* Its size: with the sender's padding, a multiple of 8. */
static inline uint32_t packet_payload_size(const struct ring_packet *packet)
{
    return packet->size - packet->header_size;
}

/* ---- in-band, completion, cancellation --------------------------------- */

int packet_write_in_band(struct ring_writer *w, uint32_t *at,
                         uint64_t transaction, bool completion,
                         const void *payload, uint32_t size);

/* Answers the packet that carried `transaction` and asked for it. */
int packet_write_completion(struct ring_writer *w, uint32_t *at,
                            uint64_t transaction, const void *payload,
                            uint32_t size);

/* Asks to cancel the packet that carried `transaction`. Not every host
 * knows it: OpenVMM treats it as corruption. */
int packet_write_cancel(struct ring_writer *w, uint32_t *at,
                        uint64_t transaction);

/* ---- GPA-direct: data in the sender's pages ---------------------------- */

/* `byte_count` > 0 bytes from `byte_offset` < 4096 of the first frame on,
 * through packet_gpa_frames() frames; no holes. */
struct packet_gpa_range {
    uint32_t byte_count;
    uint32_t byte_offset;
    const uint64_t *pfns;
};

/* How many frames such a range touches. */
static inline uint32_t packet_gpa_frames(uint32_t byte_offset,
                                         uint32_t byte_count)
{
    return (uint32_t)(((uint64_t)byte_offset + byte_count + 4095) / 4096);
}

/* Bytes of GPA-direct header that these ranges take, or 0 if a range is
 * empty, starts beyond its first frame, or they exceed the wire's limit:
 * then packet_write_gpa_direct answers -EINVAL. */
uint32_t packet_gpa_header_size(const struct packet_gpa_range *ranges,
                                uint32_t count);

/* The frames stay the sender's and must not change before the completion. */
int packet_write_gpa_direct(struct ring_writer *w, uint32_t *at,
                            uint64_t transaction, bool completion,
                            const struct packet_gpa_range *ranges,
                            uint32_t count, const void *payload, uint32_t size);

/* What a received GPA-direct packet describes. The counts are checked
 * against the header; that the frames exist is seam_map's to find out. */
struct packet_gpa {
    uint32_t range_count; /* > 0 */
    uint32_t frame_count; /* over all ranges */
    uint64_t byte_count;  /* over all ranges */
    const char *reason;   /* with -EPROTO */
    const uint8_t *next;  /* cursor of packet_gpa_next */
    uint32_t left;
};

int packet_parse_gpa_direct(const struct ring_packet *packet, const void *body,
                            struct packet_gpa *gpa);

/* The next range (its frames point into the body); false behind the last. */
bool packet_gpa_next(struct packet_gpa *gpa, struct packet_gpa_range *range);

/* ---- transfer pages: data in pages the receiver shared before ---------- */

int packet_write_transfer_pages(struct ring_writer *w, uint32_t *at,
                                uint64_t transaction, bool completion,
                                uint16_t set_id,
                                const struct ring_transfer_range *ranges,
                                uint32_t count, const void *payload,
                                uint32_t size);

struct packet_transfer {
    uint16_t set_id;
    bool sender_owns_set;
    uint32_t range_count;                     /* > 0 */
    const struct ring_transfer_range *ranges; /* into the body */
    const char *reason;                       /* with -EPROTO */
};

/* `set_size`: bytes of the shared pages; every range lies inside. */
int packet_parse_transfer_pages(const struct ring_packet *packet,
                                const void *body, uint64_t set_size,
                                struct packet_transfer *transfer);

/* ---- pipe framing: channels whose offer has the pipe flag -------------- */

/* In-band with a pipe header; size 0 ends the stream; at most
 * RING_PIPE_LIMIT, else -EMSGSIZE. */
int packet_write_pipe(struct ring_writer *w, uint32_t *at, uint64_t transaction,
                      bool completion, const void *data, uint32_t size);

struct packet_pipe {
    const void *data;   /* into the body */
    uint32_t size;      /* its bytes, exact: 0..RING_PIPE_LIMIT */
    uint32_t consumed;  /* partial packets: bytes already taken; else 0 */
    const char *reason; /* with -EPROTO */
};

/* Only data (1) and partial (2) frames are known; others are refused. */
int packet_parse_pipe(const struct ring_packet *packet, const void *body,
                      struct packet_pipe *pipe);

#endif
