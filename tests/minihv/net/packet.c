/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RNDIS messages that carry frames. Offsets count from the body, which is 8
 * bytes into the message:
 *
 *   | type 1 | length | data offset | data length | ... | info | ... | frame |
 *
 * Per-packet info is a list of {size, type, offset of the value, value}.
 * [linux rndis_filter.c] [openvmm netvsp]
 */
#include "bytes.h"
#include "rndis.h"
#include "vmbus/wire/memory.h"

enum {
    FIXED = 44, /* of the message, with its first 8 bytes */
    INFO_HEADER = 12,
    INFO_CHECKSUM = 0,
    INFO_LARGE = 2,
    INFO_VLAN = 6,
    INFO_HASH = 8,
    INFO_PART = 1, /* with INTERNAL */
};
#define INFO_INTERNAL 0x80000000u

/* One entry with a value of 4 bytes; others are not known and are skipped. */
static void take_info(struct net_frame *f, uint32_t type, uint32_t value)
{
    switch (type) {
    case INFO_CHECKSUM:
        f->has_checksum = true;
        f->checksum = value;
        break;
    case INFO_LARGE:
        f->has_large = true;
        f->large = value;
        break;
    case INFO_VLAN:
        f->has_vlan = true;
        f->vlan = value;
        break;
    case INFO_HASH:
        f->has_hash = true;
        f->hash = value;
        break;
    default:
        break;
    }
}

/* Walks through `size` bytes of per-packet info. */
static const char *read_info(const uint8_t *at, uint32_t size,
                             struct net_frame *f)
{
    while (size) {
        uint32_t entry, value;

        if (size < INFO_HEADER)
            return "per-packet info that ends before its header";
        entry = get32(at);
        value = get32(at + 8);
        if (entry < INFO_HEADER || entry > size)
            return "per-packet info of a wrong size";
        if (value <= entry && entry - value >= 4)
            take_info(f, get32(at + 4), get32(at + value));
        at += entry;
        size -= entry;
    }
    return NULL;
}

/* A large send needs its header inside the frame. */
static const char *check_large(const struct net_frame *f)
{
    if (!f->has_large)
        return NULL;
    if (!(f->large & LARGE_V2) || !LARGE_MSS(f->large))
        return "a large send without version 2 or without a segment size";
    if (LARGE_OFFSET(f->large) + 20 > f->size)
        return "a large send without a TCP header";
    return NULL;
}

/* Returns true if `bytes` from `offset` on lie in a body of `room` bytes. */
static bool inside(uint32_t offset, uint32_t bytes, uint32_t room)
{
    return offset >= FIXED - RNDIS_HEADER && offset <= room &&
           bytes <= room - offset;
}

const char *packet_read(uint8_t *bytes, uint32_t size, uint32_t *length,
                        struct net_frame *frame)
{
    enum { ETHERNET_HEADER = 14 };
    uint32_t room, info;
    const char *wrong;

    *frame = (struct net_frame){0};
    if (size < FIXED || get32(bytes) != RNDIS_PACKET)
        return "a data message that is no RNDIS packet";
    *length = get32(bytes + 4);
    if (*length < FIXED || *length > size)
        return "an RNDIS packet that is longer than its message";
    room = *length - RNDIS_HEADER;
    if (!inside(get32(bytes + 8), get32(bytes + 12), room))
        return "a frame outside of its RNDIS packet";
    frame->data = bytes + RNDIS_HEADER + get32(bytes + 8);
    frame->size = get32(bytes + 12);
    if (frame->size < ETHERNET_HEADER)
        return "a frame without an Ethernet header";
    if (get32(bytes + 16) || get32(bytes + 20) || get32(bytes + 24))
        return "an RNDIS packet with out-of-band data";
    info = get32(bytes + 32);
    if (info && !inside(get32(bytes + 28), info, room))
        return "per-packet info outside of its RNDIS packet";
    wrong =
        info ? read_info(bytes + RNDIS_HEADER + get32(bytes + 28), info, frame)
             : NULL;
    return wrong ? wrong : check_large(frame);
}

/* ---- to the guest -------------------------------------------------------- */

static uint8_t *put_info(uint8_t *at, uint32_t type, uint32_t value)
{
    put32(at, INFO_HEADER + 4);
    put32(at + 4, type);
    put32(at + 8, INFO_HEADER);
    put32(at + 12, value);
    return at + INFO_HEADER + 4;
}

void packet_write(uint8_t *out, uint32_t room, const struct net_frame *frame,
                  uint32_t size, uint8_t part, uint16_t id)
{
    enum { PART_VERSION = 1 };
    uint8_t *at = out + FIXED;

    memset(out, 0, room);
    put32(out, RNDIS_PACKET);
    put32(out + 4, room + size);
    put32(out + 8, room - RNDIS_HEADER);
    put32(out + 12, size);
    /* What describes the whole frame stands in its first part only. */
    if (part == PART_ALONE || part & PART_FIRST) {
        if (frame->has_checksum)
            at = put_info(at, INFO_CHECKSUM, frame->checksum);
        if (frame->has_vlan)
            at = put_info(at, INFO_VLAN, frame->vlan);
        if (frame->has_hash)
            at = put_info(at, INFO_HASH, frame->hash);
    }
    if (part)
        at = put_info(at, INFO_PART | INFO_INTERNAL,
                      PART_VERSION | (uint32_t)part << 8 | (uint32_t)id << 16);
    if (at == out + FIXED)
        return;
    put32(out + 28, FIXED - RNDIS_HEADER);
    put32(out + 32, (uint32_t)(at - out) - FIXED);
}
