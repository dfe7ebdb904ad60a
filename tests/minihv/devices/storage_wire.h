/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vstor packet on the wire: 64 bytes, or 48 with protocols before Windows 8.
 * [linux storvsc_drv.c], [openvmm storvsp]
 */
#ifndef MINIHV_STORAGE_WIRE_H
#define MINIHV_STORAGE_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum vstor_operation {
    VSTOR_COMPLETE_IO = 1,
    VSTOR_EXECUTE_SRB = 3,
    VSTOR_RESET_LUN = 4,
    VSTOR_RESET_ADAPTER = 5,
    VSTOR_RESET_BUS = 6,
    VSTOR_BEGIN_INIT = 7,
    VSTOR_END_INIT = 8,
    VSTOR_QUERY_VERSION = 9,
    VSTOR_QUERY_PROPERTIES = 10,
    VSTOR_CREATE_SUBCHANNELS = 13,
};

enum vstor_version {
    VSTOR_WIN6 = 0x0200,
    VSTOR_WIN7 = 0x0402,
    VSTOR_WIN8 = 0x0501,
    VSTOR_WIN81 = 0x0600,
    VSTOR_WIN10 = 0x0602,
};

/* NTSTATUS values of an answer. */
enum {
    VSTOR_SUCCESS = 0,
    VSTOR_INVALID_STATE = (int)0xC0000184,
    VSTOR_REVISION_MISMATCH = (int)0xC0000059,
    VSTOR_INVALID_PARAMETER = (int)0xC000000D,
};

enum { VSTOR_SIZE = 64, VSTOR_SIZE_V1 = 48, VSTOR_SENSE_MAX = 20 };

struct __attribute__((packed)) vstor_srb {
    uint16_t length;
    uint8_t srb_status, scsi_status;
    uint8_t port, path, target, lun;
    uint8_t cdb_length, sense_length, direction, reserved;
    uint32_t transfer_length;
    union {
        uint8_t cdb[16];
        uint8_t sense[VSTOR_SENSE_MAX];
    };
    uint16_t reserved_48;
    uint8_t queue_tag, queue_action;
    uint32_t flags, timeout, sort_key;
};

struct __attribute__((packed)) vstor_properties {
    uint32_t reserved;
    uint16_t max_subchannels, reserved_18;
    uint32_t flags;
    uint32_t max_transfer;
    uint64_t reserved_28;
};

struct __attribute__((packed)) vstor_packet {
    uint32_t operation, flags, status;
    union {
        struct vstor_srb srb;
        struct vstor_properties properties;
        uint16_t version;
        uint16_t subchannel_count;
        uint8_t rest[52];
    };
};
_Static_assert(sizeof(struct vstor_packet) == VSTOR_SIZE, "vstor packet");
_Static_assert(offsetof(struct vstor_packet, srb.lun) == 19, "LUN");
_Static_assert(offsetof(struct vstor_packet, srb.cdb) == 28, "CDB");
_Static_assert(offsetof(struct vstor_packet, srb.reserved_48) == 48, "tail");
_Static_assert(offsetof(struct vstor_packet, properties.max_transfer) == 24,
               "properties");

enum vstor_direction {
    VSTOR_TO_DEVICE = 0,
    VSTOR_FROM_DEVICE = 1,
    VSTOR_NO_DATA = 2,
};

enum srb_status {
    SRB_SUCCESS = 0x01,
    SRB_ERROR = 0x04,
    SRB_INVALID_REQUEST = 0x06,
    SRB_DATA_OVERRUN = 0x12,
    SRB_INVALID_LUN = 0x20,
    SRB_SENSE_VALID = 0x80,
};

#endif
