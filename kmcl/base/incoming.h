/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Incoming packets: the private copy of what was read from the ring.
 *
 * The object behind a VMBPACKETCOMPLETION goes from the spare (being read)
 * to the list (read), to the application (delivered) and back. It has room
 * for a completion of the channel's maximum size, so that completing never
 * fails for memory.
 */
#ifndef KMCL_INCOMING_H
#define KMCL_INCOMING_H

#include <stdbool.h>

#include "kmcl/types.h"
#include "kmcl/mdl.h"
#include "kmcl/base/outgoing.h"
#include "vmbus/ring.h"

#define KMCL_INCOMING_MAGIC 0x49766d4bu /* "KmvI" */

/* What is read ahead while delivery is blocked, so that the completions behind
 * it still arrive, in packets of the channel's maximum size: the bound is the
 * memory of so many. Beyond it packets stay in the ring, which holds the peer
 * back. The same memory of answers may wait for room before a server reads no
 * more. */
#ifndef KMCL_READ_AHEAD /* tests/delivery explores a smaller one */
#define KMCL_READ_AHEAD 256u
#endif

/* A client reads on, because both ends could wait for each other. But a host
 * that leaves the memory of so many answers waiting, and more than the client's
 * own quota lets it have outstanding, does not read at all. */
#define KMCL_ANSWERS_LIMIT 16384u

/* Packets delivered in one go before others have their turn. */
#define KMCL_BUDGET 64u

/* Objects kept for reuse. */
#define KMCL_FREE_INCOMING 64u

enum kmcl_incoming_state {
    KMCL_INCOMING_FREE,
    KMCL_INCOMING_READ,       /* on the list */
    KMCL_INCOMING_DEFERRED,   /* on the list, for PASSIVE */
    KMCL_INCOMING_COMPLETION, /* on the list: completes a send in its turn */
    KMCL_INCOMING_DELIVERED,  /* the application's */
    KMCL_INCOMING_ANSWERING,  /* its completion waits in the outgoing queue */
};

struct VMBPACKETCOMPLETION__ {
    uint32_t magic;
    uint8_t state; /* enum kmcl_incoming_state */
    bool external; /* refers to external data */
    bool pended;   /* GetExternalData said STATUS_PENDING once */
    VMBCHANNEL channel;
    struct VMBPACKETCOMPLETION__ *next;
    struct ring_packet wire;
    void *payload;
    uint32_t payload_size;
    uint32_t capacity; /* bytes of body */
    PMDL mdl;          /* what GetExternalData made */
    struct kmcl_out out;
    size_t allocated; /* bytes of this object with its context */
    uint64_t body[];
};

_Static_assert(sizeof(struct VMBPACKETCOMPLETION__) % 8 == 0, "aligned to 8");

/* What was read and is still to be delivered, in the order of the ring. */
struct kmcl_incoming_list {
    VMBPACKETCOMPLETION first;
    VMBPACKETCOMPLETION last;
    size_t bytes;         /* of memory that the objects take */
    uint32_t completions; /* among them */
};

static inline VMBPACKETCOMPLETION kmcl_out_incoming(struct kmcl_out *out)
{
    return (VMBPACKETCOMPLETION)(void *)((uint8_t *)out -
                                         offsetof(struct VMBPACKETCOMPLETION__,
                                                  out));
}

/* The application's to complete, as far as that can be told. */
static inline bool kmcl_delivered(VMBPACKETCOMPLETION pc)
{
    return pc && pc->magic == KMCL_INCOMING_MAGIC &&
           pc->state == KMCL_INCOMING_DELIVERED;
}

#endif
