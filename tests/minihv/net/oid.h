/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of the objects that a guest asks for or sets. [linux rndis.h] */
#ifndef MINIHV_NET_OID_H
#define MINIHV_NET_OID_H

enum oid {
    OID_SUPPORTED = 0x00010101,
    OID_FRAME_SIZE = 0x00010106,
    OID_LINK_SPEED = 0x00010107,
    OID_FILTER = 0x0001010E,
    OID_TOTAL_SIZE = 0x00010111,
    OID_MEDIA_STATUS = 0x00010114,
    OID_RSS_CAPABILITIES = 0x00010203,
    OID_RSS_PARAMETERS = 0x00010204,
    OID_CONFIG_PARAMETER = 0x0001021B,
    OID_FRIENDLY_NAME = 0x00020216,
    OID_PERMANENT_ADDRESS = 0x01010101,
    OID_CURRENT_ADDRESS = 0x01010102,
    OID_MULTICAST_LIST = 0x01010103,
    OID_OFFLOAD_SET = (int)0xFC01020C,
    OID_OFFLOAD_CAPABILITIES = (int)0xFC01020D,
};

enum {
    RSS_CAPABILITIES = 0x88,
    RSS_PARAMETERS = 0x89,
    OFFLOAD = 0xA7,
    OFFLOAD_SET = 0x80
}; /* first bytes of the structures */

/* Checksums in both offload structures. */
enum {
    OFFLOAD_IP_OPTIONS = 1,
    OFFLOAD_TCP_OPTIONS = 4,
    OFFLOAD_TCP = 0x10,
    OFFLOAD_UDP = 0x40,
    OFFLOAD_IP_HEADER = 0x100,
    OFFLOAD_802_3 = 2,
};

#endif
