/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest may set: the packet filter, offloads, RSS, its address. A bad
 * value is refused with a status and changes nothing.
 * [linux rndis_filter.c] [openvmm netvsp]
 */
#include "bytes.h"
#include "oid.h"
#include "rndis.h"
#include "vmbus/wire/memory.h"

static uint32_t set_filter(struct rndis *r, const uint8_t *in, uint32_t size)
{
    if (size < 4)
        return (uint32_t)RNDIS_INVALID;
    r->filter = get32(in);
    return RNDIS_SUCCESS;
}

/* ---- offloads ------------------------------------------------------------ */

/* 0 no change, 1 both off, 2 transmit, 3 receive, 4 both. */
static bool set_checksum(uint8_t *both, uint8_t value)
{
    if (value > 4)
        return false;
    if (value)
        *both = value - 1;
    return true;
}

/* 0 no change, 1 off, 2 on. */
static bool set_on(bool *on, uint8_t value, bool may)
{
    if (value > 2 || (value == 2 && !may))
        return false;
    if (value)
        *on = value == 2;
    return true;
}

static uint32_t set_offloads(struct rndis *r, const uint8_t *in, uint32_t size)
{
    enum { SIZE_OLD = 22, RSC_AT = 22, SIZE = 28 };
    struct rndis_offloads o = r->offloads;
    bool good;

    if (size < SIZE_OLD || in[0] != OFFLOAD_SET)
        return (uint32_t)RNDIS_INVALID;
    good = set_checksum(&o.ip, in[4]) && set_checksum(&o.tcp4, in[5]) &&
           set_checksum(&o.udp4, in[6]) && set_checksum(&o.tcp6, in[7]) &&
           set_checksum(&o.udp6, in[8]) && set_on(&o.lso4, in[11], true) &&
           set_on(&o.lso6, in[12], true);
    if (good && size >= SIZE)
        good = set_on(&o.rsc4, in[RSC_AT], r->rsc) &&
               set_on(&o.rsc6, in[RSC_AT + 1], r->rsc);
    if (!good)
        return (uint32_t)RNDIS_INVALID;
    r->offloads = o;
    return RNDIS_SUCCESS;
}

/* ---- RSS ----------------------------------------------------------------- */

/* The range of a table or key in the structure: NULL, or where it is. */
static const uint8_t *part(const uint8_t *in, uint32_t size, uint32_t offset,
                           uint32_t bytes)
{
    return offset <= size && bytes <= size - offset ? in + offset : NULL;
}

static bool read_table(const struct rndis *r, const uint8_t *in, uint32_t bytes,
                       struct rndis_rss *rss)
{
    if (!in || !bytes || bytes % 4 || bytes > 4 * RNDIS_RSS_ENTRIES)
        return false;
    rss->entries = bytes / 4;
    for (uint32_t i = 0; i < rss->entries; i++) {
        uint32_t queue = get32(in + 4 * i);

        if (queue >= r->queues)
            return false;
        rss->table[i] = (uint8_t)queue;
    }
    return true;
}

static uint32_t set_rss(struct rndis *r, const uint8_t *in, uint32_t size)
{
    enum { FIXED = 40, DISABLE = 0x10 };
    struct rndis_rss rss = {.on = true};
    const uint8_t *key;

    if (size < FIXED || in[0] != RSS_PARAMETERS)
        return (uint32_t)RNDIS_INVALID;
    if (get16(in + 4) & DISABLE) {
        r->rss.on = false;
        return RNDIS_SUCCESS;
    }
    key = part(in, size, get32(in + 24), RNDIS_RSS_KEY);
    if (!key || get16(in + 20) != RNDIS_RSS_KEY ||
        !read_table(r, part(in, size, get32(in + 16), get16(in + 12)),
                    get16(in + 12), &rss))
        return (uint32_t)RNDIS_INVALID;
    memcpy(rss.key, key, sizeof rss.key);
    r->rss = rss;
    return RNDIS_SUCCESS;
}

/* ---- the address --------------------------------------------------------- */

static int digit(uint16_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

static bool is_address(const uint8_t *name)
{
    static const char wanted[] = "NetworkAddress";

    for (uint32_t i = 0; wanted[i]; i++)
        if (get16(name + 2 * i) != (uint16_t)wanted[i])
            return false;
    return true;
}

/* Name and value in UTF-16; only the address is known. */
static uint32_t set_parameter(struct rndis *r, const uint8_t *in, uint32_t size)
{
    enum { FIXED = 20, STRING = 2, NAME = 28, VALUE = 24 };
    const uint8_t *name, *value;
    uint8_t mac[6];

    if (size < FIXED || get32(in + 8) != STRING)
        return (uint32_t)RNDIS_INVALID;
    name = part(in, size, get32(in), get32(in + 4));
    value = part(in, size, get32(in + 12), get32(in + 16));
    if (!name || !value || get32(in + 4) < NAME || !is_address(name))
        return (uint32_t)RNDIS_UNSUPPORTED;
    if (get32(in + 16) < VALUE)
        return (uint32_t)RNDIS_INVALID;
    for (uint32_t i = 0; i < sizeof mac; i++) {
        int high = digit(get16(value + 4 * i));
        int low = digit(get16(value + 4 * i + 2));

        if (high < 0 || low < 0)
            return (uint32_t)RNDIS_INVALID;
        mac[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(r->mac, mac, sizeof mac);
    return RNDIS_SUCCESS;
}

uint32_t oid_set(struct rndis *r, uint32_t oid, const uint8_t *in,
                 uint32_t size)
{
    switch (oid) {
    case OID_FILTER:
        return set_filter(r, in, size);
    case OID_RSS_PARAMETERS:
        return set_rss(r, in, size);
    case OID_CONFIG_PARAMETER:
        return set_parameter(r, in, size);
    case (uint32_t)OID_OFFLOAD_SET:
        return set_offloads(r, in, size);
    case OID_MULTICAST_LIST:
        return RNDIS_SUCCESS; /* all multicast frames pass */
    default:
        return (uint32_t)RNDIS_UNSUPPORTED;
    }
}
