/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A frame that is sent: what the host needs to find in its headers when it is
 * to fill in sums or to cut it, and the RNDIS header in front (frames.h).
 *
 * The checksum field of TCP and UDP holds the sum of the pseudo-header, folded
 * and not inverted; for a large send it is that with a length of 0, as the
 * length of the packet itself is 0. Offsets count from the frame's first byte.
 * [linux netvsc_drv.c]
 */
#include <string.h>

#include "drivers/network/wire/frames.h"
#include "drivers/network/wire/headers.h"

#define TCP_LEAST  20u
#define TCP_SUM_AT 16u
#define UDP_LEAST  8u
#define UDP_SUM_AT 6u

/* What the headers say. */
struct headers {
    bool is_six;
    uint8_t protocol;
    uint32_t transport;      /* offset of the header behind IP's */
    uint32_t transport_size; /* its bytes and those of its data */
    uint32_t addresses, addresses_size;
};

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* ---- the headers --------------------------------------------------------- */

/* A frame that is shorter than 60 bytes may be padded: IP's length counts. */
static bool read_ip4(const struct frame_out *f, struct headers *h)
{
    const uint8_t *ip = f->head + NETWORK_HEADER_SIZE;
    uint32_t size, header;

    if (f->head_size < NETWORK_HEADER_SIZE + IP4_LEAST || ip[0] >> 4 != 4)
        return false;
    /* The header's length counts words of 4 bytes, options included. */
    header = (ip[0] & 0xFu) * 4;
    size = get16(ip + 2);
    if (header < IP4_LEAST || size < header ||
        size > f->size - NETWORK_HEADER_SIZE)
        return false;
    *h = (struct headers){
        .protocol = ip[9],
        .transport = NETWORK_HEADER_SIZE + header,
        .transport_size = size - header,
        .addresses = NETWORK_HEADER_SIZE + 12,
        .addresses_size = 8,
    };
    return true;
}

/* Extension headers are not passed over: then nothing is filled in. */
static bool read_ip6(const struct frame_out *f, struct headers *h)
{
    const uint8_t *ip = f->head + NETWORK_HEADER_SIZE;
    uint32_t size;

    if (f->head_size < NETWORK_HEADER_SIZE + IP6_SIZE || ip[0] >> 4 != 6)
        return false;
    /* IPv6 counts what follows its header. */
    size = get16(ip + 4);
    if (size > f->size - NETWORK_HEADER_SIZE - IP6_SIZE)
        return false;
    *h = (struct headers){
        .is_six = true,
        .protocol = ip[6],
        .transport = NETWORK_HEADER_SIZE + IP6_SIZE,
        .transport_size = size,
        .addresses = NETWORK_HEADER_SIZE + 8,
        .addresses_size = 32,
    };
    return true;
}

/* Finds what the host must be told of: it looks at no frame itself. */
static bool read_headers(const struct frame_out *f, struct headers *h)
{
    switch (f->head_size < NETWORK_HEADER_SIZE ? 0 : get16(f->head + TYPE_AT)) {
    case TYPE_IP4:
        return read_ip4(f, h);
    case TYPE_IP6:
        return read_ip6(f, h);
    default:
        return false;
    }
}

/* Where the sum of TCP or UDP is; 0: there is no such header in the head. */
static uint32_t sum_at(const struct frame_out *f, const struct headers *h,
                       uint32_t fill)
{
    bool tcp = fill & NETWORK_FILL_TCP;
    uint32_t least = tcp ? TCP_LEAST : UDP_LEAST;

    if (h->protocol != (tcp ? PROTOCOL_TCP : PROTOCOL_UDP) ||
        h->transport_size < least || f->head_size < h->transport + least)
        return 0;
    return h->transport + (tcp ? TCP_SUM_AT : UDP_SUM_AT);
}

/* The sum of the pseudo-header, with `size` as its length. */
static uint32_t pseudo_sum(const struct frame_out *f, const struct headers *h,
                           uint32_t size)
{
    uint32_t sum = h->protocol + (size >> 16) + (size & 0xFFFF);

    /* At most 16 words and two numbers: no carry is lost in 32 bits. */
    for (uint32_t i = 0; i < h->addresses_size; i += 2)
        sum += get16(f->head + h->addresses + i);
    sum = (sum >> 16) + (sum & 0xFFFF);
    return (sum >> 16) + (sum & 0xFFFF);
}

