/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of transactions: how it grows, and how it is emptied at the end of
 * a connection.
 */
#include "kmcl/base/channel.h"
#include "kmcl/send/send.h"

/* Each growth makes so many times more buckets. */
#define GROWTH 4u

void kmcl_transactions_begin(struct kmcl_transactions *t)
{
    t->buckets = t->few;
    t->mask = KMCL_TRANSACTION_BUCKETS - 1;
}

static size_t bytes_of(uint32_t mask)
{
    return ((size_t)mask + 1) * sizeof(VMBPACKET);
}

/* Gives a table back, unless it is the one inside of the channel. */
static void discard(VMBCHANNEL ch, VMBPACKET *buckets, uint32_t mask)
{
    if (buckets != ch->sent.few)
        kmcl_free(ch->root, buckets, bytes_of(mask));
}

/* Puts all packets into `buckets`. What shares a bucket there has shared one
 * before, so each chain keeps its order. */
static void move_to(struct kmcl_transactions *t, VMBPACKET *buckets,
                    uint32_t mask)
{
    VMBPACKET *old = t->buckets;
    uint32_t old_mask = t->mask;

    t->buckets = buckets;
    t->mask = mask;
    t->count = 0;
    for (uint32_t i = 0; i <= old_mask; i++) {
        VMBPACKET next;

        for (VMBPACKET p = old[i]; p; p = next) {
            next = p->hash_next;
            kmcl_transaction_add(t, p);
        }
    }
}

/* Memory is taken without the lock; another processor may have been faster. */
void kmcl_transactions_grow(VMBCHANNEL ch, uint32_t packets)
{
    uint32_t mask = KMCL_TRANSACTION_BUCKETS - 1;
    VMBPACKET *buckets;
    uint8_t irql;

    while (packets / 2 > mask && mask < UINT32_MAX / GROWTH)
        mask = (mask + 1) * GROWTH - 1;
    buckets = kmcl_alloc(ch->root, bytes_of(mask));
    if (!buckets)
        return;
    irql = seam_lock(ch->s, &ch->lock);
    if (ch->sent.mask < mask) {
        VMBPACKET *old = ch->sent.buckets;
        uint32_t old_mask = ch->sent.mask;

        move_to(&ch->sent, buckets, mask);
        buckets = old;
        mask = old_mask;
    }
    seam_unlock(ch->s, &ch->lock, irql);
    discard(ch, buckets, mask);
}

void kmcl_transactions_end(VMBCHANNEL ch)
{
    discard(ch, ch->sent.buckets, ch->sent.mask);
    kmcl_transactions_begin(&ch->sent);
}

/* The lowest id, so that closing completes in the order of sending. Each bucket
 * has its oldest packet first. The walk begins where the lowest possible id
 * would be: the first packet that has just the id of its place is the oldest.
 */
VMBPACKET kmcl_transaction_take_oldest(struct kmcl_transactions *t,
                                       bool external, uint64_t *from)
{
    VMBPACKET oldest = NULL;

    for (uint64_t id = *from; id - *from <= t->mask; id++) {
        VMBPACKET packet = *kmcl_transaction_bucket(t, id);

        while (packet && !external && kmcl_packet_is_external(packet))
            packet = packet->hash_next;
        if (!packet)
            continue;
        if (!oldest ||
            packet->out.wire.transaction < oldest->out.wire.transaction)
            oldest = packet;
        if (oldest->out.wire.transaction == id)
            break;
    }
    if (!oldest)
        return NULL;
    *from = oldest->out.wire.transaction + 1;
    return kmcl_transaction_take(t, oldest->out.wire.transaction);
}
