/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames, both ways. */
#ifndef DRIVERS_NETWORK_DATA_DATA_H
#define DRIVERS_NETWORK_DATA_DATA_H

#include "drivers/network/base/driver.h"

/* ---- receive.c ----------------------------------------------------------- */

EVT_VMB_CHANNEL_PROCESS_PACKET network_packet;
EVT_VMB_CHANNEL_PROCESSING_COMPLETE network_batch_end;

/* ---- send.c, slots.c ----------------------------------------------------- */

/*
 * Makes the slots free for an opening, with sections of this size; 0: none.
 * Nothing is under way. PASSIVE.
 */
void network_slots_begin(struct network_driver *d, uint32_t section_size);

/* After the phase has changed: returns when no call is about to send any more,
 * and frees the slot that is open, whose frames are lost. PASSIVE. */
void network_slots_end(struct network_driver *d);

/*
 * A free slot for a packet of `size` bytes; NULL: there is none. Under the
 * lock.
 */
struct send_slot *network_slot_take(struct network_driver *d, uint32_t size);

/* A call begins that looks at the phase and may send: the channel does not end
 * before the other one. <= DISPATCH. */
static inline void network_enter(struct network_driver *d)
{
    __atomic_fetch_add(&d->sending.inside, 1, __ATOMIC_SEQ_CST);
}

/* The call has sent what it wanted. <= DISPATCH. */
static inline void network_leave(struct network_driver *d)
{
    __atomic_fetch_sub(&d->sending.inside, 1, __ATOMIC_RELEASE);
}

/* Gives a slot back. Under the lock. */
void network_slot_give(struct network_driver *d, struct send_slot *slot);

/*
 * Sends a filled slot. The slot comes back by itself. <= DISPATCH, without the
 * lock.
 */
void network_slot_send(struct network_driver *d, struct send_slot *slot);

/* The slot that was open, if so few packets are under way that it must not
 * wait; NULL: none is to be sent now. Under the lock. */
struct send_slot *network_slot_due(struct network_driver *d, bool at_once);

#endif
