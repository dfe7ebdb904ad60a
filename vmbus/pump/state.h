/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pump's state machine: who runs, who rests, who wakes whom.
 *
 * It is pure: one 32-bit word, changed by compare-and-exchange only, and each
 * function returns what its caller must do now. So every interleaving of two
 * processors can be explored with this very source (tests/delivery).
 *
 *              start               ring                begin
 *   STOPPED ---------> IDLE ------------> QUEUED -----------> RUNNING
 *      ^                ^ \                 ^ |                 | | ring
 *      |                |  \                | |                 | v
 *      |                |   \ stop          | | stop       end  | AGAIN
 *      |                +----\--------------|-|-- nothing ------+ |
 *      |                      \             +-|------ more -----+-+ end
 *      |                       v              v
 *      +--- last hold goes - ENDING <------ STOPPING <- stop while RUNNING
 *
 * A hold is somebody who uses the pump outside a run: the function of its
 * timer, or a processor that signals the other side after it gave its lock
 * back. A pump is at rest only when no run is left and no hold is.
 */
#ifndef VMBUS_PUMP_STATE_H
#define VMBUS_PUMP_STATE_H

#include <stdbool.h>
#include <stdint.h>

/* The low bits of the word; the number of holds stands above them. Zeroed
 * memory is a stopped pump. */
enum pump_state {
    PUMP_STOPPED,  /* no run, no hold; ringing does nothing */
    PUMP_IDLE,     /* the next ring queues a run */
    PUMP_QUEUED,   /* a run is queued and has not begun */
    PUMP_RUNNING,  /* a run is under way */
    PUMP_AGAIN,    /* a run is under way and was rung for since it began */
    PUMP_STOPPING, /* to be stopped; a run is queued or under way */
    PUMP_ENDING,   /* to be stopped; only holds are left */
};

/* What the caller has to do after a transition. */
enum pump_do {
    PUMP_DO_NOTHING,
    PUMP_DO_QUEUE, /* queue one run */
    PUMP_DO_RUN,   /* do the work, then call vmbus_pump_state_end() */
    PUMP_DO_REST,  /* the pump is at rest: continue what waited for that */
};

/*
 * Starts a stopped pump.
 *
 * @word    the pump's state, PUMP_STOPPED
 * @return  true; false if it was not stopped (the caller's bug)
 */
static inline bool vmbus_pump_state_start(uint32_t *word);

/*
 * There may be something to do: a signal arrived, room may have come, or what
 * blocked delivery has ended. What the caller wrote before is seen by the run
 * that follows.
 *
 * @return  PUMP_DO_QUEUE: queue a run; PUMP_DO_NOTHING: a run that has not
 *          begun or will come again takes care, or the pump is stopped
 */
static inline enum pump_do vmbus_pump_state_ring(uint32_t *word);

/*
 * A queued run begins.
 *
 * @return  PUMP_DO_RUN; PUMP_DO_NOTHING: the pump is stopping, so do nothing
 *          but call vmbus_pump_state_end()
 */
static inline enum pump_do vmbus_pump_state_begin(uint32_t *word);

/*
 * A run ends.
 *
 * @more    the run knows that there is more to do
 * @return  PUMP_DO_QUEUE: queue the next run, because of `more` or because
 *          somebody rang meanwhile; PUMP_DO_REST: the last of a pump that was
 *          to stop; PUMP_DO_NOTHING
 */
static inline enum pump_do vmbus_pump_state_end(uint32_t *word, bool more);

/*
 * Keeps a started pump from coming to rest until vmbus_pump_state_release().
 *
 * @return  true; false: it is stopped or stopping, and nothing is held
 */
static inline bool vmbus_pump_state_hold(uint32_t *word);

/*
 * Ends a hold.
 *
 * @return  PUMP_DO_REST: it was the last thing that kept the pump from rest;
 *          PUMP_DO_NOTHING
 */
static inline enum pump_do vmbus_pump_state_release(uint32_t *word);

/*
 * Stops the pump: no run begins after this, but one may be under way.
 *
 * @return  PUMP_DO_REST: it is at rest now; PUMP_DO_NOTHING:
 * vmbus_pump_state_end() or vmbus_pump_state_release() will answer
 * PUMP_DO_REST, exactly once
 */
static inline enum pump_do vmbus_pump_state_stop(uint32_t *word);

#include "vmbus/pump/transitions.h"

#endif
