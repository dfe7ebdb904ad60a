/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Large sends. The guest leaves the IP length and the IPv4 sum 0, and the sum
 * of the pseudo header without a length in the TCP sum.
 *
 *   | headers | MSS bytes | MSS bytes | rest |
 *       v          v
 *   | headers | MSS bytes |,  | headers | MSS bytes |,  | headers | rest |
 *
 * Each segment has its own sequence number, IPv4 id, lengths and sums. FIN and
 * PSH stay in the last one, CWR in the first.
 */
#include "large.h"

#include <stddef.h>

#include "bytes.h"
#include "vmbus/wire/memory.h"

enum {
    TCP_LEAST = 20,
    FLAGS = 13, /* in the TCP header */
    FIN = 1,
    PSH = 8,
    CWR = 0x80,
    TCP_SUM = 16,
};

/* Finds the headers of a frame whose IP length is still 0. */
static const char *find(uint8_t *data, uint32_t size, uint32_t large,
                        struct headers *h, uint32_t *headers_size)
{
    uint32_t ip_bytes = size - 14, tcp;
    bool six = large & LARGE_IP6;

    if (size < 14 + 40 || (!six && ip_bytes > 0xFFFF) ||
        (six && ip_bytes - 40 > 0xFFFF))
        return "a large send whose frame has no possible length";
    put_be16(data + 14 + (six ? 4 : 2),
             (uint16_t)(six ? ip_bytes - 40 : ip_bytes));
    if (!headers_find(data, size, h) || !h->tcp || six != h->ip6 ||
        h->transport != LARGE_OFFSET(large))
        return "a large send that is not TCP where it says";
    tcp = (data[h->transport + 12] >> 4) * 4u;
    *headers_size = h->transport + tcp;
    if (tcp < TCP_LEAST || *headers_size >= size)
        return "a large send without payload";
    return NULL;
}

/* Lengths and sums of one segment whose bytes are in place. */
static void complete(uint8_t *data, uint32_t size, struct headers *h)
{
    uint32_t length = size - h->transport;
    uint8_t *tcp = data + h->transport;

    put_be16(data + h->ip + (h->ip4 ? 2 : 4),
             (uint16_t)(h->ip4 ? size - h->ip : length));
    if (h->ip4)
        sum_ip4(data, h);
    put_be16(tcp + TCP_SUM, 0);
    put_be16(tcp + TCP_SUM,
             (uint16_t)~sum_add(sum_pseudo(data, h, length), tcp, length));
}

const char *large_cut(const struct net_frame *frame, uint8_t *work,
                      uint32_t room,
                      void (*emit)(void *context, struct net_frame *segment),
                      void *context)
{
    uint32_t mss = LARGE_MSS(frame->large), headers, sent = 0;
    struct headers h;
    const char *wrong =
        find(frame->data, frame->size, frame->large, &h, &headers);

    if (wrong)
        return wrong;
    if (headers > room || mss > room - headers)
        return "a large send with longer segments than frames may be";
    for (uint32_t at = headers; at < frame->size; at += mss, sent++) {
        uint32_t left = frame->size - at, take = left < mss ? left : mss;
        struct net_frame segment = *frame;
        uint8_t *tcp = work + h.transport;

        memcpy(work, frame->data, headers);
        memcpy(work + headers, frame->data + at, take);
        put_be32(tcp + 4, be32(tcp + 4) + at - headers);
        if (h.ip4)
            put_be16(work + h.ip + 4, (uint16_t)(be16(work + h.ip + 4) + sent));
        if (take < left)
            tcp[FLAGS] &= (uint8_t) ~(FIN | PSH);
        if (sent)
            tcp[FLAGS] &= (uint8_t)~CWR;
        complete(work, headers + take, &h);
        segment.data = work;
        segment.size = headers + take;
        segment.has_large = segment.has_checksum = false;
        emit(context, &segment);
    }
    return NULL;
}

const char *large_whole(struct net_frame *frame)
{
    uint32_t headers;
    struct headers h;
    const char *wrong =
        find(frame->data, frame->size, frame->large, &h, &headers);

    if (!wrong && h.ip4)
        sum_ip4(frame->data, &h);
    return wrong;
}
