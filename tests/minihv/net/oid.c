/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest may ask for. [linux rndis_filter.c] [openvmm netvsp] */
#include "oid.h"

#include <stddef.h>

#include "bytes.h"
#include "rndis.h"
#include "vmbus/wire/memory.h"

enum { SPEED_100_BPS = 100000000 /* 10 Gb/s */, ETHERNET_HEADER = 14 };

static uint32_t give32(uint8_t *out, uint32_t value)
{
    put32(out, value);
    return 4;
}

static uint32_t frame_size(const struct rndis *r, uint8_t *out)
{
    return give32(out, r->frame_max - ETHERNET_HEADER);
}

static uint32_t total_size(const struct rndis *r, uint8_t *out)
{
    return give32(out, r->frame_max);
}

static uint32_t link_speed(const struct rndis *r, uint8_t *out)
{
    (void)r;
    return give32(out, SPEED_100_BPS);
}

static uint32_t media_status(const struct rndis *r, uint8_t *out)
{
    return give32(out, !r->link);
}

static uint32_t filter(const struct rndis *r, uint8_t *out)
{
    return give32(out, r->filter);
}

static uint32_t address(const struct rndis *r, uint8_t *out)
{
    memcpy(out, r->mac, sizeof r->mac);
    return sizeof r->mac;
}

static uint32_t friendly_name(const struct rndis *r, uint8_t *out)
{
    static const char name[] = "minihv network";

    for (size_t i = 0; i < sizeof name; i++)
        put16(out + 2 * i, (uint16_t)name[i]);
    (void)r;
    return 2 * sizeof name;
}

static uint32_t rss(const struct rndis *r, uint8_t *out)
{
    enum { SIZE = 18, TOEPLITZ = 1, HASHES = 0x1700, REVISION = 2 };

    memset(out, 0, SIZE);
    out[0] = RSS_CAPABILITIES;
    out[1] = REVISION;
    put16(out + 2, SIZE);
    put32(out + 4, TOEPLITZ | HASHES);
    put32(out + 8, r->queues);
    put32(out + 12, r->queues);
    put16(out + 16, RNDIS_RSS_ENTRIES);
    return SIZE;
}

static void put_large(uint8_t *out)
{
    enum { LEAST_SEGMENTS = 2 };

    put32(out, OFFLOAD_802_3);
    put32(out + 4, RNDIS_LSO_MAX);
    put32(out + 8, LEAST_SEGMENTS);
}

/* Bytes of the structure by its revision. Linux refuses an answer that is
 * longer than what it has asked for. */
static uint32_t offload_size(const uint8_t *in, uint32_t size,
                             uint8_t *revision)
{
    static const uint16_t sizes[] = {112, 144, 156};
    uint32_t wanted = size >= 4 && in[0] == OFFLOAD ? get16(in + 2) : 0;

    *revision = 1;
    while (*revision < 3 && sizes[*revision] <= wanted)
        ++*revision;
    return sizes[*revision - 1];
}

/* Offsets as in the table of the structure; revision 3 has RSC. */
static uint32_t offload(const struct rndis *r, const uint8_t *in,
                        uint32_t in_size, uint8_t *out)
{
    enum {
        LARGEST = 156,
        V4 = OFFLOAD_IP_OPTIONS | OFFLOAD_TCP_OPTIONS | OFFLOAD_TCP |
             OFFLOAD_UDP | OFFLOAD_IP_HEADER,
        V6 = OFFLOAD_TCP_OPTIONS | OFFLOAD_TCP | OFFLOAD_UDP,
        V6_LARGE_OPTIONS = OFFLOAD_TCP_OPTIONS,
    };
    uint32_t size;

    memset(out, 0, LARGEST);
    out[0] = OFFLOAD;
    size = offload_size(in, in_size, &out[1]);
    put16(out + 2, (uint16_t)size);
    for (uint32_t at = 4; at < 36; at += 8) {
        put32(out + at, OFFLOAD_802_3);
        put32(out + at + 4, at < 20 ? V4 : V6);
    }
    put_large(out + 80);
    put_large(out + 92);
    put32(out + 104, V6_LARGE_OPTIONS);
    out[144] = out[145] = r->rsc;
    return size;
}

static uint32_t supported(const struct rndis *r, uint8_t *out);

static const struct object {
    uint32_t oid;
    uint32_t (*give)(const struct rndis *r, uint8_t *out);
} objects[] = {
    {OID_SUPPORTED, supported},       {OID_FRAME_SIZE, frame_size},
    {OID_LINK_SPEED, link_speed},     {OID_FILTER, filter},
    {OID_TOTAL_SIZE, total_size},     {OID_MEDIA_STATUS, media_status},
    {OID_RSS_CAPABILITIES, rss},      {OID_FRIENDLY_NAME, friendly_name},
    {OID_PERMANENT_ADDRESS, address}, {OID_CURRENT_ADDRESS, address},
};

enum { OBJECTS = sizeof objects / sizeof objects[0] };

static uint32_t supported(const struct rndis *r, uint8_t *out)
{
    (void)r;
    for (uint32_t i = 0; i < OBJECTS; i++)
        put32(out + 4 * i, objects[i].oid);
    return 4 * OBJECTS;
}

uint32_t oid_query(const struct rndis *r, uint32_t oid, const uint8_t *in,
                   uint32_t in_size, uint8_t *out, uint32_t *size)
{
    if (oid == (uint32_t)OID_OFFLOAD_CAPABILITIES) {
        *size = offload(r, in, in_size, out);
        return RNDIS_SUCCESS;
    }
    for (uint32_t i = 0; i < OBJECTS; i++)
        if (objects[i].oid == oid) {
            *size = objects[i].give(r, out);
            return RNDIS_SUCCESS;
        }
    return (uint32_t)RNDIS_UNSUPPORTED;
}
