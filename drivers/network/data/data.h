/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames, both ways. */
#ifndef DRIVERS_NETWORK_DATA_DATA_H
#define DRIVERS_NETWORK_DATA_DATA_H

#include "drivers/network/base/driver.h"

/* ---- receive.c, packets.c ------------------------------------------------ */

/*
 * Takes a data message of `size` bytes in the receive buffer, which the host
 * can change meanwhile. Returns NULL, or what is wrong. <= DISPATCH, where
 * packets of this channel are delivered.
 */
const char *network_take_data(struct network_queue *q, const uint8_t *range,
                              uint32_t size);

EVT_VMB_CHANNEL_PROCESS_PACKET network_packet;
EVT_VMB_CHANNEL_PROCESSING_COMPLETE network_batch_end;

/* ---- send.c, slots.c ----------------------------------------------------- */

/*
 * Makes the slots free for an opening, with sections of this size; 0: none.
 * Nothing is under way. PASSIVE.
 */
void network_slots_begin(struct network_driver *d, uint32_t section_size);

/* After the phase has changed, or the sub-channel is open no more: returns when
 * no call is about to send on this channel, and frees the slot that is being
 * filled, whose frames are lost. PASSIVE; it does not let others run. */
void network_slots_end(struct network_queue *q);

/*
 * A free slot for a packet of `size` bytes on this channel; NULL: there is
 * none. Under the lock.
 */
struct send_slot *network_slot_take(struct network_queue *q, uint32_t size);

/* A call begins that looks whether the channel is open and may send on it: the
 * channel does not end before the other one. <= DISPATCH. */
static inline void network_enter(struct network_queue *q)
{
    __atomic_fetch_add(&q->inside, 1, __ATOMIC_SEQ_CST);
}

/* The call has sent what it wanted. <= DISPATCH. */
static inline void network_leave(struct network_queue *q)
{
    __atomic_fetch_sub(&q->inside, 1, __ATOMIC_RELEASE);
}

/* Whether frames may be put into a slot of this channel. Under the lock, after
 * network_enter(). */
static inline bool network_may_fill(const struct network_queue *q)
{
    return network_phase(q->driver) == PHASE_READY && network_queue_is_open(q);
}

/* Gives a slot back. Under the lock. */
void network_slot_give(struct network_driver *d, struct send_slot *slot);

/*
 * Sends a filled slot. The slot comes back by itself. <= DISPATCH, without the
 * lock.
 */
void network_slot_send(struct network_driver *d, struct send_slot *slot);

/* The slot that was being filled, if so few packets are under way that it must
 * not wait; NULL: none is to be sent now. Under the lock. */
struct send_slot *network_slot_due(struct network_queue *q, bool at_once);

/* ---- fill.c -------------------------------------------------------------- */

/* Slots that are to be sent, in this order; NULL: none. */
struct to_send {
    struct send_slot *before, *now;
};

/* Copies `size` bytes of the pieces, from byte `from` on; all pieces together
 * have them. Any IRQL. */
void network_copy(uint8_t *out, const struct network_segment *parts,
                  uint32_t from, uint32_t size);

/*
 * Puts a frame into the slot that is being filled, or into a new one. Under the
 * lock.
 *
 * @f      prepared; its head counts, the rest is taken from `parts`
 * @more   it may wait for another frame
 * @send   zero; receives what is to be sent, also with a failure
 * @return STATUS_SUCCESS, STATUS_DEVICE_BUSY, STATUS_INSUFFICIENT_RESOURCES
 */
NTSTATUS network_fill(struct network_queue *q, const struct frame_out *f,
                      const struct network_segment *parts, bool more,
                      struct to_send *send);

#endif
