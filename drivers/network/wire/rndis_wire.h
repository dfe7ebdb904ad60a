/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RNDIS, the inner protocol of the network device, as it stands in the shared
 * buffers. All little-endian; offsets count from the body, 8 bytes into a
 * message. [linux rndis_filter.c] [openvmm netvsp]
 */
#ifndef DRIVERS_NETWORK_WIRE_RNDIS_WIRE_H
#define DRIVERS_NETWORK_WIRE_RNDIS_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum rndis_type {
    RNDIS_PACKET = 1,
    RNDIS_INITIALIZE = 2,
    RNDIS_QUERY = 4,
    RNDIS_SET = 5,
    RNDIS_INDICATE = 7,
    RNDIS_KEEPALIVE = 8,
};
#define RNDIS_COMPLETE 0x80000000u /* in the type of an answer */

/* Statuses of answers and indications. */
#define RNDIS_SUCCESS          0x00000000u
#define RNDIS_MEDIA_CONNECT    0x4001000Bu
#define RNDIS_MEDIA_DISCONNECT 0x4001000Cu
#define RNDIS_NETWORK_CHANGE   0x40010018u

enum rndis_oid {
    RNDIS_OID_FRAME_SIZE = 0x00010106,
    RNDIS_OID_FILTER = 0x0001010E,
    RNDIS_OID_MEDIA_STATUS = 0x00010114,
    RNDIS_OID_RSS_CAPABILITIES = 0x00010203,
    RNDIS_OID_RSS_PARAMETERS = 0x00010204,
    RNDIS_OID_ADDRESS = 0x01010101,
    RNDIS_OID_OFFLOAD_SET = (int)0xFC01020C,
    RNDIS_OID_OFFLOAD_CAPABILITIES = (int)0xFC01020D,
};

/* Frames to this adapter, to all, and to any group. */
#define RNDIS_FILTER 0x0Du

struct rndis_header {
    uint32_t type;
    uint32_t length; /* of the message, these 8 bytes included */
};
_Static_assert(sizeof(struct rndis_header) == 8, "H10");

struct rndis_initialize {
    struct rndis_header header;
    uint32_t id;
    uint32_t major, minor;
    uint32_t max_transfer;
};
_Static_assert(sizeof(struct rndis_initialize) == 24, "H10");

struct rndis_initialize_complete {
    struct rndis_header header;
    uint32_t id;
    uint32_t status;
    uint32_t major, minor;
    uint32_t device_flags, medium;
    uint32_t max_packets, max_transfer;
    uint32_t alignment; /* log2 of what packets are padded to */
    uint32_t af_offset, af_size;
};
_Static_assert(sizeof(struct rndis_initialize_complete) == 52, "H10");

/* QUERY and SET. */
struct rndis_request {
    struct rndis_header header;
    uint32_t id;
    uint32_t oid;
    uint32_t size, offset; /* of what follows */
    uint32_t handle;
};
_Static_assert(sizeof(struct rndis_request) == 28, "H10");

/* The answer to QUERY; that to SET and KEEPALIVE ends after the status. */
struct rndis_answer {
    struct rndis_header header;
    uint32_t id;
    uint32_t status;
    uint32_t size, offset;
};
_Static_assert(sizeof(struct rndis_answer) == 24, "H10");

struct rndis_packet {
    struct rndis_header header;
    uint32_t data_offset, data_size;
    uint32_t out_of_band[3];
    uint32_t info_offset, info_size;
    uint32_t handle, reserved;
};
_Static_assert(sizeof(struct rndis_packet) == 44, "H10.1");

/* Per-packet info: a list of entries with their value behind. */
struct rndis_info {
    uint32_t size; /* of the entry */
    uint32_t type;
    uint32_t offset; /* of the value, from the entry's start */
};
_Static_assert(sizeof(struct rndis_info) == 12, "H10.1");

/* The largest header of a frame that is sent: RNDIS, then three entries. */
#define RNDIS_SEND_HEADER                     \
    ((uint32_t)(sizeof(struct rndis_packet) + \
                3 * (sizeof(struct rndis_info) + 4)))

#define RNDIS_INFO_CHECKSUM 0u
#define RNDIS_INFO_LARGE    2u
#define RNDIS_INFO_VLAN     6u
#define RNDIS_INFO_PART     0x80000001u /* of a coalesced frame */

/* RNDIS_INFO_CHECKSUM of a frame that is sent; bits 25:16 are the offset of the
 * TCP header from the frame's first byte. */
#define RNDIS_SUM_IP4       0x01u
#define RNDIS_SUM_IP6       0x02u
#define RNDIS_SUM_TCP       0x04u
#define RNDIS_SUM_UDP       0x08u
#define RNDIS_SUM_IP_HEAD   0x10u
#define RNDIS_SUM_OFFSET_AT 16

/* RNDIS_INFO_CHECKSUM of a received frame. */
#define RNDIS_SUM_TCP_GOOD 0x08u
#define RNDIS_SUM_UDP_GOOD 0x10u
#define RNDIS_SUM_IP_GOOD  0x20u

/* RNDIS_INFO_LARGE: bits 19:0 MSS, 29:20 offset of the TCP header. */
#define RNDIS_LARGE_OFFSET_AT 20
#define RNDIS_LARGE_V2        0x40000000u
#define RNDIS_LARGE_IP6       0x80000000u

