/* SPDX-License-Identifier: BSD-2-Clause */
/* The loopback's state, shared by loopback.c (its life), to_host.c and
 * to_guest.c (what goes through it), and queue.c. */
#ifndef VMBUS_LOOPBACK_PRIVATE_H
#define VMBUS_LOOPBACK_PRIVATE_H

#include <errno.h>
#include <stdbool.h>

#include "vmbus/host.h"
#include "vmbus/loopback.h"
#include "vmbus/seam.h"
#include "vmbus/wire/wire.h"

#define QUEUE_LIMIT 16u /* as a real message port has [TLFS] */
#define EVENT_WORDS 64u /* 2,048 event flags of one SINT */

struct loopback_message {
    uint32_t connection;
    uint32_t size;
    uint8_t payload[WIRE_MESSAGE_MAX];
};

/* One place more than QUEUE_LIMIT, so that what was taken out fits back. */
struct loopback_queue {
    struct loopback_message slot[QUEUE_LIMIT + 1];
    uint32_t first;
    uint32_t count;
};

/* Event flags of one processor, as its SIEF page would hold them. */
struct loopback_events {
    struct loopback *loopback;
    uint32_t cpu;
    uint64_t words; /* a bit for each word of `bits` that may have a flag */
    uint32_t bits[EVENT_WORDS];
    struct seam_work work;
};
_Static_assert(EVENT_WORDS == 64, "a bit for each word");

struct loopback {
    struct seam *seam;
    struct vmbus_host *host;
    struct seam_lock lock; /* over queues, `refused`, setting of timers */
    struct loopback_queue to_host;
    struct loopback_queue to_guest;
    bool refused; /* the host half holds messages back */
    bool attached;
    struct loopback_guest guest;
    void *guest_context;
    struct seam_work host_work;
    struct seam_work guest_work;
    struct seam_work pump_work;
    struct seam_timer retry;
    struct seam_timer monitor;
    uint32_t running; /* work that runs, and timers that are set */
    bool ending;      /* it is being destroyed: no timer is set any more */
    uint32_t cpu_count;
    struct loopback_events *events; /* cpu_count of them */
};

/* Counts work that is running, so that vmbus_loopback_destroy can wait for its
 * end. <= DISPATCH. */
static inline void vmbus_loopback_enter(struct loopback *lb)
{
    __atomic_add_fetch(&lb->running, 1, __ATOMIC_ACQ_REL);
}

/* Work that was counted has ended. <= DISPATCH. */
static inline void vmbus_loopback_leave(struct loopback *lb)
{
    __atomic_sub_fetch(&lb->running, 1, __ATOMIC_ACQ_REL);
}

/* ---- queue.c */

/* Appends a message of `size` bytes (0..WIRE_MESSAGE_MAX). False: QUEUE_LIMIT
 * of them are waiting. The lock is held. */
bool vmbus_loopback_push(struct loopback_queue *q, uint32_t connection,
                         const void *payload, uint32_t size);

/* Takes the oldest message out into `m`; false: there is none. <= DISPATCH. */
bool vmbus_loopback_pop(struct loopback *lb, struct loopback_queue *q,
                        struct loopback_message *m);

/* Puts the message that was taken out last back in front. <= DISPATCH. */
void vmbus_loopback_push_back(struct loopback *lb, struct loopback_queue *q,
                              const struct loopback_message *m);

/* ---- to_host.c */

/* Cancels both timers for good. A function that another processor has taken out
 * already still runs, and counts as running until then. <= DISPATCH. */
void vmbus_loopback_stop_timers(struct loopback *lb);

/* Gives the work and the timers towards the host half their functions. */
void vmbus_loopback_prepare_host(struct loopback *lb);

/* ---- to_guest.c */

/*
 * The host half's operation `post`: queues a message of `size` bytes for the
 * guest half. `context` is the loopback. 0; -EAGAIN: the queue is full, and the
 * host half is told when there is room. <= DISPATCH.
 */
int vmbus_loopback_host_post(void *context, uint32_t vp, uint8_t sint,
                             const void *payload, uint32_t size);

/* The operation `signal`: sets event `flag` for the processor of `vp` and
 * queues the work that delivers it. 0. <= DISPATCH. */
int vmbus_loopback_host_signal(void *context, uint32_t vp, uint8_t sint,
                               uint16_t flag);

/* Gives the work towards the guest half its functions. */
void vmbus_loopback_prepare_guest(struct loopback *lb);

#endif
