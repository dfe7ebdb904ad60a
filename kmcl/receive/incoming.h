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
#include "kmcl/send/outgoing.h"
#include "vmbus/ring.h"

#define KMCL_INCOMING_MAGIC 0x49766d4bu /* "KmvI" */

/* Packets read ahead while delivery is blocked, so that completions behind
 * them still arrive; beyond it the ring holds the peer back. So many answers
 * may wait for room before a server reads no more. */
#define KMCL_READ_AHEAD 256u

/* A client reads on, for both ends could wait for each other; but beyond this,
 * and beyond what its own quota lets it have outstanding, its host does not
 * read at all. */
#define KMCL_ANSWERS_LIMIT 16384u

/* Packets delivered in one go before others have their turn. */
#define KMCL_BUDGET 64u

/* Objects kept for reuse. */
#define KMCL_FREE_INCOMING 64u

enum kmcl_incoming_state {
    KMCL_INCOMING_FREE,
    KMCL_INCOMING_READ,      /* on the list */
    KMCL_INCOMING_DEFERRED,  /* on the list, for PASSIVE */
    KMCL_INCOMING_DELIVERED, /* the application's */
    KMCL_INCOMING_ANSWERING, /* its completion waits in the outgoing queue */
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

struct kmcl_incoming_list {
    VMBPACKETCOMPLETION first;
    VMBPACKETCOMPLETION last;
    uint32_t count;
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

/* ---- incoming.c: under the channel's lock ------------------------------ */

/* A free object with room for `capacity` bytes, or NULL. <= DISPATCH. */
VMBPACKETCOMPLETION kmcl_incoming_get(VMBCHANNEL ch, uint32_t capacity);

/* Back to the free list, its external MDL gone. */
void kmcl_incoming_put(VMBPACKETCOMPLETION pc);

/* Drops what was read and not delivered; frees the free list at the end of
 * the channel's life. Take no lock. PASSIVE. */
void kmcl_incoming_drop(VMBCHANNEL ch);
void kmcl_incoming_free_all(VMBCHANNEL ch);

void kmcl_incoming_add(struct kmcl_incoming_list *l, VMBPACKETCOMPLETION pc);
void kmcl_incoming_put_back(struct kmcl_incoming_list *l,
                            VMBPACKETCOMPLETION pc);
VMBPACKETCOMPLETION kmcl_incoming_take(struct kmcl_incoming_list *l);

/* ---- payload.c --------------------------------------------------------- */

/* Finds the payload of a packet just read and checks its type's header. 0;
 * -EPROTO: *reason says what is wrong; -ENOTSUP: a type that is skipped. */
int kmcl_payload_find(VMBPACKETCOMPLETION pc, const char **reason);

/* ---- external_in.c ----------------------------------------------------- */

/* A packet's external MDLs go on the channel's list of the dead, because
 * unmapping needs PASSIVE. Under the lock. */
void kmcl_external_release(VMBPACKETCOMPLETION pc);

/* Unmaps and frees the dead. PASSIVE, takes the lock itself. */
void kmcl_external_bury(VMBCHANNEL ch);

/* ---- complete.c -------------------------------------------------------- */

/* Ends an incoming packet: sends `size` bytes if the sender asked for a
 * completion, or queues them; releases the packet. Under the lock. */
void kmcl_answer(VMBPACKETCOMPLETION pc, const void *data, uint32_t size);

#endif