/* RNDIS_INFO_VLAN: bits 2:0 priority, 3 DEI, 15:4 id. */
#define RNDIS_VLAN_ID_AT 4

/* RNDIS_INFO_PART. */
struct rndis_part {
    uint8_t version; /* 1 */
    uint8_t flags;
    uint16_t id;
};
_Static_assert(sizeof(struct rndis_part) == 4, "addendum 3.2");
#define RNDIS_PART_ANY   1u
#define RNDIS_PART_FIRST 2u
#define RNDIS_PART_LAST  4u
/* Fragments of a coalesced frame, and ranges of a packet, at most. */
#define RNDIS_PARTS_MAX 562u

/* ---- receive queues ------------------------------------------------------ */

/* What the host can do; revision 1 ends before `entries`. */
struct rndis_rss_capabilities {
    uint8_t type; /* 0x88 */
    uint8_t revision;
    uint16_t size;
    uint32_t flags;
    uint32_t interrupts;
    uint32_t queues;
    uint16_t entries; /* of the table */
} __attribute__((packed));
_Static_assert(sizeof(struct rndis_rss_capabilities) == 18, "H9.4");
#define RNDIS_RSS_CAPABILITIES 0x88u
#define RNDIS_RSS_REVISION     2u

#define RNDIS_RSS_ENTRIES 128u /* at most, and where a host does not say */
#define RNDIS_RSS_KEY     40u

/* Which queue each flow is received on. Offsets count from the first byte. */
struct rndis_rss_parameters {
    uint8_t type; /* 0x89 */
    uint8_t revision;
    uint16_t size;
    uint16_t flags; /* RNDIS_RSS_DISABLE, or 0 */
    uint16_t processor;
    uint32_t hash; /* RNDIS_RSS_HASH */
    uint16_t table_size, padding;
    uint32_t table_offset;
    uint16_t key_size, padding2;
    uint32_t key_offset;
    uint32_t masks_offset, masks, mask_size;
};
_Static_assert(sizeof(struct rndis_rss_parameters) == 40, "H9.4");
#define RNDIS_RSS_PARAMETERS 0x89u
#define RNDIS_RSS_DISABLE    0x10u
/* Toeplitz; addresses of IPv4 and IPv6, and the ports of TCP over both. */
#define RNDIS_RSS_HASH 0x1701u

/* The whole message. */
struct rndis_rss_set {
    struct rndis_rss_parameters fixed;
    uint32_t table[RNDIS_RSS_ENTRIES];
    uint8_t key[RNDIS_RSS_KEY];
};

/* ---- offloads ------------------------------------------------------------ */

struct rndis_offload_sums {
    uint32_t send_encapsulation, send;
    uint32_t receive_encapsulation, receive;
};

struct rndis_offload_large {
    uint32_t encapsulation;
    uint32_t max_bytes;
    uint32_t min_segments;
};

/* What the host can do: revision 1 has 112 bytes, 2 has 144, 3 has 156. */
struct rndis_offload_capabilities {
    uint8_t type; /* 0xA7 */
    uint8_t revision;
    uint16_t size;
    struct rndis_offload_sums ip4, ip6;
    uint32_t large1[4];
    uint32_t ipsec1[7];
    struct rndis_offload_large large4, large6;
    uint32_t large6_options;
    uint32_t flags;
    uint32_t ipsec2[8];
    uint8_t rsc4, rsc6;
    uint8_t padding[2];
    uint32_t gre[2];
};
_Static_assert(sizeof(struct rndis_offload_capabilities) == 156, "H10.2");
_Static_assert(offsetof(struct rndis_offload_capabilities, large4) == 80,
               "H10.2");
_Static_assert(offsetof(struct rndis_offload_capabilities, rsc4) == 144,
               "addendum 3.1");

#define RNDIS_OFFLOAD_CAPABILITIES 0xA7u
#define RNDIS_CAN_TCP              0x010u
#define RNDIS_CAN_UDP              0x040u
#define RNDIS_CAN_IP_HEAD          0x100u

/* What is switched on; 0 changes nothing. */
struct rndis_offload_set {
    uint8_t type; /* 0x80 */
    uint8_t revision;
    uint16_t size;
    uint8_t ip4, tcp4, udp4, tcp6, udp6; /* RNDIS_SUMS_* */
    uint8_t large1, ipsec1;
    uint8_t large4, large6; /* RNDIS_OFF, RNDIS_ON */
    uint8_t connection4, connection6;
    uint8_t padding;
    uint32_t flags;
    uint8_t ipsec2[2];
    uint8_t rsc4, rsc6; /* RNDIS_OFF, RNDIS_ON; from here on NVSP 5 */
    uint8_t encapsulation[2];
    uint8_t padding2[2];
};
_Static_assert(sizeof(struct rndis_offload_set) == 28, "H10.2");
_Static_assert(offsetof(struct rndis_offload_set, rsc4) == 22, "H10.2");

#define RNDIS_OFFLOAD_SET      0x80u
#define RNDIS_OFFLOAD_SET_SIZE 28u
#define RNDIS_OFFLOAD_SET_OLD  22u

#define RNDIS_SUMS_OFF     1u
#define RNDIS_SUMS_SEND    2u
#define RNDIS_SUMS_RECEIVE 3u
#define RNDIS_OFF          1u
#define RNDIS_ON           2u

#endif
