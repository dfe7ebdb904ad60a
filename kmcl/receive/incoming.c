/*
 * The objects of incoming packets: free list and lists of what was read.
 */
#include "kmcl/receive/incoming.h"

#include "kmcl/channel/channel.h"

/* Room for the wire body, and for a completion of the largest size, which is
 * built in the same place when the ring is full. */
static uint32_t capacity_for(VMBCHANNEL ch, uint32_t wanted)
{
    uint32_t usual = (ch->set.max_packet + 7) & ~7u;

    usual += sizeof(struct ring_pipe_header);
    return wanted > usual ? wanted : usual;
}

static VMBPACKETCOMPLETION make(VMBCHANNEL ch, uint32_t capacity)
{
    size_t bytes =
        sizeof(struct VMBPACKETCOMPLETION__) + capacity + ch->set.context_size;
    VMBPACKETCOMPLETION pc = kmcl_alloc(ch->root, bytes);

    if (!pc)
        return NULL;
    pc->magic = KMCL_INCOMING_MAGIC;
    pc->channel = ch;
    pc->capacity = capacity;
    pc->allocated = bytes;
    return pc;
}

VMBPACKETCOMPLETION kmcl_incoming_get(VMBCHANNEL ch, uint32_t capacity)
{
    VMBPACKETCOMPLETION pc = ch->free_incoming;

    capacity = capacity_for(ch, (capacity + 7) & ~7u);
    if (!pc || pc->capacity < capacity)
        return make(ch, capacity);
    ch->free_incoming = pc->next;
    ch->free_incoming_count--;
    return pc;
}

void kmcl_incoming_put(VMBPACKETCOMPLETION pc)
{
    VMBCHANNEL ch = pc->channel;

    pc->state = KMCL_INCOMING_FREE;
    pc->external = false;
    pc->pended = false;
    if (ch->free_incoming_count == KMCL_FREE_INCOMING) {
        pc->magic = 0;
        kmcl_free(ch->root, pc, pc->allocated);
        return;
    }
    pc->next = ch->free_incoming;
    ch->free_incoming = pc;
    ch->free_incoming_count++;
}

void kmcl_packet_wire(VMBPACKETCOMPLETION packet, struct kmcl_wire *wire)
{
    SEAM_ASSERT(kmcl_seam(), kmcl_delivered(packet),
                "not a packet that is delivered and not completed");
    *wire = (struct kmcl_wire){
        .transaction = packet->wire.transaction,
        .asks_completion = packet->wire.flags & RING_FLAG_COMPLETION_REQUESTED,
    };
}

void kmcl_incoming_add(struct kmcl_incoming_list *l, VMBPACKETCOMPLETION pc)
{
    pc->next = NULL;
    if (l->last)
        l->last->next = pc;
    else
        l->first = pc;
    l->last = pc;
    l->count++;
}

void kmcl_incoming_put_back(struct kmcl_incoming_list *l,
                            VMBPACKETCOMPLETION pc)
{
    pc->next = l->first;
    l->first = pc;
    if (!l->last)
        l->last = pc;
    l->count++;
}

VMBPACKETCOMPLETION kmcl_incoming_take(struct kmcl_incoming_list *l)
{
    VMBPACKETCOMPLETION pc = l->first;

    if (!pc)
        return NULL;
    l->first = pc->next;
    if (!l->first)
        l->last = NULL;
    l->count--;
    return pc;
}

void kmcl_incoming_drop(VMBCHANNEL ch)
{
    uint8_t irql = seam_lock(ch->s, &ch->lock);
    VMBPACKETCOMPLETION pc;

    /* Made for maxima that may be raised before the next opening. */
    if (ch->spare)
        kmcl_incoming_put(ch->spare);
    ch->spare = NULL;
    while ((pc = kmcl_incoming_take(&ch->in))) {
        ch->root->stats.undelivered_dropped++;
        kmcl_external_release(pc); /* it may have been deferred with it */
        kmcl_incoming_put(pc);
    }
    ch->batch = 0;
    ch->left = false;
    ch->quota_blocked = false; /* a failed packet did not lift it */
    seam_unlock(ch->s, &ch->lock, irql);
}

void kmcl_incoming_free_all(VMBCHANNEL ch)
{
    while (ch->free_incoming) {
        VMBPACKETCOMPLETION pc = ch->free_incoming;

        ch->free_incoming = pc->next;
        pc->magic = 0;
        kmcl_free(ch->root, pc, pc->allocated);
    }
    ch->free_incoming_count = 0;
}
