/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of the bus's users, their outcomes, and the work item at PASSIVE
 * that reports them (notify.c).
 */
#ifndef VMBUS_GUEST_OP_H
#define VMBUS_GUEST_OP_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/bus.h"

enum op_state {
    OP_IDLE,     /* may be started */
    OP_PENDING,  /* started, no outcome yet */
    OP_FINISHED, /* the outcome waits in the list to be reported */
};

/* A request of the user, embedded in the object that it is about. */
struct op {
    struct op *next;
    enum op_state state;
    /* Called at PASSIVE without the lock, before `done`, for what can only be
     * undone there. May free the owner, and `op` with it. May be NULL. */
    void (*settle)(struct op *op);
    void *owner;
    vmbus_done_fn *done;
    void *arg;
    int status;
    uint32_t host_status;
};

/** Prepare a request; it is idle. */
void vmbus_op_init(struct op *op, void *owner, void (*settle)(struct op *op));

/** Start a request, which must be idle (asserted). `done` may be NULL. Lock
 * held. */
void vmbus_locked_op_start(struct vmbus_bus *bus, struct op *op,
                           vmbus_done_fn *done, void *arg);

/** Give a pending request its outcome (asserted: exactly one). settle() and
 * `done` are called later, at PASSIVE. Lock held. */
void vmbus_locked_op_finish(struct vmbus_bus *bus, struct op *op, int status,
                            uint32_t host_status);

/** Prepare the reporting of a new bus. */
void vmbus_notify_init(struct vmbus_bus *bus);

/** Have the work item look for outcomes, offers and rescinds to report. Lock
 * held. */
void vmbus_locked_notify(struct vmbus_bus *bus);

/* What a blocking call waits for, on its stack. Zero before use. */
struct waiter {
    bool finished;
    int status;
};

/** A vmbus_done_fn whose `arg` is a struct waiter. */
void vmbus_waiter_done(void *arg, int status, uint32_t host_status);

/**
 * Wait for a request that was started with vmbus_waiter_done().
 *
 * @started  what its _start function returned
 * @w        given to that function
 * @what     what is awaited, for the log
 * @return   `started` if that is not 0, else the outcome
 *
 * PASSIVE, without the lock.
 */
int vmbus_bus_wait(struct vmbus_bus *bus, int started, struct waiter *w,
                   const char *what);

#endif
