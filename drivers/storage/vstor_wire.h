/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets of the storage protocol as they travel: 64 bytes, 48 for the
 * protocols before 5.1. [linux storvsc_drv.c], [openvmm storvsp]
 */
#ifndef DRIVERS_STORAGE_VSTOR_WIRE_H
#define DRIVERS_STORAGE_VSTOR_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "drivers/vstor.h"

enum vstor_operation {
    VSTOR_COMPLETE_IO = 1,
    VSTOR_REMOVE_DEVICE = 2,
    VSTOR_EXECUTE_SRB = 3,
    VSTOR_BEGIN_INITIALISATION = 7,
    VSTOR_END_INITIALISATION = 8,
    VSTOR_QUERY_PROTOCOL_VERSION = 9,
    VSTOR_QUERY_PROPERTIES = 10,
    VSTOR_ENUMERATE_BUS = 11,
};

/* major << 8 | minor */
#define VSTOR_VERSION_2_0 0x0200u
#define VSTOR_VERSION_4_2 0x0402u
#define VSTOR_VERSION_5_1 0x0501u
#define VSTOR_VERSION_6_0 0x0600u
#define VSTOR_VERSION_6_2 0x0602u

#define VSTOR_FLAG_COMPLETION 0x1u

#define VSTOR_PACKET_SIZE     64u
#define VSTOR_PACKET_SIZE_OLD 48u /* before 5.1 */
#define VSTOR_SRB_LENGTH      0x34u
#define VSTOR_SRB_LENGTH_OLD  0x24u
#define VSTOR_SENSE_SIZE_OLD  18u

struct __attribute__((packed)) vstor_srb {
    uint16_t length;
    uint8_t srb_status, scsi_status; /* out */
    uint8_t port, path, target, lun;
    uint8_t cdb_length;
    uint8_t sense_length; /* in: room; out: returned */
    uint8_t direction;    /* VSTOR_TO_DEVICE ... */
    uint8_t reserved;
    uint32_t transfer_length; /* in: asked; out: moved */
    union {
        uint8_t cdb[16];
        uint8_t sense[VSTOR_SENSE_SIZE]; /* out: lies over the command */
    };
    /* From here on: 5.1 and later. */
    uint16_t reserved_48;
    uint8_t queue_tag, queue_action;
    uint32_t flags;
    uint32_t timeout; /* seconds */
    uint32_t sort_key;
};

struct __attribute__((packed)) vstor_properties {
    uint32_t reserved;
    uint16_t max_subchannels;
    uint16_t reserved_18;
    uint32_t flags;
    uint32_t max_transfer; /* bytes */
    uint64_t reserved_28;
};

struct __attribute__((packed)) vstor_packet {
    uint32_t operation;
    uint32_t flags;
    uint32_t status; /* NTSTATUS */
    union {
        struct vstor_srb srb;
        struct vstor_properties properties;
        uint16_t version;
        uint8_t rest[52];
    };
};
_Static_assert(sizeof(struct vstor_packet) == VSTOR_PACKET_SIZE, "packet");
_Static_assert(offsetof(struct vstor_packet, version) == 12, "version");
_Static_assert(offsetof(struct vstor_packet, srb.lun) == 19, "LUN");
_Static_assert(offsetof(struct vstor_packet, srb.transfer_length) == 24,
               "transfer length");
_Static_assert(offsetof(struct vstor_packet, srb.cdb) == 28, "CDB");
_Static_assert(offsetof(struct vstor_packet, srb.reserved_48) ==
                   VSTOR_PACKET_SIZE_OLD,
               "the old packet ends behind the sense data");
_Static_assert(offsetof(struct vstor_packet, srb.flags) == 52, "SRB flags");
_Static_assert(offsetof(struct vstor_packet, properties.max_transfer) == 24,
               "largest transfer");

/* SRB status: bit 7 sense data valid, bit 6 queue frozen, then the code. */
#define VSTOR_SRB_SENSE_VALID  0x80u
#define VSTOR_SRB_CODE(status) ((status)&0x3fu)
enum vstor_srb_code {
    VSTOR_SRB_SUCCESS = 0x01,
    VSTOR_SRB_ABORTED = 0x02,
    VSTOR_SRB_ERROR = 0x04,
    VSTOR_SRB_BUSY = 0x05,
    VSTOR_SRB_INVALID_REQUEST = 0x06,
    VSTOR_SRB_NO_DEVICE = 0x08,
    VSTOR_SRB_DATA_OVERRUN = 0x12,
    VSTOR_SRB_INVALID_LUN = 0x20,
    VSTOR_SRB_INVALID_TARGET = 0x21,
    VSTOR_SRB_INTERNAL_ERROR = 0x30,
};

/* SRB flags */
#define VSTOR_SRB_FLAG_NO_SYNC_TRANSFER 0x08u
#define VSTOR_SRB_FLAG_DATA_IN          0x40u
#define VSTOR_SRB_FLAG_DATA_OUT         0x80u

#define VSTOR_QUEUE_UNTAGGED 0xffu

#endif
