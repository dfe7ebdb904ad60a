/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of the wanted offloads the host has, and the message that switches them
 * on (protocol.h). An offload is used for IPv4 and IPv6 or not at all, so that
 * whoever sends need not ask which. [linux rndis_filter.c]
 */
#include <string.h>

#include "drivers/network/wire/protocol.h"

#define SIZE_1 112u
#define SIZE_2 144u
#define SIZE_3 156u

/* The host answers in the form that the query has. */
uint32_t offload_write_query(uint32_t version,
                             struct rndis_offload_capabilities *out)
{
    memset(out, 0, sizeof(*out));
    out->type = RNDIS_OFFLOAD_CAPABILITIES;
    out->revision = 3;
    out->size = SIZE_3;
    if (version < NVSP_VERSION_5) {
        out->revision = version < NVSP_VERSION_4 ? 1 : 2;
        out->size = version < NVSP_VERSION_4 ? SIZE_1 : SIZE_2;
    }
    return out->size;
}

/* Sums are filled in where all kinds of them are. */
static bool sends_sums(const struct rndis_offload_capabilities *c)
{
    const uint32_t four = RNDIS_CAN_IP_HEAD | RNDIS_CAN_TCP | RNDIS_CAN_UDP;
    const uint32_t six = RNDIS_CAN_TCP | RNDIS_CAN_UDP;

    return (c->ip4.send & four) == four && (c->ip6.send & six) == six;
}

/* A host that checks the sums of one protocol only is not asked to. */
static bool receives_sums(const struct rndis_offload_capabilities *c)
{
    return c->ip4.receive && c->ip6.receive;
}

/* The data bytes of a large send; 0: there is none. */
static uint32_t large_max(const struct rndis_offload_capabilities *c)
{
    uint32_t four = c->large4.max_bytes, six = c->large6.max_bytes;
    uint32_t least = four < six ? four : six;

    if (!c->large4.encapsulation || !c->large6.encapsulation)
        return 0;
    return least < NETWORK_LARGE_MOST ? least : NETWORK_LARGE_MOST;
}

const char *offload_choose(const void *answer, uint32_t size, uint32_t wanted,
                           struct offload_choice *choice)
{
    struct rndis_offload_capabilities c = {0};
    uint32_t has = 0;

    *choice = (struct offload_choice){0};
    if (size < SIZE_1)
        return "offload capabilities that are too short";
    /* What an older revision does not have is zero, and so not offered. */
    memcpy(&c, answer, size < sizeof(c) ? size : sizeof(c));
    if (c.type != RNDIS_OFFLOAD_CAPABILITIES || !c.revision || c.size < SIZE_1)
        return "offload capabilities of an unknown form";
    if (sends_sums(&c))
        has |= NETWORK_TX_CHECKSUM;
    if (receives_sums(&c))
        has |= NETWORK_RX_CHECKSUM;
    /* A segment that is cut needs its sums filled in. */
    if (sends_sums(&c) && large_max(&c) > NETWORK_MTU)
        has |= NETWORK_LARGE_SEND;
    /* Only revision 3 has these bytes. */
    if (c.rsc4 && c.rsc6)
        has |= NETWORK_RSC;
    choice->offloads = has & wanted;
    choice->large_max = large_max(&c);
    return NULL;
}

/* The request's word for an offload: wanted or not. */
static uint8_t on(bool is_on)
{
    return is_on ? RNDIS_ON : RNDIS_OFF;
}

uint32_t offload_write_set(uint32_t version,
                           const struct offload_choice *choice,
                           struct rndis_offload_set *out)
{
    bool old = version < NVSP_VERSION_5;
    uint32_t o = choice->offloads;
    uint8_t sums = RNDIS_SUMS_OFF;

    /* 1 is off, 2 sends, 3 receives, 4 does both. */
    if (o & NETWORK_TX_CHECKSUM)
        sums = (uint8_t)(sums + RNDIS_SUMS_SEND - RNDIS_SUMS_OFF);
    if (o & NETWORK_RX_CHECKSUM)
        sums = (uint8_t)(sums + RNDIS_SUMS_RECEIVE - RNDIS_SUMS_OFF);
    *out = (struct rndis_offload_set){
        .type = RNDIS_OFFLOAD_SET,
        .revision = 3,
        .size = old ? RNDIS_OFFLOAD_SET_OLD : RNDIS_OFFLOAD_SET_SIZE,
        .ip4 = sums,
        .tcp4 = sums,
        .udp4 = sums,
        .tcp6 = sums,
        .udp6 = sums,
        .large4 = on(o & NETWORK_LARGE_SEND),
        .large6 = on(o & NETWORK_LARGE_SEND),
    };
    /* Before version 5 the structure ends here. */
    if (!old)
        out->rsc4 = out->rsc6 = on(o & NETWORK_RSC);
    return out->size;
}
