/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages to the host: one queue for each bus, in order, with a back-off.
 */
#ifndef VMBUS_GUEST_POST_H
#define VMBUS_GUEST_POST_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/chain.h"
#include "vmbus/guest/control/held_timer.h"

struct vmbus_bus;

/*
 * A message, or several in a row, waiting to be posted. It is embedded in the
 * object that it is about, so that an undo never lacks memory.
 */
struct post {
    struct chain in_queue;
    /* Makes message number `step` in `message` (room for 240 bytes) and returns
     * its size; 0: there are no more. Called with the bus's lock held. */
    uint32_t (*build)(void *owner, uint32_t step, void *message);
    /* All messages are posted (0), or posting failed (a negative errno). Called
     * with the bus's lock held; may free the owner. May be NULL. */
    void (*sent)(void *owner, int status);
    void *owner;
    uint32_t type; /* WIRE_*, for the log */
    uint32_t step; /* how many messages the host has already */
    bool queued;
};

struct post_queue {
    struct chain_queue waiting;
    struct held_timer timer; /* armed while the head backs off */
    uint64_t first_try;      /* when the head was tried first; 0: not yet */
    uint64_t delay; /* of the back-off; 0: the head does not back off */
    bool draining;
};

/** Prepare the queue of a new bus. */
void vmbus_post_queue_init(struct vmbus_bus *bus);

/**
 * Prepare a post; it is not queued.
 *
 * @type   WIRE_* of its messages, for the log
 * @owner  given to `build` and `sent`
 * @sent   may be NULL
 */
void vmbus_post_init(struct post *p, uint32_t type, void *owner,
                     uint32_t (*build)(void *owner, uint32_t step,
                                       void *message),
                     void (*sent)(void *owner, int status));

/** Queue `p` after all others and post what the host takes now. `p` must not be
 * queued (asserted). Its sent() may be called from inside. Lock held. */
void vmbus_locked_post(struct vmbus_bus *bus, struct post *p);

/** Take `p` out of the queue, if it is there, without calling sent(). p->step
 * says how many of its messages the host has. Lock held. */
void vmbus_locked_post_cancel(struct vmbus_bus *bus, struct post *p);

/** Empty the queue without calling any sent(). Lock held. */
void vmbus_locked_post_cancel_all(struct vmbus_bus *bus);

#endif
