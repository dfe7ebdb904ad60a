/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several channels (queues.h): how many the host gives, on which one it
 * receives a flow (RSS), and on which one a flow is to be sent.
 * [linux rndis_filter.c] [linux netvsc.c] [openvmm netvsp]
 */
#include "drivers/network/wire/queues.h"

#include <stddef.h>
#include <string.h>

/* Linux sends the header of the structure that it expects; so do we. */
void rss_write_query(struct rndis_rss_capabilities *out)
{
    *out = (struct rndis_rss_capabilities){
        .type = RNDIS_RSS_CAPABILITIES,
        .revision = RNDIS_RSS_REVISION,
        .size = sizeof(*out),
    };
}

/* A host that names no table, or one larger than it can be, gets the usual
 * one. */
const char *rss_read_capabilities(const void *answer, uint32_t size,
                                  struct rss_limits *limits)
{
    struct rndis_rss_capabilities c = {0};

    if (size < offsetof(struct rndis_rss_capabilities, entries))
        return "queue capabilities that are too short";
    /* Revision 1 has no field for the table: it stays 0. */
    memcpy(&c, answer, size < sizeof(c) ? size : sizeof(c));
    if (c.type != RNDIS_RSS_CAPABILITIES || !c.queues)
        return "queue capabilities of an unknown form";
    limits->queues = c.queues;
    limits->entries = c.entries;
    if (!c.entries || c.entries > RNDIS_RSS_ENTRIES)
        limits->entries = RNDIS_RSS_ENTRIES;
    return NULL;
}

/* The key that is common for this hash; hosts take 40 bytes only. */
static const uint8_t key[RNDIS_RSS_KEY] = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
    0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
    0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
    0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

/* Flags of 0 switch RSS on. All offsets count from the first byte, and the
 * masks of processors are not used. */
uint32_t rss_write_set(const uint8_t *queues, uint32_t count, uint32_t entries,
                       struct rndis_rss_set *out)
{
    const uint32_t at = sizeof(out->fixed);
    uint32_t table = entries * (uint32_t)sizeof(out->table[0]);

    *out =
        (struct rndis_rss_set){.fixed = {
                                   .type = RNDIS_RSS_PARAMETERS,
                                   .revision = RNDIS_RSS_REVISION,
                                   .size = (uint16_t)at,
                                   .flags = count < 2 ? RNDIS_RSS_DISABLE : 0,
                                   .hash = RNDIS_RSS_HASH,
                                   .table_size = (uint16_t)table,
                                   .table_offset = at,
                                   .key_size = RNDIS_RSS_KEY,
                                   .key_offset = at + table,
                               }};
    /* The low bits of a flow's hash choose one of these. */
    for (uint32_t i = 0; i < entries; i++)
        out->table[i] = queues[i % count];
    /* The key follows the table, which may be shorter than its room. */
    memcpy((uint8_t *)out + at + table, key, sizeof(key));
    return at + table + RNDIS_RSS_KEY;
}

/* Linux looks at no type here, and hosts give fewer than were asked for. */
const char *nvsp_judge_subchannels(const void *answer, uint32_t size,
                                   uint32_t wanted, uint32_t *given)
{
    struct nvsp_subchannel a;

    *given = 0;
    if (size < sizeof(a))
        return "an answer about sub-channels that is too short";
    memcpy(&a, answer, sizeof(a));
    /* The status stands where the request has its operation. */
    if (a.operation != NVSP_SUCCESS)
        return NULL;
    if (a.count > wanted)
        return "more sub-channels than were asked for";
    *given = a.count;
    return NULL;
}

/* Nothing is believed before all of it was looked at, in the copy. */
const char *nvsp_read_table(const void *message, uint32_t size, bool old,
                            uint32_t queues, uint8_t table[NVSP_SEND_ENTRIES])
{
    uint32_t entries[NVSP_SEND_ENTRIES];
    struct nvsp_send_table m;

    if (size < sizeof(m))
        return "a table of channels that is too short";
    memcpy(&m, message, sizeof(m));
    if (m.count != NVSP_SEND_ENTRIES)
        return "a table of channels of another size";
    /* A message of full size has the table behind its fields. */
    if (old && size >= NVSP_MESSAGE_SIZE + sizeof(entries))
        m.offset = NVSP_MESSAGE_SIZE;
    /* No sum of the host's numbers, which could wrap. */
    if (m.offset < sizeof(m) || m.offset > size ||
        size - m.offset < sizeof(entries))
        return "a table of channels outside of its message";
    memcpy(entries, (const uint8_t *)message + m.offset, sizeof(entries));
    /* One bad entry refuses all of them. */
    for (uint32_t i = 0; i < NVSP_SEND_ENTRIES; i++)
        if (entries[i] >= queues)
            return "a table with a channel that there is not";
    for (uint32_t i = 0; i < NVSP_SEND_ENTRIES; i++)
        table[i] = (uint8_t)entries[i];
    return NULL;
}
