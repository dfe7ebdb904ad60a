/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pump of a channel: it calls one function whenever there may be something
 * to do for the channel's rings, never twice at a time, and knows when nothing
 * of it runs or will run any more.
 *
 * One object for every end of a channel: the guest half's channels, KMCL's
 * server channels and the test hypervisor's own. It owns the incoming ring's
 * interrupt mask, the look after unmasking, the timer for lost signals, and
 * the order in which a channel comes to rest before its rings are unmapped.
 *
 *   signal arrives --+
 *   room timer ------+--> pump_kick --> run: mask, run(), unmask, look again
 *   delivery goes on-+                   |
 *                                        +-- MORE, or kicked since: run again
 */
#ifndef VMBUS_PUMP_H
#define VMBUS_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/seam.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ring_reader;

/* What a channel's function answers about its incoming ring. */
enum vmbus_event_result {
    /* The ring is empty. The pump clears its mask and looks again; if
     * something came in between, it calls the function again. */
    VMBUS_EVENT_DRAINED,
    /* The function has used up its budget: it is called again after others
     * have had their turn. */
    VMBUS_EVENT_MORE,
    /* Packets are left in the ring on purpose (the receiver is paused, at its
     * quota, or has no memory). The mask stays set. Whoever ends that calls
     * vmbus_pump_kick(); a signal of the other side also leads to a call. */
    VMBUS_EVENT_LEFT,
};

/* How long after which a pump looks again where a signal of the other side may
 * be lost, and a receiver that may not read looks for completions. QEMU can
 * lose the signal that says "room again". [qemu vmbus.c] */
#ifndef PUMP_LOOK_AGAIN
#define PUMP_LOOK_AGAIN (10 * SEAM_MS)
#endif

/* Storage is the owner's and zero before vmbus_pump_init(). Only the pump
 * touches its members, but for `cpu`, which the owner may change at any time.
 */
struct pump {
    uint32_t word; /* vmbus/pump/state.h */
    uint32_t cpu;  /* the processor that runs are queued on */
    struct seam *s;
    struct seam_work work;
    struct seam_timer timer;
    struct seam_lock timer_lock; /* setting the timer and counting its run */
    struct ring_reader *rx;
    enum vmbus_event_result (*run)(void *arg);
    void (*signal)(void *arg);
    void (*rest)(void *arg);
    void *arg;
};

/* What a pump calls. */
struct pump_calls {
    /* Work on the rings; one of enum vmbus_event_result. Called at `level` of
     * vmbus_pump_init(), on the pump's processor, without a lock. */
    enum vmbus_event_result (*run)(void *arg);
    /* Signal the other side. <= DISPATCH, without a lock; NULL if
     * vmbus_pump_bell() is not used. */
    void (*signal)(void *arg);
    /* The pump is at rest after a vmbus_pump_stop() that returned false: its
     * storage and the rings are the owner's again from inside this call. <=
     * DISPATCH, without a lock. */
    void (*rest)(void *arg);
    void *arg;
};

/**
 * Prepare a pump; it is stopped.
 *
 * @p      zeroed storage
 * @s      the bus context
 * @calls  copied
 * @level  SEAM_DISPATCH, or SEAM_PASSIVE where the work may wait
 */
void vmbus_pump_init(struct pump *p, struct seam *s,
                     const struct pump_calls *calls, uint8_t level);

/**
 * Start a stopped pump. It does not look at the ring by itself: kick it.
 *
 * @p    the pump, at rest
 * @rx   the incoming ring, attached; it stays so until the pump is at rest
 * @cpu  the processor for its runs, 0..seam_cpu_count-1
 *
 * <= DISPATCH.
 */
void vmbus_pump_start(struct pump *p, struct ring_reader *rx, uint32_t cpu);

/**
 * Stop the pump: no run begins any more.
 *
 * @p       the pump, in any state
 * @return  true: it is at rest now; false: a run, a timer's function or a
 *          signal is under way on another processor or queued, and rest() will
 *          be called, exactly once. A stopped pump is at rest.
 *
 * <= DISPATCH; the caller may hold its own locks, so rest() is never called
 * from inside.
 */
bool vmbus_pump_stop(struct pump *p);

/**
 * Have run() called soon, once more than it was called so far. Does nothing on
 * a stopped pump. Any level up to DISPATCH.
 *
 * @p  the pump, in any state
 */
void vmbus_pump_kick(struct pump *p);

/**
 * The first half of vmbus_pump_kick(), for callers that hold a lock.
 *
 * @p       the pump, in any state
 * @return  true: call vmbus_pump_queue() after giving the lock back; the pump
 *          does not come to rest before that. false: there is nothing to call,
 *          because a run is queued already, the run that is under way will look
 *          again, or the pump is stopped.
 *
 * Any level up to DISPATCH.
 */
bool vmbus_pump_ring(struct pump *p);

/**
 * The second half of vmbus_pump_kick(): queue the run that vmbus_pump_ring()
 * asked for. Called once for each true of vmbus_pump_ring(), and never without
 * one. Any level up to DISPATCH.
 *
 * @p  the pump that vmbus_pump_ring() returned true for
 */
void vmbus_pump_queue(struct pump *p);

/**
 * The same, without a detour if the run belongs on the running processor: then
 * it is over when this returns. DISPATCH, from deferred work that holds no
 * lock.
 *
 * @p    the pump that vmbus_pump_ring() returned true for; its runs are at
 *       SEAM_DISPATCH
 * @cpu  the running processor
 */
void vmbus_pump_run(struct pump *p, uint32_t cpu);

/**
 * Kick the pump after a delay, because the other side may not signal or may
 * lose its signal; sooner if an earlier call asked for that. Does nothing on a
 * stopped pump. <= DISPATCH.
 *
 * @p      the pump, in any state
 * @delay  from now, in units of 100 ns
 */
void vmbus_pump_kick_later(struct pump *p, uint64_t delay);

/**
 * Keep the pump, and so its channel, from coming to rest, for a signal that is
 * sent after the caller's lock is given back.
 *
 * @p       NULL counts as a stopped pump
 * @return  `p`, to be given to vmbus_pump_bell(); NULL if it is stopped or
 * stopping: then there is nobody to be signalled
 *
 * <= DISPATCH.
 */
struct pump *vmbus_pump_hold(struct pump *p);

/**
 * Signal the other side, then end the hold. Without a lock. <= DISPATCH.
 *
 * @held  what vmbus_pump_hold() returned; NULL does nothing
 */
void vmbus_pump_bell(struct pump *held);

#ifdef __cplusplus
}
#endif

#endif
