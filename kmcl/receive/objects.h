/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects of incoming packets where every packet passes: from the free list
 * and back, to a list and from it. incoming.c has the seldom ways, and says
 * which list is which.
 *
 * All under the channel's lock.
 */
#ifndef KMCL_RECEIVE_OBJECTS_H
#define KMCL_RECEIVE_OBJECTS_H

#include "kmcl/receive/receive.h"

/* Room for the wire body, and for a completion of the largest size, which is
 * built in the same place when the ring is full. */
static inline uint32_t kmcl_usual_capacity(const VMBCHANNEL ch)
{
    uint32_t size = (ch->set.max_packet + 7) & ~7u;

    return size + (uint32_t)sizeof(struct ring_pipe_header);
}

/* An object of the usual size, the caller's to give back; NULL: no memory. */
static inline VMBPACKETCOMPLETION kmcl_incoming_usual(VMBCHANNEL ch)
{
    VMBPACKETCOMPLETION pc = ch->free_incoming;

    if (!pc || pc->capacity < kmcl_usual_capacity(ch))
        return kmcl_incoming_get(ch, 0);
    ch->free_incoming = pc->next;
    ch->free_incoming_count--;
    return pc;
}

/* Gives an object back whose external MDL is gone. Those of the usual size are
 * kept for reuse, up to KMCL_FREE_INCOMING: a peer that sends larger ones must
 * not decide how much memory lies idle. */
static inline void kmcl_incoming_put(VMBPACKETCOMPLETION pc)
{
    VMBCHANNEL ch = pc->channel;

    /* The state finds a packet that is completed twice. */
    pc->state = KMCL_INCOMING_FREE;
    pc->external = false;
    pc->pended = false;
    if (ch->free_incoming_count == KMCL_FREE_INCOMING ||
        pc->capacity > kmcl_usual_capacity(ch)) {
        kmcl_incoming_discard(pc);
        return;
    }
    pc->next = ch->free_incoming;
    ch->free_incoming = pc;
    ch->free_incoming_count++;
}

/* What is read is payload but for the type's own header. */
static inline void kmcl_payload_take(VMBPACKETCOMPLETION pc)
{
    /* Bodies are padded to 8 bytes, so up to 7 bytes more than were sent. */
    pc->payload = (uint8_t *)pc->body + pc->wire.header_size;
    pc->payload_size = pc->wire.size - pc->wire.header_size;
}

/* Adds an object to the end of the list: it has the order of the ring. */
static inline void kmcl_incoming_add(struct kmcl_incoming_list *l,
                                     VMBPACKETCOMPLETION pc)
{
    pc->next = NULL;
    if (l->last)
        l->last->next = pc;
    else
        l->first = pc;
    l->last = pc;
    l->bytes += pc->allocated;
    l->completions += pc->state == KMCL_INCOMING_COMPLETION;
}

/* Takes the first object of a list that is not empty. The numbers stay right:
 * what may be read ahead depends on them. */
static inline VMBPACKETCOMPLETION
kmcl_incoming_take_first(struct kmcl_incoming_list *l)
{
    VMBPACKETCOMPLETION pc = l->first;

    l->first = pc->next;
    if (!l->first)
        l->last = NULL;
    l->bytes -= pc->allocated;
    l->completions -= pc->state == KMCL_INCOMING_COMPLETION;
    return pc;
}

/* The same; NULL: the list is empty. */
static inline VMBPACKETCOMPLETION
kmcl_incoming_take(struct kmcl_incoming_list *l)
{
    return l->first ? kmcl_incoming_take_first(l) : NULL;
}

#endif
