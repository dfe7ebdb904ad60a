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

/* ---- incoming.c: under the channel's lock ------------------------------ */

/* A free object with room for `capacity` bytes, or NULL. <= DISPATCH. */
VMBPACKETCOMPLETION kmcl_incoming_get(VMBCHANNEL ch, uint32_t capacity);

/* Gives an object back whose external MDL is gone. Those of the usual size are
 * kept for reuse, up to KMCL_FREE_INCOMING. */
void kmcl_incoming_put(VMBPACKETCOMPLETION pc);

/* The memory of `count` objects of the usual size, in bytes: how read-ahead and
 * waiting answers are bounded. */
uint64_t kmcl_incoming_memory(const VMBCHANNEL ch, uint32_t count);

/* Drops what was read and not delivered; frees the free list at the end of
 * the channel's life. Take no lock. PASSIVE. */
void kmcl_incoming_drop(VMBCHANNEL ch);
void kmcl_incoming_free_all(VMBCHANNEL ch);

/* Adds to the end of the list, gives back to its beginning, takes the first
 * (NULL: the list is empty). */
void kmcl_incoming_add(struct kmcl_incoming_list *l, VMBPACKETCOMPLETION pc);
void kmcl_incoming_put_back(struct kmcl_incoming_list *l,
                            VMBPACKETCOMPLETION pc);
VMBPACKETCOMPLETION kmcl_incoming_take(struct kmcl_incoming_list *l);

/* Moves the completions of `l` to `taken`, in their order. */
void kmcl_incoming_take_completions(struct kmcl_incoming_list *l,
                                    struct kmcl_incoming_list *taken);

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

/**
 * Ends an incoming packet: sends `size` bytes if the sender asked for a
 * completion, or queues them; releases the packet. Under the lock.
 *
 * @return  true: the peer is to be signalled after the lock is given back
 */
bool kmcl_answer(VMBPACKETCOMPLETION pc, const void *data, uint32_t size);

/* ---- drain.c: called by the run of the pump only ----------------------- */

/* Why kmcl_drain() came to its end. */
enum kmcl_drained {
    KMCL_DRAIN_BLOCKED, /* nothing more may be read now */
    KMCL_DRAIN_FAILED,  /* no memory (a timer tries again), or ring broken */
    KMCL_DRAIN_EMPTY,   /* the ring is empty */
    KMCL_DRAIN_MORE,    /* the budget is used up, there may be more */
};

/**
 * Reads the ring: packets go to the list, completions too if a packet is before
 * them that can be delivered now. Others end their transaction here. What may
 * not be read is looked at for its completions only.
 *
 * @bell    set to true if the peer is to be signalled afterwards
 *
 * At DISPATCH, under the lock, which is dropped for completion routines.
 */
enum kmcl_drained kmcl_drain(VMBCHANNEL ch, bool *bell);

/* Whether packets may be taken out of the ring now. Under the lock. */
bool kmcl_may_read(VMBCHANNEL ch);

/* Something that may have kept packets in the ring has changed: kicks the pump
 * if it did. Under the lock. */
void kmcl_wake_reader(VMBCHANNEL ch);

/* Ends the transaction that `pc` holds the completion of, and releases `pc`. At
 * DISPATCH, under the lock, which is dropped for the routine. */
void kmcl_complete_sent(VMBCHANNEL ch, VMBPACKETCOMPLETION pc);

#endif
