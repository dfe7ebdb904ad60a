/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NVSP, the outer protocol of the network device, as it stands in packets. All
 * little-endian. [linux hyperv_net.h] [openvmm netvsp]
 */
#ifndef DRIVERS_NETWORK_WIRE_NVSP_WIRE_H
#define DRIVERS_NETWORK_WIRE_NVSP_WIRE_H

#include <stdint.h>

enum nvsp_type {
    NVSP_INIT = 1,
    NVSP_INIT_COMPLETE = 2,
    NVSP_NDIS_VERSION = 100,
    NVSP_SEND_RECEIVE_BUFFER = 101,
    NVSP_RECEIVE_BUFFER_COMPLETE = 102,
    NVSP_REVOKE_RECEIVE_BUFFER = 103,
    NVSP_SEND_SEND_BUFFER = 104,
    NVSP_SEND_BUFFER_COMPLETE = 105,
    NVSP_REVOKE_SEND_BUFFER = 106,
    NVSP_RNDIS = 107,
    NVSP_RNDIS_COMPLETE = 108,
    NVSP_NDIS_CONFIG = 125,
    NVSP_SUBCHANNEL = 133,
    NVSP_SEND_TABLE = 134,
};

#define NVSP_VERSION_1   0x00002u
#define NVSP_VERSION_2   0x30002u
#define NVSP_VERSION_4   0x40000u
#define NVSP_VERSION_5   0x50000u
#define NVSP_VERSION_6   0x60000u
#define NVSP_VERSION_6_1 0x60001u

#define NVSP_SUCCESS 1u

/* Bytes of each message that is sent, as Linux sends them in every version. */
#define NVSP_MESSAGE_SIZE 40u

/* Capabilities of NDIS_CONFIG. */
#define NVSP_CAPABILITY_VLAN UINT64_C(0x08)
#define NVSP_CAPABILITY_TEAMING                  \
    UINT64_C(0x20) /* for link-speed indications \
                    */
#define NVSP_CAPABILITY_RSC UINT64_C(0x80)

/* The channel in NVSP_RNDIS. */
#define NVSP_DATA    0u
#define NVSP_CONTROL 1u
/* No section: the message lies in the packet's own ranges. */
#define NVSP_NO_SECTION UINT32_MAX

struct nvsp_init {
    uint32_t type;
    uint32_t lowest, highest;
};
_Static_assert(sizeof(struct nvsp_init) == 12, "H9.1");

/* The version is not to be relied on: hosts leave it unset. */
struct nvsp_init_complete {
    uint32_t type;
    uint32_t version;
    uint32_t chain;
    uint32_t status;
};
_Static_assert(sizeof(struct nvsp_init_complete) == 16, "H9.1");

struct nvsp_ndis_version {
    uint32_t type;
    uint32_t major, minor;
};
_Static_assert(sizeof(struct nvsp_ndis_version) == 12, "H9.1");

struct nvsp_ndis_config {
    uint32_t type;
    uint32_t frame; /* MTU with the Ethernet header */
    uint32_t reserved;
    uint64_t capabilities;
} __attribute__((packed));
_Static_assert(sizeof(struct nvsp_ndis_config) == 20, "H9.1");

/* SEND_RECEIVE_BUFFER and SEND_SEND_BUFFER. */
struct nvsp_buffer {
    uint32_t type;
    uint32_t gpadl;
    uint16_t id;
    uint16_t padding;
};
_Static_assert(sizeof(struct nvsp_buffer) == 12, "H9.1");

struct nvsp_section {
    uint32_t offset;
    uint32_t size; /* of each suballocation */
    uint32_t count;
    uint32_t end;
};

struct nvsp_receive_complete {
    uint32_t type;
    uint32_t status;
    uint32_t sections; /* how many follow */
    struct nvsp_section first;
};
_Static_assert(sizeof(struct nvsp_receive_complete) == 28, "H9.1");

struct nvsp_send_complete {
    uint32_t type;
    uint32_t status;
    uint32_t section_size;
};
_Static_assert(sizeof(struct nvsp_send_complete) == 12, "H9.1");

struct nvsp_revoke {
    uint32_t type;
    uint16_t id;
    uint16_t padding;
};
_Static_assert(sizeof(struct nvsp_revoke) == 8, "H9.1");

/* A request for sub-channels, and the answer to it. */
struct nvsp_subchannel {
    uint32_t type;
    uint32_t operation; /* NVSP_ALLOCATE; of the answer: the status */
    uint32_t count;
};
_Static_assert(sizeof(struct nvsp_subchannel) == 12, "H9.1");
#define NVSP_ALLOCATE 1u

/* SEND_INDIRECTION_TABLE: which channel each sixteenth of the flows goes to. */
struct nvsp_send_table {
    uint32_t type;
    uint32_t count;
    uint32_t offset; /* of `count` numbers, from the message's start */
};
_Static_assert(sizeof(struct nvsp_send_table) == 12, "H9.1");
#define NVSP_SEND_ENTRIES 16u

struct nvsp_rndis {
    uint32_t type;
    uint32_t channel;
    uint32_t section;
    uint32_t size; /* bytes of the section that are used */
};
_Static_assert(sizeof(struct nvsp_rndis) == 16, "H9.1");

struct nvsp_rndis_complete {
    uint32_t type;
    uint32_t status;
};
_Static_assert(sizeof(struct nvsp_rndis_complete) == 8, "H9.1");

#endif
