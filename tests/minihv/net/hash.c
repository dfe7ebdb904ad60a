/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSS: addresses and ports in network order are hashed, and the low bits of the
 * hash choose an entry of the guest's table. [learn rss]
 */
#include "hash.h"

#include "bytes.h"
#include "checksum.h"
#include "vmbus/wire/memory.h"

uint32_t hash_toeplitz(const uint8_t *key, const uint8_t *bytes, uint32_t size)
{
    uint32_t window = be32(key), hash = 0;

    for (uint32_t i = 0; i < size; i++)
        for (uint32_t bit = 0; bit < 8; bit++) {
            if (bytes[i] & 0x80 >> bit)
                hash ^= window;
            window = window << 1 | (key[i + 4] >> (7 - bit) & 1);
        }
    return hash;
}

uint32_t hash_queue(const struct rndis *r, struct net_frame *frame)
{
    struct headers h;
    uint8_t bytes[36];
    uint32_t addresses;

    if (!r->rss.on || !headers_find(frame->data, frame->size, &h))
        return 0;
    addresses = h.ip4 ? 8 : 32;
    memcpy(bytes, frame->data + h.ip + (h.ip4 ? 12 : 8), addresses);
    if (h.tcp)
        memcpy(bytes + addresses, frame->data + h.transport, 4);
    frame->has_hash = true;
    frame->hash = hash_toeplitz(r->rss.key, bytes, addresses + (h.tcp ? 4 : 0));
    return r->rss.table[frame->hash % r->rss.entries];
}
