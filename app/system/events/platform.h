/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this folder needs of the platform beside vmbus/seam.h. The guest
 * implements it in app/system/platform/events.c, each test on the build machine
 * by itself. The folder has no writable data of its own, so that a test can put
 * all of it aside.
 */
#ifndef APP_SYSTEM_EVENTS_PLATFORM_H
#define APP_SYSTEM_EVENTS_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbare_events.h"
#include "vmbus/seam.h"

#ifndef EVENTS_PROCESSORS
#define EVENTS_PROCESSORS 256u /* as many as the guest has at most */
#endif

/* Work that has not begun, the oldest first. */
struct events_queue {
    struct vmbare_job *first, *last;
};

/* Everything that is shared, under `lock`. */
struct events_state {
    struct seam_lock lock;
    struct events_queue queues[EVENTS_PROCESSORS];
    struct seam_work passive;    /* runs the queue of processor 0 */
    bool parked;                 /* events_park() was called */
    struct vmbare_timer *timers; /* in the order of their due times */
    struct seam_timer alarm;     /* for the first of them */
    /* The last misuse, and how often it has come in a row. */
    const char *function, *expected;
    uint32_t times;
};

/* ---- the platform implements --------------------------------------------- */

/** Where the shared state is: zero at the start. Any level. */
struct events_state *events_state(void);

/** The context for timers, work, locks and waits. Any level. */
struct seam *events_seam(void);

/** The number of the running processor. Any level. */
uint32_t events_processor(void);

/**
 * Interrupt another processor: one that is parked looks at its queue, and
 * processor 0 looks at what its waits are for. Any level.
 */
void events_wake(uint32_t processor);

/**
 * Let each processor but 0 work before it sleeps. DISPATCH; once.
 *
 * @waits  is there work for the running processor? Called with interrupts off
 * @run    runs one piece of it, at PASSIVE with interrupts on
 */
void events_park(bool (*waits)(void), void (*run)(void));

/** Has COM1 a byte? PASSIVE. */
bool events_key_waiting(void);

/** Has standard input a line, or its end? PASSIVE. */
bool events_line_waiting(void);

#endif
