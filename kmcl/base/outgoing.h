/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outgoing packets: the packet object, the queue, the transactions.
 *
 * A packet object holds room for its whole wire image (type-specific header
 * and inline bytes). A send that goes straight into the ring copies the
 * inline bytes once, there; one that must wait builds the image in the object
 * and queues it. So no send allocates, and the queue is flushed by copying.
 */
#ifndef KMCL_OUTGOING_H
#define KMCL_OUTGOING_H

#include <stdbool.h>

#include "kmcl/types.h"
#include "kmcl/mdl.h"
#include "vmbus/packet.h"

#define KMCL_PACKET_MAGIC 0x50766d4bu /* "KmvP" */

/* For what a packet seldom comes by: the common path then has no registers to
 * save for it. */
#define KMCL_RARE __attribute__((noinline))

/* One item of the outgoing queue: a packet, or the completion of an incoming
 * one. `wire.size` bytes at `body` go behind the descriptor. */
struct kmcl_out {
    struct kmcl_out *next;
    struct ring_packet wire;
    const void *body;
    /* Of a completion: takes its object back when it has left the queue. NULL:
     * a packet. Under the lock. */
    void (*release)(struct kmcl_out *out);
};

/* In order of sending; empty: first is NULL. */
struct kmcl_queue {
    struct kmcl_out *first;
    struct kmcl_out *last;
    uint32_t count;
    uint32_t answers;    /* of it: completions, */
    size_t answer_bytes; /* and the memory that they take */
};

enum kmcl_packet_state {
    KMCL_PACKET_IDLE,
    KMCL_PACKET_QUEUED,
    KMCL_PACKET_AWAITING, /* in the ring, among the transactions */
    KMCL_PACKET_ENDING,   /* its routine is about to run */
    KMCL_PACKET_FREE,     /* on the channel's free list */
};

struct VMBPACKET__ {
    uint32_t magic;
    uint8_t state;  /* enum kmcl_packet_state */
    bool allocated; /* by VmbPacketAllocate */
    VMBCHANNEL channel;
    PFN_VMB_PACKET_COMPLETION_ROUTINE routine;
    PVOID pointer;
    struct kmcl_out out;
    struct VMBPACKET__ *hash_next;
    struct VMBPACKET__ *free_next;
    uint32_t capacity;   /* bytes of body */
    uint32_t max_inline; /* the channel's maximum when it was made */
    uint64_t body[];
};

_Static_assert(sizeof(struct VMBPACKET__) % 8 == 0, "body is aligned to 8");

/* The packet that a queue item is embedded in. */
static inline VMBPACKET kmcl_out_packet(struct kmcl_out *out)
{
    return (VMBPACKET)(void *)((uint8_t *)out -
                               offsetof(struct VMBPACKET__, out));
}

/* It was sent with WAIT_FOR_COMPLETION. */
static inline bool kmcl_packet_waits(VMBPACKET packet)
{
    return packet->out.wire.flags & RING_FLAG_COMPLETION_REQUESTED;
}

/* Its external pages are the other side's to use until it ends. */
static inline bool kmcl_packet_is_external(VMBPACKET packet)
{
    return packet->out.wire.type == RING_PACKET_GPA_DIRECT;
}

/* Ends a packet's transaction: its routine runs. Not under the lock; the
 * packet is not touched afterwards. */
static inline void kmcl_packet_end(VMBPACKET packet, NTSTATUS status,
                                   PVOID buffer, UINT32 size)
{
    /* Idle before the call: the routine may send or free it. */
    packet->state = KMCL_PACKET_IDLE;
    packet->routine(packet, status, size ? buffer : NULL, size);
}

/* A packet, as far as that can be told. */
static inline bool kmcl_packet_ok(VMBPACKET p)
{
    return p && p->magic == KMCL_PACKET_MAGIC && p->state != KMCL_PACKET_FREE;
}

/* ... that is not in flight. */
static inline bool kmcl_packet_ready(VMBPACKET p)
{
    return p && p->magic == KMCL_PACKET_MAGIC && p->state == KMCL_PACKET_IDLE;
}

#endif
