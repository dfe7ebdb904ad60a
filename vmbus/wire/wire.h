/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channel messages as they are on the wire: little-endian, packed. Only the
 * formats are here, no state of either half. Sizes, offsets and names of
 * fields: [openvmm proto], [linux hyperv.h]; where the two differ, a comment
 * says whose it is.
 */
#ifndef VMBUS_WIRE_H
#define VMBUS_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "vmbus/guid.h"

#define WIRE_PACKED __attribute__((packed))
#define WIRE_SIZE(type, size) \
    _Static_assert(sizeof(struct type) == (size), #type " on the wire")
#define WIRE_AT(type, field, at) \
    _Static_assert(offsetof(struct type, field) == (at), #type "." #field)

/* Payload of one posted message at most. [TLFS] */
#define WIRE_MESSAGE_MAX 240u

/* Connection ids for messages and for the shared event of 0.13. [TLFS],
 * [linux connection.c] */
#define WIRE_CONNECTION_MESSAGE       1u
#define WIRE_CONNECTION_EVENT         2u
#define WIRE_CONNECTION_MULTI_MESSAGE 4u

/* The message type of HvPostMessage that VMBus uses. [TLFS] */
#define WIRE_POST_TYPE 1u

/* The SINT on which the host delivers. [linux hyperv.h] */
#define WIRE_SINT 2u

enum wire_type {
    WIRE_OFFER = 1,
    WIRE_RESCIND = 2,
    WIRE_REQUEST_OFFERS = 3,
    WIRE_ALL_OFFERS_DELIVERED = 4,
    WIRE_OPEN = 5,
    WIRE_OPEN_RESULT = 6,
    WIRE_CLOSE = 7,
    WIRE_GPADL_HEADER = 8,
    WIRE_GPADL_BODY = 9,
    WIRE_GPADL_CREATED = 10,
    WIRE_GPADL_TEARDOWN = 11,
    WIRE_GPADL_TORNDOWN = 12,
    WIRE_RELID_RELEASED = 13,
    WIRE_INITIATE_CONTACT = 14,
    WIRE_VERSION_RESPONSE = 15,
    WIRE_UNLOAD = 16,
    WIRE_UNLOAD_RESPONSE = 17,
    WIRE_OPEN_RESERVED = 18,
    WIRE_CLOSE_RESERVED = 19,
    WIRE_CLOSE_RESERVED_RESPONSE = 20,
    WIRE_TL_CONNECT = 21,
    WIRE_MODIFY_CHANNEL = 22,
    WIRE_TL_CONNECT_RESULT = 23,
    WIRE_MODIFY_CHANNEL_RESPONSE = 24,
    WIRE_MODIFY_CONNECTION = 25,
    WIRE_MODIFY_CONNECTION_RESPONSE = 26,
    WIRE_PAUSE = 27,
    WIRE_PAUSE_RESPONSE = 28,
    WIRE_RESUME = 29,
    WIRE_TYPES
};

struct WIRE_PACKED wire_header {
    uint32_t type;
    uint32_t padding;
};
WIRE_SIZE(wire_header, 8);

/* 1, OFFERCHANNEL. The last two fields do not exist in 0.13. */
struct WIRE_PACKED wire_offer {
    struct wire_header header;
    struct vmbus_guid type;
    struct vmbus_guid instance;
    uint8_t reserved[16];
    uint16_t flags;
    uint16_t mmio_megabytes;
    uint8_t user_data[120];
    uint16_t subchannel;
    uint16_t mmio_megabytes_optional;
    uint32_t relid;
    uint8_t monitor;
    uint8_t monitor_allocated; /* bit 0 */
    uint16_t dedicated;        /* bit 0 */
    uint32_t connection;
};
WIRE_SIZE(wire_offer, 196);
WIRE_AT(wire_offer, flags, 56);
WIRE_AT(wire_offer, user_data, 60);
WIRE_AT(wire_offer, subchannel, 180);
WIRE_AT(wire_offer, relid, 184);
WIRE_AT(wire_offer, dedicated, 190);
WIRE_AT(wire_offer, connection, 192);

/* 2, RESCIND; 7, CLOSECHANNEL; 13, RELID_RELEASED: the relid alone. */
struct WIRE_PACKED wire_relid {
    struct wire_header header;
    uint32_t relid;
};
WIRE_SIZE(wire_relid, 12);

/* 5, OPENCHANNEL. The fields after user_data exist with 6.0 and feature 0x01 or
 * 0x02. */
struct WIRE_PACKED wire_open {
    struct wire_header header;
    uint32_t relid;
    uint32_t open_id;
    uint32_t gpadl;
    uint32_t target_vp;
    uint32_t downstream_page;
    uint8_t user_data[120];
    uint32_t connection;
    uint16_t event_flag;
    uint16_t flags;
};
WIRE_SIZE(wire_open, 156);
WIRE_AT(wire_open, downstream_page, 24);
WIRE_AT(wire_open, user_data, 28);
WIRE_AT(wire_open, connection, 148);
#define WIRE_OPEN_SHORT 148u

/* 6, OPENCHANNEL_RESULT. */
struct WIRE_PACKED wire_open_result {
    struct wire_header header;
    uint32_t relid;
    uint32_t open_id;
    uint32_t status;
};
WIRE_SIZE(wire_open_result, 20);

/* 8, GPADL_HEADER: one range. Its frames follow, and continue in bodies. */
struct WIRE_PACKED wire_gpadl_header {
    struct wire_header header;
    uint32_t relid;
    uint32_t gpadl;
    uint16_t range_bytes; /* sum of 8 + 8 * pages */
    uint16_t range_count;
    uint32_t byte_count;
    uint32_t byte_offset;
    uint64_t pfns[];
};
WIRE_SIZE(wire_gpadl_header, 28);
WIRE_AT(wire_gpadl_header, range_bytes, 16);
WIRE_AT(wire_gpadl_header, byte_count, 20);
#define WIRE_GPADL_HEADER_MIN 20u
#define WIRE_HEADER_PFNS      26u

/* 9, GPADL_BODY. Hosts ignore the number; Linux sends 0. [linux channel.c] */
struct WIRE_PACKED wire_gpadl_body {
    struct wire_header header;
    uint32_t number;
    uint32_t gpadl;
    uint64_t pfns[];
};
WIRE_SIZE(wire_gpadl_body, 16);
#define WIRE_BODY_PFNS 28u

/* 10, GPADL_CREATED. */
struct WIRE_PACKED wire_gpadl_created {
    struct wire_header header;
    uint32_t relid;
    uint32_t gpadl;
    uint32_t status;
};
WIRE_SIZE(wire_gpadl_created, 20);

/* 11, GPADL_TEARDOWN. */
struct WIRE_PACKED wire_gpadl_teardown {
    struct wire_header header;
    uint32_t relid;
    uint32_t gpadl;
};
WIRE_SIZE(wire_gpadl_teardown, 16);

/* 12, GPADL_TORNDOWN. */
struct WIRE_PACKED wire_gpadl_torndown {
    struct wire_header header;
    uint32_t gpadl;
};
WIRE_SIZE(wire_gpadl_torndown, 12);

/* 14, INITIATE_CONTACT. Before 5.0 the eight bytes @16 are the interrupt page's
 * address; from then on SINT, VTL and features. The client id comes with
 * feature 0x08. */
struct WIRE_PACKED wire_contact_target {
    uint8_t sint;
    uint8_t vtl;
    uint16_t padding;
    uint32_t features;
};
WIRE_SIZE(wire_contact_target, 8);

struct WIRE_PACKED wire_initiate_contact {
    struct wire_header header;
    uint32_t version;
    uint32_t target_vp;
    union {
        uint64_t interrupt_page;
        struct wire_contact_target target;
    };
    uint64_t monitor_parent_to_child;
    uint64_t monitor_child_to_parent;
    struct vmbus_guid client_id;
};
WIRE_SIZE(wire_initiate_contact, 56);
WIRE_AT(wire_initiate_contact, interrupt_page, 16);
WIRE_AT(wire_initiate_contact, monitor_parent_to_child, 24);
WIRE_AT(wire_initiate_contact, client_id, 40);
#define WIRE_CONTACT_SHORT 40u

/* 15, VERSION_RESPONSE. QEMU sends the first ten bytes only. */
struct WIRE_PACKED wire_version_response {
    struct wire_header header;
    uint8_t supported;
    uint8_t connection_state;
    uint16_t padding;
    uint32_t connection; /* before 5.0: the selected version */
    uint32_t features;
    uint32_t padding2;
    uint64_t monitor_parent_to_child;
    uint64_t monitor_child_to_parent;
};
WIRE_SIZE(wire_version_response, 40);
WIRE_AT(wire_version_response, connection, 12);
WIRE_AT(wire_version_response, features, 16);
WIRE_AT(wire_version_response, monitor_parent_to_child, 24);
#define WIRE_VERSION_RESPONSE_MIN 10u
#define WIRE_VERSION_RESPONSE_16  16u
#define WIRE_VERSION_RESPONSE_6_0 20u

/* 18, OPEN_RESERVED_CHANNEL, and 19, CLOSE_RESERVED_CHANNEL: for trusted
 * virtual trust levels only. */
struct WIRE_PACKED wire_open_reserved {
    struct wire_header header;
    uint32_t relid;
    uint32_t target_vp;
    uint32_t target_sint;
    uint32_t gpadl;
    uint32_t downstream_page;
};
WIRE_SIZE(wire_open_reserved, 28);

struct WIRE_PACKED wire_close_reserved {
    struct wire_header header;
    uint32_t relid;
    uint32_t target_vp;
    uint32_t target_sint;
};
WIRE_SIZE(wire_close_reserved, 20);

/* 21, TL_CONNECT_REQUEST. The silo exists from 5.2 on. */
struct WIRE_PACKED wire_tl_connect {
    struct wire_header header;
    struct vmbus_guid endpoint;
    struct vmbus_guid service;
    struct vmbus_guid silo;
};
WIRE_SIZE(wire_tl_connect, 56);
#define WIRE_TL_CONNECT_SHORT 40u

/* 22, MODIFYCHANNEL. */
struct WIRE_PACKED wire_modify_channel {
    struct wire_header header;
    uint32_t relid;
    uint32_t target_vp;
};
WIRE_SIZE(wire_modify_channel, 16);

/* 23, TL_CONNECT_RESULT. */
struct WIRE_PACKED wire_tl_connect_result {
    struct wire_header header;
    struct vmbus_guid endpoint;
    struct vmbus_guid service;
    uint32_t status;
};
WIRE_SIZE(wire_tl_connect_result, 44);

/* 24, MODIFYCHANNEL_RESPONSE. */
struct WIRE_PACKED wire_modify_channel_response {
    struct wire_header header;
    uint32_t relid;
    uint32_t status;
};
WIRE_SIZE(wire_modify_channel_response, 16);

/* 25, MODIFY_CONNECTION, and 26, its response. */
struct WIRE_PACKED wire_modify_connection {
    struct wire_header header;
    uint64_t monitor_parent_to_child;
    uint64_t monitor_child_to_parent;
};
WIRE_SIZE(wire_modify_connection, 24);

struct WIRE_PACKED wire_modify_connection_response {
    struct wire_header header;
    uint8_t connection_state;
};
WIRE_SIZE(wire_modify_connection_response, 9);

#endif
