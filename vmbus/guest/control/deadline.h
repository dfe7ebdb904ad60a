/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deadlines of requests: any number of them on one timer.
 *
 * What a request awaits for ten seconds is named in the log, and again every
 * ten seconds: one line for all requests, about the one that waits longest.
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
    uint64_t since; /* when the wait began, as seam_now() */
    uint64_t due;
    const char *what; /* what is awaited, for the log */
    /* The time has come. Called with the bus's lock held, when the deadline is
     * no longer armed; may set and clear deadlines. */
    void (*expired)(void *owner);
    void *owner;
    bool armed;
    bool unposted; /* in which list */
};

/* Deadlines in the order of time, the earliest one first. */
struct deadline_list {
    struct deadline *first, *last;
};

struct deadlines {
    /* Those of messages that the host has, and those of others, which are due
     * later: so a place is found near the end of a list. */
    struct deadline_list posted, unposted;
    struct held_timer timer; /* set for the first of all, or for earlier */
    uint64_t look;           /* when the log may have to say what is awaited */
};

/** Prepare the list of a new bus. */
void vmbus_deadlines_init(struct vmbus_bus *bus);

/** Prepare a deadline; it is not armed. `owner` is given to `expired`. */
void vmbus_deadline_init(struct deadline *d, void *owner,
                         void (*expired)(void *owner));

/**
 * Have expired() called later, instead of at the time that was set before.
 *
 * @from_now  when, in units of 100 ns
 * @what      what is awaited, for the log: text that outlives the wait
 *
 * Lock held.
 */
void vmbus_locked_deadline_set(struct vmbus_bus *bus, struct deadline *d,
                               uint64_t from_now, const char *what);

/** The same for a message that is about to be posted. The host may take it up
 * to post_timeout later; when it has, the caller sets the deadline again, so
 * that the host has the whole time for its answer. Lock held. */
void vmbus_locked_deadline_set_unposted(struct vmbus_bus *bus,
                                        struct deadline *d, uint64_t from_now,
                                        const char *what);

/** Forget the deadline; does nothing if it is not armed. Lock held. */
void vmbus_locked_deadline_clear(struct vmbus_bus *bus, struct deadline *d);

#endif
