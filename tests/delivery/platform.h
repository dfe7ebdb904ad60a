/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seam for the explored processors. Three processes are a machine of two
 * processors; a fourth is the other side of the channel:
 *
 *   PEER       writes packets and signals
 *   DISPATCH1  deferred work and timers of processor 1, which has the channel
 *   PASSIVE0   the application and PASSIVE work, on processor 0
 *   DISPATCH0  deferred work of processor 0: comes between any two steps of
 *              PASSIVE0 that hold no lock, and runs to its end before that
 *              goes on
 *   OTHER      where a test has one, at DISPATCH on a third processor
 *
 * A lock's taking and giving back are steps, and so is each access to a pump's
 * word: there the other processor may come in between.
 */
#ifndef TESTS_DELIVERY_PLATFORM_H
#define TESTS_DELIVERY_PLATFORM_H

#include "model.h"
#include "vmbus/seam.h"

enum { PEER, DISPATCH1, PASSIVE0, DISPATCH0, OTHER };

/* Sets up the processors in the arena: the first thing that a test prepares.
 * Timers go off whenever the explorer likes, `timers` of them in all. */
void platform_prepare(uint32_t timers);

/* The lives of DISPATCH1, DISPATCH0, and of PASSIVE0 after the application. */
void platform_dispatch(void);
void platform_passive(void);

/* Runs one PASSIVE item, if there is one: true. */
bool platform_run_passive(void);

/* For model_test.may_run. */
bool platform_may_run(uint32_t process);

/* No work is queued, and no timer is set that may go off. */
bool platform_is_idle(void);

#endif
