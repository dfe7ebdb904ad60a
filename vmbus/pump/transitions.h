/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The transitions of the pump's state machine; the picture and the contracts
 * are in state.h, which includes this. Inline, because each packet passes five
 * of them.
 *
 * Each transition is one successful exchange of the word, also where the state
 * stays the same: a processor that rings a pump which is queued already must
 * have its own earlier writes visible before it decides that the queued run
 * will see them, and a plain load would not make that so.
 */
#ifndef VMBUS_PUMP_TRANSITIONS_H
#define VMBUS_PUMP_TRANSITIONS_H

#include "vmbus/pump/access.h"

#define STATE_MASK 7u
#define ONE_HOLD   8u

static inline enum pump_state state_of(uint32_t word)
{
    return (enum pump_state)(word & STATE_MASK);
}

/* The same holds, another state. */
static inline uint32_t with_state(uint32_t word, enum pump_state state)
{
    return (word & ~STATE_MASK) | (uint32_t)state;
}

static inline bool has_holds(uint32_t word)
{
    return word >= ONE_HOLD;
}

/* True while runs may begin. */
static inline bool is_started(uint32_t word)
{
    switch (state_of(word)) {
    case PUMP_IDLE:
    case PUMP_QUEUED:
    case PUMP_RUNNING:
    case PUMP_AGAIN:
        return true;
    default:
        return false;
    }
}

static inline bool vmbus_pump_state_start(uint32_t *word)
{
    uint32_t old = PUMP_STOPPED;

    return PUMP_EXCHANGE(word, &old, (uint32_t)PUMP_IDLE);
}

/* Where a ring leads from each state. */
static inline enum pump_state after_ring(enum pump_state state)
{
    switch (state) {
    case PUMP_IDLE:
        return PUMP_QUEUED;
    case PUMP_RUNNING:
        return PUMP_AGAIN;
    default:
        return state;
    }
}

/* Exactly one of those who ring an idle pump queues the run. */
static inline enum pump_do vmbus_pump_state_ring(uint32_t *word)
{
    uint32_t old = PUMP_LOAD(word);

    while (
        !PUMP_EXCHANGE(word, &old, with_state(old, after_ring(state_of(old)))))
        continue;
    return state_of(old) == PUMP_IDLE ? PUMP_DO_QUEUE : PUMP_DO_NOTHING;
}

/* What was written before any ring so far is visible to this run; a ring from
 * here on leads to PUMP_AGAIN, and so to another run. */
static inline enum pump_do vmbus_pump_state_begin(uint32_t *word)
{
    uint32_t old = PUMP_LOAD(word);

    do {
        if (state_of(old) != PUMP_QUEUED)
            return PUMP_DO_NOTHING; /* PUMP_STOPPING: nothing but an end */
    } while (!PUMP_EXCHANGE(word, &old, with_state(old, PUMP_RUNNING)));
    return PUMP_DO_RUN;
}

/* Where the end of a run leads. */
static inline enum pump_state after_end(uint32_t word, bool more)
{
    if (state_of(word) == PUMP_STOPPING)
        return has_holds(word) ? PUMP_ENDING : PUMP_STOPPED;
    /* Whoever rang during this run may have come too late for it. */
    if (more || state_of(word) == PUMP_AGAIN)
        return PUMP_QUEUED;
    return PUMP_IDLE;
}

static inline enum pump_do vmbus_pump_state_end(uint32_t *word, bool more)
{
    uint32_t old = PUMP_LOAD(word);
    enum pump_state next;

    do
        next = after_end(old, more);
    while (!PUMP_EXCHANGE(word, &old, with_state(old, next)));
    if (next == PUMP_QUEUED)
        return PUMP_DO_QUEUE;
    return next == PUMP_STOPPED ? PUMP_DO_REST : PUMP_DO_NOTHING;
}

/* Refused once the stop has begun: otherwise holds could go on for ever. */
static inline bool vmbus_pump_state_hold(uint32_t *word)
{
    uint32_t old = PUMP_LOAD(word);

    do {
        if (!is_started(old))
            return false;
    } while (!PUMP_EXCHANGE(word, &old, old + ONE_HOLD));
    return true;
}

/* The word after one hold less: the last one of an ending pump stops it. */
static inline uint32_t after_release(uint32_t word)
{
    word -= ONE_HOLD;
    if (state_of(word) == PUMP_ENDING && !has_holds(word))
        return with_state(word, PUMP_STOPPED);
    return word;
}

static inline enum pump_do vmbus_pump_state_release(uint32_t *word)
{
    uint32_t old = PUMP_LOAD(word);
    uint32_t next;

    do
        next = after_release(old);
    while (!PUMP_EXCHANGE(word, &old, next));
    return state_of(next) == PUMP_STOPPED ? PUMP_DO_REST : PUMP_DO_NOTHING;
}

/* Where a stop leads. */
static inline enum pump_state after_stop(uint32_t word)
{
    switch (state_of(word)) {
    case PUMP_IDLE:
        return has_holds(word) ? PUMP_ENDING : PUMP_STOPPED;
    case PUMP_QUEUED:
    case PUMP_RUNNING:
    case PUMP_AGAIN:
        return PUMP_STOPPING;
    default:
        return state_of(word);
    }
}

/* A run that is queued is not taken back, because the platform may have taken
 * it off its queue already: it begins, finds PUMP_STOPPING and ends. */
static inline enum pump_do vmbus_pump_state_stop(uint32_t *word)
{
    uint32_t old = PUMP_LOAD(word);
    enum pump_state next;

    do
        next = after_stop(old);
    while (!PUMP_EXCHANGE(word, &old, with_state(old, next)));
    return next == PUMP_STOPPED ? PUMP_DO_REST : PUMP_DO_NOTHING;
}

#endif
