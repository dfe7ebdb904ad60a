/*
 * Deferred work: what interrupt handlers and other processors want done.
 *
 * It runs on return from an interrupt whenever the interrupted level is below
 * DISPATCH, and when the level falls below it: at DISPATCH, with interrupts
 * on, on a stack and a newlib state of its own. So an application that
 * computes for a minute still answers.
 */
#ifndef ARCH_DEFERRED_H
#define ARCH_DEFERRED_H

#include <stdbool.h>
#include <stdint.h>

/* Storage is the caller's; zero before the first use. */
struct deferred_item {
    struct deferred_item *next;
    void (*run)(void *arg);
    void *arg;
    uint8_t level; /* IRQL_PASSIVE or IRQL_DISPATCH */
    bool queued;
};

/*
 * Queues `item` on processor `cpu`; one that is queued already stays queued
 * once, and may queue itself again while it runs. IRQL_PASSIVE items go to
 * processor 0, whose waits and idle loop run them. Any level; never fails.
 */
void deferred_queue(struct deferred_item *item, uint32_t cpu);

/* Runs it; does nothing at DISPATCH or above. */
void deferred_run(void);

/* Runs one PASSIVE item, if there is one: true. PASSIVE only. */
bool deferred_run_passive(void);
bool deferred_passive_waiting(void);

void deferred_sleep(bool begins);

#endif
