/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects of incoming packets: free list and lists of what was read.
 *
 *   free list --> spare --> list `in` --> the application --> free list
 *                (being     (read)       (delivered)     \      ^
 *                 read)                                   v     |
 *                                             queue of answers--+
 *
 * All objects of the free list have the size for a packet of the maximum size.
 */

#include "kmcl/receive/objects.h"

/* With the context that VmbChannelInitSetClientContextSize asked for. */
static size_t object_size(const VMBCHANNEL ch, uint32_t capacity)
{
    return sizeof(struct VMBPACKETCOMPLETION__) + capacity +
           ch->set.context_size;
}

uint64_t kmcl_incoming_memory(const VMBCHANNEL ch, uint32_t count)
{
    return (uint64_t)count * object_size(ch, kmcl_usual_capacity(ch));
}

/* One object holds the descriptor's facts, the body, and the context that the
 * application asked for by VmbChannelInitSetClientContextSize. */
/* A new object; NULL: no memory. */
static VMBPACKETCOMPLETION make(VMBCHANNEL ch, uint32_t capacity)
{
    size_t bytes = object_size(ch, capacity);
    VMBPACKETCOMPLETION pc = kmcl_alloc(ch->root, bytes);

    if (!pc)
        return NULL;
    /* The magic tells a live handle from memory that is none. */
    pc->magic = KMCL_INCOMING_MAGIC;
    pc->channel = ch;
    pc->capacity = capacity;
    pc->allocated = bytes;
    return pc;
}

void kmcl_incoming_discard(VMBPACKETCOMPLETION pc)
{
    pc->magic = 0;
    kmcl_free(pc->channel->root, pc, pc->allocated);
}

/* Objects that date from before the maximum packet size was raised are of no
 * more use, and would keep the free list full of them. */
static KMCL_RARE void discard_small(VMBCHANNEL ch)
{
    VMBPACKETCOMPLETION pc;

    while ((pc = ch->free_incoming) && pc->capacity < kmcl_usual_capacity(ch)) {
        ch->free_incoming = pc->next;
        ch->free_incoming_count--;
        kmcl_incoming_discard(pc);
    }
}

VMBPACKETCOMPLETION kmcl_incoming_get(VMBCHANNEL ch, uint32_t capacity)
{
    VMBPACKETCOMPLETION pc = ch->free_incoming;

    /* Bodies on the wire are multiples of 8 bytes. */
    capacity = (capacity + 7) & ~7u;
    if (capacity < kmcl_usual_capacity(ch))
        capacity = kmcl_usual_capacity(ch);
    if (!pc || pc->capacity < capacity) {
        discard_small(ch);
        return make(ch, capacity);
    }
    /* It may be larger than was asked for. */
    ch->free_incoming = pc->next;
    ch->free_incoming_count--;
    return pc;
}

void kmcl_answer_left(struct kmcl_out *out)
{
    kmcl_incoming_put(kmcl_out_incoming(out));
}

void kmcl_packet_wire(VMBPACKETCOMPLETION packet, struct kmcl_wire *wire)
{
    SEAM_ASSERT(kmcl_seam(), kmcl_delivered(packet),
                "not a packet that is delivered and not completed");
    /* For hosts: their protocols may look at the transaction id. */
    *wire = (struct kmcl_wire){
        .transaction = packet->wire.transaction,
        .asks_completion = packet->wire.flags & RING_FLAG_COMPLETION_REQUESTED,
    };
}

/* A deferred packet stays the first, so that no later one overtakes it. */
void kmcl_incoming_put_back(struct kmcl_incoming_list *l,
                            VMBPACKETCOMPLETION pc)
{
    pc->next = l->first;
    l->first = pc;
    if (!l->last)
        l->last = pc;
    l->bytes += pc->allocated;
    l->completions += pc->state == KMCL_INCOMING_COMPLETION;
}

/* Packets keep their order among themselves, completions theirs. */
void kmcl_incoming_take_completions(struct kmcl_incoming_list *l,
                                    struct kmcl_incoming_list *taken)
{
    /* Both lists are made anew, in the order of the old one. */
    struct kmcl_incoming_list all = *l;
    VMBPACKETCOMPLETION pc;

    if (!l->completions)
        return;
    *l = (struct kmcl_incoming_list){0};
    while ((pc = kmcl_incoming_take(&all)))
        kmcl_incoming_add(pc->state == KMCL_INCOMING_COMPLETION ? taken : l,
                          pc);
}

void kmcl_incoming_drop(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    VMBPACKETCOMPLETION pc;

    /* Made for maxima that may be raised before the next opening. */
    if (ch->spare)
        kmcl_incoming_put(ch->spare);
    ch->spare = NULL;
    /* What was read and not delivered is lost with its connection, like what is
     * still in the ring. */
    while ((pc = kmcl_incoming_take(&ch->in))) {
        if (pc->state != KMCL_INCOMING_COMPLETION)
            kmcl_count(&ch->root->stats.undelivered_dropped, 1);
        kmcl_external_release(pc); /* it may have been deferred with it */
        kmcl_incoming_put(pc);
    }
    /* The next opening starts a batch of its own. */
    ch->batch = 0;
    ch->delivery = KMCL_DELIVERY_FREE; /* a failed packet lifted no quota */
    seam_unlock(ch->s, &ch->lock, irql);
}

void kmcl_incoming_free_all(VMBCHANNEL ch)
{
    /* A completion routine that outlived the closing left it. */
    if (ch->spare)
        kmcl_incoming_put(ch->spare);
    ch->spare = NULL;
    while (ch->free_incoming) {
        VMBPACKETCOMPLETION pc = ch->free_incoming;

        ch->free_incoming = pc->next;
        kmcl_incoming_discard(pc);
    }
    ch->free_incoming_count = 0;
}