/* ---- what the host is to do ---------------------------------------------- */

/* Sums, as bits of the per-packet info. */
static void ask_for_sums(struct frame_out *f, const struct headers *h,
                         uint32_t fill)
{
    f->infos |= FRAME_HAS_CHECKSUM;
    f->checksum = h->is_six ? RNDIS_SUM_IP6 : RNDIS_SUM_IP4;
    if (fill & NETWORK_FILL_IP && !h->is_six)
        f->checksum |= RNDIS_SUM_IP_HEAD;
    if (fill & NETWORK_FILL_TCP)
        f->checksum |= RNDIS_SUM_TCP;
    if (fill & NETWORK_FILL_UDP)
        f->checksum |= RNDIS_SUM_UDP;
    if (fill & (NETWORK_FILL_TCP | NETWORK_FILL_UDP))
        f->checksum |= h->transport << RNDIS_SUM_OFFSET_AT;
}

/* A large send: the host writes the lengths of its segments itself, and no
 * separate word about sums stands beside. */
static void ask_for_cutting(struct frame_out *f, const struct headers *h,
                            uint32_t mss)
{
    f->infos |= FRAME_HAS_LARGE;
    f->large = mss | h->transport << RNDIS_LARGE_OFFSET_AT | RNDIS_LARGE_V2;
    if (h->is_six) {
        f->large |= RNDIS_LARGE_IP6;
        put16(f->head + NETWORK_HEADER_SIZE + 4, 0);
    } else {
        put16(f->head + NETWORK_HEADER_SIZE + 2, 0);
        put16(f->head + NETWORK_HEADER_SIZE + 10, 0);
    }
}

bool frame_prepare(struct frame_out *f, uint32_t fill, uint32_t mss)
{
    const uint32_t transports = NETWORK_FILL_TCP | NETWORK_FILL_UDP;
    struct headers h;
    uint32_t at;

    /* Each segment gets all of its sums. */
    if (mss)
        fill = NETWORK_FILL_IP | NETWORK_FILL_TCP;
    if (!fill)
        return true;
    /* A frame has one of the two. */
    if ((fill & transports) == transports || !read_headers(f, &h))
        return false;
    if (fill & transports) {
        at = sum_at(f, &h, fill);
        if (!at)
            return false;
        /* Write the pseudo-header's sum where the host adds the rest. */
        put16(f->head + at, pseudo_sum(f, &h, mss ? 0 : h.transport_size));
    }
    /* The host counts the header's own field as 0. */
    if (fill & NETWORK_FILL_IP && !h.is_six)
        put16(f->head + NETWORK_HEADER_SIZE + 10, 0);
    if (mss)
        ask_for_cutting(f, &h, mss);
    else
        ask_for_sums(f, &h, fill);
    return true;
}

/* ---- the RNDIS header ---------------------------------------------------- */

/* One entry of per-packet info; returns where the next one goes. */
static uint8_t *write_info(uint8_t *at, uint32_t type, uint32_t value)
{
    const struct rndis_info entry = {
        .size = sizeof(entry) + sizeof(value),
        .type = type,
        .offset = sizeof(entry),
    };

    memcpy(at, &entry, sizeof(entry));
    memcpy(at + sizeof(entry), &value, sizeof(value));
    return at + entry.size;
}

/* Header and per-packet info come first, the frame right behind them. */
uint32_t frame_write_header(const struct frame_out *f, uint8_t *out)
{
    struct rndis_packet p = {.header.type = RNDIS_PACKET};
    const uint32_t body = sizeof(p.header);
    uint8_t *at = out + sizeof(p);
    uint32_t size;

    if (f->infos & FRAME_HAS_CHECKSUM)
        at = write_info(at, RNDIS_INFO_CHECKSUM, f->checksum);
    if (f->infos & FRAME_HAS_LARGE)
        at = write_info(at, RNDIS_INFO_LARGE, f->large);
    if (f->infos & FRAME_HAS_VLAN)
        at = write_info(at, RNDIS_INFO_VLAN, f->vlan);
    size = (uint32_t)(at - out);
    /* A message that stays alone needs no padding. */
    p.header.length = size + f->size;
    p.data_offset = size - body;
    p.data_size = f->size;
    if (size > sizeof(p)) {
        p.info_offset = sizeof(p) - body;
        p.info_size = size - (uint32_t)sizeof(p);
    }
    memcpy(out, &p, sizeof(p));
    return size;
}
