/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deadlines of requests: any number of them on one timer.
 */
#ifndef VMBUS_GUEST_DEADLINE_H
#define VMBUS_GUEST_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/guest/control/held_timer.h"

struct vmbus_bus;

/* A deadline, embedded in the object that waits. */
struct deadline {
    struct deadline *next, *previous;
    uint64_t due; /* as seam_now() */
    /* The time has come. Called with the bus's lock held, when the deadline is
     * no longer armed; may set and clear deadlines. */
    void (*expired)(void *owner);
    void *owner;
    bool armed;
};

struct deadlines {
    struct deadline *first, *last; /* the earliest one first */
    struct held_timer timer;       /* set for the first, or for earlier */
};

/** Prepare the list of a new bus. */
void vmbus_deadlines_init(struct vmbus_bus *bus);

/** Prepare a deadline; it is not armed. `owner` is given to `expired`. */
void vmbus_deadline_init(struct deadline *d, void *owner,
                         void (*expired)(void *owner));

/** Have expired() called `from_now` units of 100 ns from now, instead of at the
 * time that was set before. Lock held. */
void vmbus_locked_deadline_set(struct vmbus_bus *bus, struct deadline *d,
                               uint64_t from_now);

/** Forget the deadline; does nothing if it is not armed. Lock held. */
void vmbus_locked_deadline_clear(struct vmbus_bus *bus, struct deadline *d);

#endif
