/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ring buffers as they lie in memory: the control page and the packets.
 *
 * Wire format only; ring.h and packet.h hold our own state. All fields are
 * little-endian. Every field that the other side writes is untrusted: it is
 * loaded once into a local, checked, and only then used.
 */
#ifndef VMBUS_RING_WIRE_H
#define VMBUS_RING_WIRE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define RING_WIRE_ASSERT(condition, what) static_assert(condition, what)
#else
#define RING_WIRE_ASSERT(condition, what) _Static_assert(condition, what)
#endif

/* The ring's unit: indices, packet lengths and header offsets count it. */
#define RING_UNIT 8u

/* ---- the control page, first page of each ring ------------------------- */

/* [linux hyperv.h] [openvmm ring] [freebsd vmbus_reg.h] [mu_msvm] */
struct ring_control {
    uint32_t write_index;       /* bytes into the data area; writer's */
    uint32_t read_index;        /* bytes into the data area; reader's */
    uint32_t interrupt_mask;    /* not 0: reader wants no signals; reader's */
    uint32_t pending_send_size; /* bytes a blocked writer needs; writer's */
    uint8_t reserved0[48];
    uint32_t features; /* RING_FEATURE_*; writer's */
    uint8_t reserved1[4020];
    uint64_t signal_count; /* statistics of one other guest; not ours */
};

RING_WIRE_ASSERT(sizeof(struct ring_control) == 4096, "control page");
RING_WIRE_ASSERT(offsetof(struct ring_control, write_index) == 0, "in");
RING_WIRE_ASSERT(offsetof(struct ring_control, read_index) == 4, "out");
RING_WIRE_ASSERT(offsetof(struct ring_control, interrupt_mask) == 8, "mask");
RING_WIRE_ASSERT(offsetof(struct ring_control, pending_send_size) == 12,
                 "need");
RING_WIRE_ASSERT(offsetof(struct ring_control, features) == 64, "features");
RING_WIRE_ASSERT(offsetof(struct ring_control, signal_count) == 4088, "count");

/* The writer fills pending_send_size when it blocks, and looks at the other
 * ring's. [linux hyperv.h] [openvmm ring] */
#define RING_FEATURE_PENDING_SEND_SIZE 0x1u

/* One stored size is 1 too small; low bits carry nothing. [mu_msvm] */
#define RING_PENDING_MASK (~7u)

/* ---- packets ----------------------------------------------------------- */

/* [linux hyperv.h] [openvmm ring] */
struct ring_descriptor {
    uint16_t type;    /* RING_PACKET_* */
    uint16_t offset8; /* start of payload from the packet's, in units of 8 */
    uint16_t length8; /* descriptor to padding, without the trailer */
    uint16_t flags;   /* RING_FLAG_* */
    uint64_t transaction;
};

RING_WIRE_ASSERT(sizeof(struct ring_descriptor) == 16, "descriptor");
RING_WIRE_ASSERT(offsetof(struct ring_descriptor, offset8) == 2, "offset8");
RING_WIRE_ASSERT(offsetof(struct ring_descriptor, length8) == 4, "length8");
RING_WIRE_ASSERT(offsetof(struct ring_descriptor, flags) == 6, "flags");
RING_WIRE_ASSERT(offsetof(struct ring_descriptor, transaction) == 8, "id");

/* After each packet; checked builds of the Microsoft packet library compare
 * the offset with the packet's position. [mu_msvm] [linux ring_buffer.c] */
struct ring_trailer {
    uint32_t reserved;
    uint32_t start; /* byte offset in the data area of the descriptor */
};

RING_WIRE_ASSERT(sizeof(struct ring_trailer) == 8, "trailer");
RING_WIRE_ASSERT(offsetof(struct ring_trailer, start) == 4, "trailer start");

/* Packet types; the gaps are historic and never sent. [linux hyperv.h] */
#define RING_PACKET_IN_BAND        6u
#define RING_PACKET_TRANSFER_PAGES 7u
#define RING_PACKET_GPA_DIRECT     9u
#define RING_PACKET_CANCEL         10u
#define RING_PACKET_COMPLETION     11u

/* The sender wants a completion; other flags are refused. [openvmm ring] */
#define RING_FLAG_COMPLETION_REQUESTED 0x1u

#define RING_DESCRIPTOR_SIZE 16u
#define RING_TRAILER_SIZE    8u

/* What length8 can say, and what remains of that for header and payload. */
#define RING_PACKET_LIMIT (65535u * RING_UNIT)
#define RING_BODY_LIMIT   (RING_PACKET_LIMIT - RING_DESCRIPTOR_SIZE)

/* ---- headers that follow the descriptor -------------------------------- */

/* GPA-direct: then `range_count` ranges. [linux hyperv.h] [openvmm ring] */
struct ring_gpa_header {
    uint32_t reserved; /* old guests leave rubbish here [openvmm] */
    uint32_t range_count;
};

/* One range: then ceil((offset + byte_count) / 4096) frame numbers (u64). */
struct ring_gpa_range {
    uint32_t byte_count;
    uint32_t byte_offset; /* < 4096, into the first frame */
};

RING_WIRE_ASSERT(sizeof(struct ring_gpa_header) == 8, "gpa header");
RING_WIRE_ASSERT(offsetof(struct ring_gpa_header, range_count) == 4, "ranges");
RING_WIRE_ASSERT(sizeof(struct ring_gpa_range) == 8, "gpa range");
RING_WIRE_ASSERT(offsetof(struct ring_gpa_range, byte_offset) == 4, "offset");

/* Transfer pages: then `range_count` ranges into memory that the receiver
 * shared before. [linux hyperv.h] [openvmm netvsp] */
struct ring_transfer_header {
    uint16_t set_id;
    uint8_t sender_owns_set;
    uint8_t reserved;
    uint32_t range_count;
};

/* A piece of the pages that a transfer-pages packet names. */
struct ring_transfer_range {
    uint32_t byte_count;
    uint32_t byte_offset;
};

RING_WIRE_ASSERT(sizeof(struct ring_transfer_header) == 8, "transfer header");
RING_WIRE_ASSERT(offsetof(struct ring_transfer_header, sender_owns_set) == 2,
                 "sender owns");
RING_WIRE_ASSERT(offsetof(struct ring_transfer_header, range_count) == 4,
                 "transfer ranges");
RING_WIRE_ASSERT(sizeof(struct ring_transfer_range) == 8, "transfer range");

/* Pipe framing: first 8 bytes of the payload where the offer has flag 0x10.
 * [linux hyperv.h] [openvmm proto] */
struct ring_pipe_header {
    uint32_t type; /* RING_PIPE_* */
    uint32_t size; /* data: bytes; partial: bytes | consumed bytes << 16 */
};

RING_WIRE_ASSERT(sizeof(struct ring_pipe_header) == 8, "pipe header");
RING_WIRE_ASSERT(offsetof(struct ring_pipe_header, size) == 4, "pipe size");

#define RING_PIPE_DATA    1u
#define RING_PIPE_PARTIAL 2u

/* The most data that one pipe packet carries. [linux hyperv_transport] */
#define RING_PIPE_LIMIT 16384u

#endif
