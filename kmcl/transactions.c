/*
 * The packets whose completion is awaited.
 *
 * Oldest first in each bucket: peers mostly answer in order, and then the
 * first look hits.
 */
#include "outgoing.h"

static VMBPACKET *bucket_of(struct kmcl_transactions *t, uint64_t id)
{
    return &t->buckets[id % KMCL_TRANSACTION_BUCKETS];
}

void kmcl_transaction_add(struct kmcl_transactions *t, VMBPACKET packet)
{
    VMBPACKET *at = bucket_of(t, packet->out.wire.transaction);

    while (*at)
        at = &(*at)->hash_next;
    packet->hash_next = NULL;
    *at = packet;
    t->count++;
}

VMBPACKET kmcl_transaction_take(struct kmcl_transactions *t, uint64_t id)
{
    VMBPACKET *at = bucket_of(t, id);

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

VMBPACKET kmcl_transaction_take_any(struct kmcl_transactions *t)
{
    VMBPACKET oldest = NULL;

    /* The lowest id, so that closing completes in the order of sending. */
    for (uint32_t i = 0; i < KMCL_TRANSACTION_BUCKETS; i++) {
        VMBPACKET packet = t->buckets[i];

        if (packet && (!oldest || packet->out.wire.transaction <
                                      oldest->out.wire.transaction))
            oldest = packet;
    }
    return oldest ? kmcl_transaction_take(t, oldest->out.wire.transaction)
                  : NULL;
}
