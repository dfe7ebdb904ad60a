/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Incoming packets: reading, delivering, answering.
 */
#ifndef KMCL_RECEIVE_H
#define KMCL_RECEIVE_H

#include "kmcl/base/channel.h"

/* ---- run.c ------------------------------------------------------------- */

/**
 * One run of the channel's pump: sends what is queued, reads the incoming ring
 * and delivers what may be delivered at DISPATCH.
 *
 * @return  VMBUS_EVENT_DRAINED: the ring is empty; VMBUS_EVENT_MORE: the budget
 *          is used up; VMBUS_EVENT_LEFT: reading is blocked, and whoever ends
 *          that kicks the pump
 *
 * DISPATCH, without the lock; never twice at a time for one channel.
 */
enum vmbus_event_result kmcl_event(VMBCHANNEL ch);

/* ---- deliver.c --------------------------------------------------------- */

/**
 * Takes delivery, which is free or due at PASSIVE, delivers at `level`, and
 * leaves it to whoever is next.
 *
 * @level  SEAM_PASSIVE or SEAM_DISPATCH, at which packets are given out
 * @irql   what seam_lock() returned to the caller; changed where the lock is
 *         dropped in between
 * @return true: there is more for the same owner
 *
 * Under the lock.
 */
bool kmcl_own_delivery(VMBCHANNEL ch, uint8_t level, uint8_t *irql);

/**
 * Delivers the packet in the spare after KMCL_DRAIN_LONE, as
 * kmcl_own_delivery() would deliver it as the only one of the list; then what
 * has come meanwhile.
 *
 * @irql, @return  as there
 *
 * DISPATCH, under the lock.
 */
bool kmcl_deliver_lone(VMBCHANNEL ch, uint8_t *irql);

/* The passive work item's part in delivery: delivers what waits for PASSIVE,
 * or, while a callback waits below it, runs the completions that are not to
 * wait for that callback. PASSIVE, without the lock. */
void kmcl_deliver_at_passive(VMBCHANNEL ch);

/* ---- incoming.c: under the channel's lock ------------------------------ */

/**
 * Takes an object from the free list, or makes one.
 *
 * @capacity  bytes of body that it must hold; at least a packet of the maximum
 *            size is provided for
 * @return    the object, the caller's to give back; NULL: no memory
 *
 * <= DISPATCH.
 */
VMBPACKETCOMPLETION kmcl_incoming_get(VMBCHANNEL ch, uint32_t capacity);

/* Gives an object on no list back to the platform. */
void kmcl_incoming_discard(VMBPACKETCOMPLETION pc);

/* The same for the object of a completion that has left the outgoing queue. */
void kmcl_answer_left(struct kmcl_out *out);

/* The memory of `count` objects of the usual size, in bytes: how read-ahead and
 * waiting answers are bounded. */
uint64_t kmcl_incoming_memory(const VMBCHANNEL ch, uint32_t count);

/* Drops what was read and not delivered, when a channel closes. PASSIVE,
 * without the lock. */
void kmcl_incoming_drop(VMBCHANNEL ch);

/* Frees the free list at the end of the channel's life. PASSIVE, without the
 * lock. */
void kmcl_incoming_free_all(VMBCHANNEL ch);

/* Gives an object back to the beginning of the list, from where it was taken.
 */
void kmcl_incoming_put_back(struct kmcl_incoming_list *l,
                            VMBPACKETCOMPLETION pc);

/* Moves the completions of `l` to `taken`, in their order. */
void kmcl_incoming_take_completions(struct kmcl_incoming_list *l,
                                    struct kmcl_incoming_list *taken);

/* ---- payload.c --------------------------------------------------------- */

/**
 * Finds the payload of a packet and checks the header of its type, in the
 * private copy.
 *
 * @pc      wire and body are filled in; payload, payload_size and external are
 *          set
 * @reason  set after -EPROTO: what is wrong, for the log
 * @return  0; -EPROTO: the packet breaks a rule or exceeds our maxima and is to
 *          be refused; -ENOTSUP: its type is none for this channel
 */
int kmcl_payload_find(VMBPACKETCOMPLETION pc, const char **reason);

/* ---- external_in.c ----------------------------------------------------- */

/* Puts the external MDLs of a packet on a list of the channel, from which they
 * are freed at PASSIVE, because unmapping needs that. Under the lock. */
void kmcl_external_release(VMBPACKETCOMPLETION pc);

/* Unmaps and frees the MDLs on that list. PASSIVE, without the lock. */
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
    KMCL_DRAIN_LONE, /* the same, and a packet in the spare is to be delivered
                        now; no list has it. Never for a pipe */
    KMCL_DRAIN_MORE, /* the budget is used up, there may be more */
};

/**
 * Reads the ring: packets go to the list, completions too if a packet is before
 * them that can be delivered now. Others end their transaction here. What may
 * not be read is looked at for its completions only.
 *
 * @bell    set to true if the peer is to be signalled afterwards
 * @ends    set to a request that ends with what is in the spare, once the lock
 *          is given back at the end of the run; else unchanged
 *
 * At DISPATCH, under the lock, which is dropped for completion routines.
 */
enum kmcl_drained kmcl_drain(VMBCHANNEL ch, bool *bell, VMBPACKET *ends);

/* Ends the transaction that `pc` holds the completion of, and releases `pc`. At
 * DISPATCH, under the lock, which is dropped for the routine. */
void kmcl_complete_sent(VMBCHANNEL ch, VMBPACKETCOMPLETION pc);

#endif
