/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deferred work: what interrupt handlers and other processors want to have
 * done.
 *
 * It runs on return from an interrupt whenever the interrupted level is below
 * DISPATCH, and when the level falls below DISPATCH. It runs at DISPATCH with
 * interrupts on, on a stack and with a newlib state of its own. Therefore an
 * application that computes for a minute still answers.
 */
#ifndef ARCH_DEFERRED_H
#define ARCH_DEFERRED_H

#include <stdbool.h>
#include <stdint.h>

/* A piece of work. The storage is the caller's; zero before the first use. The
 * caller sets `run`, `arg` and `level`. */
struct deferred_item {
    struct deferred_item *next;
    void (*run)(void *arg);
    void *arg;
    uint8_t level; /* IRQL_PASSIVE or IRQL_DISPATCH */
    bool queued;
};

/**
 * Queue a piece of work.
 *
 * @item  the caller's; it stays queued once, however often it is queued before
 *        it runs, and it may queue itself again while it runs
 * @cpu   index of the processor that shall run it, for IRQL_DISPATCH. Items of
 *        IRQL_PASSIVE go to processor 0, whose waits and idle loop run them.
 *
 * IRQL: any. Never fails; a @cpu that does not exist is asserted.
 */
void deferred_queue(struct deferred_item *item, uint32_t cpu);

/**
 * Queue work of IRQL_DISPATCH for the running processor, from a handler of an
 * interrupt: with fewer questions than deferred_queue().
 *
 * @item  as for deferred_queue()
 *
 * IRQL: INTERRUPT, with interrupts off.
 */
void deferred_queue_here(struct deferred_item *item);

/**
 * Run the DISPATCH work of this processor; does nothing at DISPATCH or above.
 *
 * Work that makes more work without end has a budget of items. When it is used
 * up, PASSIVE gets its share: as many turns as items have run, 16 at least, and
 * no more items run on this processor until it has had them or has nothing to
 * do. A turn that computes for longer than 10 ms ends the share; from then on
 * it shares the time with the work, half and half.
 */
void deferred_run(void);

/** For the item that runs: PASSIVE's share of @turns, 1 or more, comes after
 * it, if work is queued then. IRQL: DISPATCH, from inside deferred work. */
void deferred_yield(uint32_t turns);

/** PASSIVE has had one turn: an item has ended, or waits. IRQL: PASSIVE. */
void deferred_turn_ended(void);

/** PASSIVE has nothing to do on this processor: its share ends. IRQL: PASSIVE.
 */
void deferred_end_share(void);

/** How often deferred work has run by now, on any processor: while that stays
 * the same, it has changed nothing. IRQL: any. */
uint64_t deferred_drains(void);

/** PASSIVE's share may have come to its end: for the timer's interrupt. */
void deferred_share_tick(void);

/** When PASSIVE's share of this processor ends even if it has had no turn,
 * monotonic; 0: it has none. IRQL: any. */
uint64_t deferred_share_end(void);

/**
 * Register the clock and the timer's device. Without them there are no shares.
 *
 * @now  the monotonic clock, 100 ns
 * @arm  asks for one interrupt of the timer on the running processor
 */
void deferred_set_alarm(uint64_t (*now)(void), void (*arm)(uint64_t due));

/**
 * Run one PASSIVE item.
 *
 * @return  true: one ran; false: there was none
 *
 * IRQL: PASSIVE, processor 0 (asserted).
 */
bool deferred_run_passive(void);

/** Is there PASSIVE work? IRQL: any. */
bool deferred_passive_waiting(void);

/**
 * Say that processor 0 is about to sleep (true) or goes on (false). In between,
 * deferred work of another processor wakes it: what it waits for may have come
 * true there. By processor 0, before its last look at what it waits for.
 */
void deferred_sleep(bool begins);

#endif
