/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Chains: lists that a member leaves without a search. The link is part of the
 * member, and zero is a link that is in no chain.
 *
 * Where many are looked for by a number or a GUID, an array of chains is the
 * index: each member is in the chain of its bucket. Numbers come from the peer,
 * so a hostile one can put everything into one bucket. Then a look-up walks
 * through all members, whose number is bounded elsewhere.
 */
#ifndef VMBUS_CHAIN_H
#define VMBUS_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "vmbus/guid.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The link of a member: a field of the object that is in the chain. */
struct chain {
    struct chain *next;
    struct chain **back; /* what points here; NULL: it is in no chain */
};

/** A chain whose members come out in the order in which they went in. Zero is
 * an empty one. */
struct chain_queue {
    struct chain *first;
    struct chain **end; /* where the next one goes; NULL: to `first` */
};

/* The object of `type` whose field `member` is at `link`. */
#define CHAIN_OWNER(link, type, member) \
    ((type *)(void *)((char *)(link)-offsetof(type, member)))

/**
 * Look whether an object is in a chain.
 *
 * @c       its link
 * @return  true: it is in one
 */
static inline bool chain_is_in(const struct chain *c)
{
    return c->back != NULL;
}

/**
 * Put an object in front of a chain.
 *
 * @first  the chain's first link; NULL in an empty one
 * @c      the object's link; it is in no chain
 */
static inline void chain_put(struct chain **first, struct chain *c)
{
    c->next = *first;
    if (c->next)
        c->next->back = &c->next;
    c->back = first;
    *first = c;
}

/**
 * Take an object out of its chain, which is no queue; nothing happens if it is
 * in none.
 *
 * @c  the object's link
 */
static inline void chain_take_out(struct chain *c)
{
    if (!c->back)
        return;
    *c->back = c->next;
    if (c->next)
        c->next->back = c->back;
    c->back = NULL;
}

/**
 * Put an object at the end of a queue.
 *
 * @q  the queue
 * @c  the object's link; it is in no chain
 */
static inline void chain_append(struct chain_queue *q, struct chain *c)
{
    c->next = NULL;
    c->back = q->first ? q->end : &q->first;
    *c->back = c;
    q->end = &c->next;
}

/**
 * Take an object out of its queue; nothing happens if it is in none.
 *
 * @q  the queue that it is in, if it is in one
 * @c  the object's link
 */
static inline void chain_leave(struct chain_queue *q, struct chain *c)
{
    if (c->back && !c->next)
        q->end = c->back;
    chain_take_out(c);
}

/**
 * Compute the bucket of a GUID in an index.
 *
 * @g        the GUID
 * @buckets  their number, 1 or more
 * @return   0 to `buckets` - 1
 */
static inline uint32_t chain_guid_bucket(const struct vmbus_guid *g,
                                         uint32_t buckets)
{
    uint64_t half[2];

    /* The uppermost bits of a product depend on all bits of its factors. */
    memcpy(half, g->bytes, sizeof(half));
    half[0] = (half[0] ^ half[1] * UINT64_C(0xd6e8feb86659fd93)) *
              UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)((half[0] >> 32) * buckets >> 32);
}

#ifdef __cplusplus
}
#endif

#endif
