/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RNDIS, the inner protocol of the network device. rndis.c answers control
 * messages, oid.c and oid_set.c know the objects that are asked for and set,
 * packet.c reads and writes the messages that carry frames.
 * [linux rndis_filter.c] [openvmm netvsp]
 */
#ifndef MINIHV_NET_RNDIS_H
#define MINIHV_NET_RNDIS_H

#include <stdbool.h>
#include <stdint.h>

enum rndis_type {
    RNDIS_PACKET = 1,
    RNDIS_INIT = 2,
    RNDIS_HALT = 3,
    RNDIS_QUERY = 4,
    RNDIS_SET = 5,
    RNDIS_STATUS = 7,
    RNDIS_KEEPALIVE = 8,
};
#define RNDIS_COMPLETE 0x80000000u /* in the type of an answer */

enum rndis_status {
    RNDIS_SUCCESS = 0,
    RNDIS_FAILURE = (int)0xC0000001,
    RNDIS_UNSUPPORTED = (int)0xC00000BB,
    RNDIS_INVALID = (int)0xC0010015,
    RNDIS_MEDIA_CONNECT = 0x4001000B,
    RNDIS_MEDIA_DISCONNECT = 0x4001000C,
    RNDIS_NETWORK_CHANGE = 0x40010018,
};

enum {
    RNDIS_HEADER = 8,         /* type and length */
    RNDIS_CONTROL_MAX = 1024, /* bytes of a control message, either way */
    RNDIS_PACKETS = 8,        /* messages in one section of the send buffer */
    RNDIS_ALIGN = 3,          /* log2 of what they are padded to */
    RNDIS_LSO_MAX = 0xF53C,   /* payload of a large send */
    RNDIS_RSS_ENTRIES = 128,
    RNDIS_RSS_KEY = 40,
};

enum rndis_filter {
    RNDIS_DIRECTED = 1,
    RNDIS_MULTICAST = 2,
    RNDIS_ALL_MULTICAST = 4,
    RNDIS_BROADCAST = 8,
    RNDIS_PROMISCUOUS = 0x20,
};

/* Offloads as the guest has set them: bit 0 transmit, bit 1 receive. */
struct rndis_offloads {
    uint8_t ip, tcp4, udp4, tcp6, udp6;
    bool lso4, lso6, rsc4, rsc6;
};

struct rndis_rss {
    bool on;
    uint32_t entries;
    uint8_t table[RNDIS_RSS_ENTRIES]; /* receive queues */
    uint8_t key[RNDIS_RSS_KEY];
};

struct rndis {
    uint8_t mac[6];
    uint32_t frame_max; /* bytes with the Ethernet header */
    uint32_t queues;    /* receive queues: 1, or more with RSS */
    bool rsc;           /* may be offered: NVSP 6.1, and asked for */
    bool link;
    bool ready; /* INIT has come, HALT has not */
    uint32_t filter;
    struct rndis_offloads offloads;
    struct rndis_rss rss;
};

/* Starts anew; mac and link stay. */
void rndis_reset(struct rndis *r);

struct rndis_answer {
    uint32_t size; /* 0: none is sent */
    uint8_t bytes[RNDIS_CONTROL_MAX];
};

/**
 * Takes one control message.
 *
 * @bytes   a private copy
 * @answer  filled in where the result is NULL
 * @return  NULL, or the rule that the guest has broken
 */
const char *rndis_take(struct rndis *r, const uint8_t *bytes, uint32_t size,
                       struct rndis_answer *answer);

/* Writes a status indication without a buffer. Returns its bytes. */
uint32_t rndis_indicate(uint32_t status, uint8_t *out);

/* ---- oid.c, oid_set.c ---------------------------------------------------- */

/* Answers a query, which has `in_size` bytes of input. Returns a status; with
 * RNDIS_SUCCESS *size bytes are in `out`, which has room for 512. */
uint32_t oid_query(const struct rndis *r, uint32_t oid, const uint8_t *in,
                   uint32_t in_size, uint8_t *out, uint32_t *size);
/* Sets an object from `size` bytes. Returns a status. */
uint32_t oid_set(struct rndis *r, uint32_t oid, const uint8_t *in,
                 uint32_t size);

/* ---- packet.c ------------------------------------------------------------ */

/* A frame with what stands beside it. */
struct net_frame {
    uint8_t *data;
    uint32_t size;
    bool has_checksum, has_large, has_vlan, has_hash;
    uint32_t checksum; /* transmit: what to compute; receive: what was found */
    uint32_t large;    /* LSO version 2 */
    uint32_t vlan;     /* priority 2:0, DEI 3, id 15:4 */
    uint32_t hash;
};

enum packet_checksum {
    TX_IP4 = 1,
    TX_IP6 = 2,
    TX_TCP = 4,
    TX_UDP = 8,
    TX_IP_HEADER = 0x10,
    RX_TCP_BAD = 1,
    RX_UDP_BAD = 2,
    RX_IP_BAD = 4,
    RX_TCP_GOOD = 8,
    RX_UDP_GOOD = 0x10,
    RX_IP_GOOD = 0x20,
    RX_TCP_STALE = 0x80, /* right before coalescing; the field is not */
    RX_IP_STALE = 0x100,
};

/* LSO version 2: bits 19:0 MSS, 29:20 offset of the TCP header, 31 IPv6. */
#define LARGE_MSS(v)    ((v)&0xFFFFF)
#define LARGE_OFFSET(v) ((v) >> 20 & 0x3FF)
#define LARGE_IP6       0x80000000u
#define LARGE_V2        0x40000000u

/**
 * Reads a data message of the guest.
 *
 * @bytes   a private copy; *frame points into it
 * @size    at least one message; *length gets the bytes of the first
 * @return  NULL, or the rule that the guest has broken
 */
const char *packet_read(uint8_t *bytes, uint32_t size, uint32_t *length,
                        struct net_frame *frame);

/* Fragment of a coalesced frame. */
enum packet_part {
    PART_ALONE = 0,
    PART_ANY = 1,
    PART_FIRST = 2,
    PART_LAST = 4
};

/**
 * Writes the header of a received frame of `size` bytes, which follow at
 * `room`, into `room` bytes at `out`.
 *
 * @frame  what stands beside it
 * @part   enum packet_part; id names the coalesced frame
 */
void packet_write(uint8_t *out, uint32_t room, const struct net_frame *frame,
                  uint32_t size, uint8_t part, uint16_t id);

#endif
