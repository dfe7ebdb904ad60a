/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packets whose completion is awaited, by transaction id.
 *
 * Ids are 64-bit numbers that a channel never uses twice, so a stale or
 * invented one finds nothing. Intrusive: entering one takes no memory. Oldest
 * first in each bucket: peers mostly answer in order, and then the first look
 * hits. The table grows with the packets that the channel has, when a packet is
 * made, so that a send takes no memory. All under the channel's lock.
 *
 * Inline, because each packet comes by twice.
 */
#ifndef KMCL_TRANSACTIONS_H
#define KMCL_TRANSACTIONS_H

#include "kmcl/base/outgoing.h"

/* Of a channel with few packets. All tables are powers of two; ids follow each
 * other, so chains stay even. */
#define KMCL_TRANSACTION_BUCKETS 64u

struct kmcl_transactions {
    VMBPACKET *buckets; /* `few`, or a larger table of its own memory */
    uint32_t mask;      /* the number of buckets less 1 */
    uint32_t count;
    VMBPACKET few[KMCL_TRANSACTION_BUCKETS];
};

static inline VMBPACKET *kmcl_transaction_bucket(struct kmcl_transactions *t,
                                                 uint64_t id)
{
    return &t->buckets[id & t->mask];
}

static inline void kmcl_transaction_add(struct kmcl_transactions *t,
                                        VMBPACKET packet)
{
    VMBPACKET *at = kmcl_transaction_bucket(t, packet->out.wire.transaction);

    while (*at)
        at = &(*at)->hash_next;
    packet->hash_next = NULL;
    *at = packet;
    t->count++;
}

/* Takes the packet with this id out; NULL: there is none. */
static inline VMBPACKET kmcl_transaction_take(struct kmcl_transactions *t,
                                              uint64_t id)
{
    VMBPACKET *at = kmcl_transaction_bucket(t, id);

    for (; *at; at = &(*at)->hash_next) {
        VMBPACKET packet = *at;

        if (packet->out.wire.transaction == id) {
            *at = packet->hash_next;
            t->count--;
            return packet;
        }
    }
    return NULL;
}

/**
 * Takes the oldest packet out.
 *
 * @external  whether one with external data may be taken, too
 * @from      no such packet has a lower id: 0 at first. Becomes the next id, so
 *            that taking all of them one by one walks the table once
 * @return    the packet; NULL: there is none of these
 */
VMBPACKET kmcl_transaction_take_oldest(struct kmcl_transactions *t,
                                       bool external, uint64_t *from);

/* Prepares an empty table: zeroed memory. */
void kmcl_transactions_begin(struct kmcl_transactions *t);

/* Whether chains become long when so many packets are in the table. */
static inline bool kmcl_transactions_small(const struct kmcl_transactions *t,
                                           uint32_t packets)
{
    return packets / 2 > t->mask;
}

#endif
