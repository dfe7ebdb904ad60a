/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emptying the table of transactions, at the end of a connection.
 */
#include "kmcl/base/transactions.h"

VMBPACKET kmcl_transaction_take_oldest(struct kmcl_transactions *t,
                                       bool external)
{
    VMBPACKET oldest = NULL;

    /* The lowest id, so that closing completes in the order of sending. Each
     * bucket has its oldest packet first. */
    for (uint32_t i = 0; i < KMCL_TRANSACTION_BUCKETS; i++) {
        VMBPACKET packet = t->buckets[i];

        while (packet && !external && kmcl_packet_is_external(packet))
            packet = packet->hash_next;
        if (packet && (!oldest || packet->out.wire.transaction <
                                      oldest->out.wire.transaction))
            oldest = packet;
    }
    return oldest ? kmcl_transaction_take(t, oldest->out.wire.transaction)
                  : NULL;
}
