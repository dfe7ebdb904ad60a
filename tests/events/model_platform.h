/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two processors for the model of events, explored in every interleaving
 * (tests/delivery/explore.c). Processor 0 has two programs at PASSIVE and one
 * that runs PASSIVE work: they take turns, and only in a wait. Processor 1 is
 * parked. Each has deferred work, which interrupts what is below DISPATCH.
 *
 * A wait looks again only when something has happened, as the guest's does: an
 * interrupt of processor 0, the end of deferred work anywhere, a turn of other
 * PASSIVE code. A change that tells nobody lets it stand still for ever.
 */
#ifndef TESTS_EVENTS_MODEL_PLATFORM_H
#define TESTS_EVENTS_MODEL_PLATFORM_H

#include "app/system/events/platform.h"
#include "tests/delivery/model.h"

enum { MAIN, OTHER, STRAND, DISPATCH0, DISPATCH1, PARKED1 };

/* Before each exploration. The alarm goes off so many times at most, at any
 * moment after it was set. */
void platform_prepare(uint32_t alarms);

/* Whether the level of its processor lets a process go on. */
bool platform_may_run(uint32_t process);

/* All that is queued has run; the alarm is not set, or may not go off. */
bool platform_is_idle(void);

/* Runs a program at PASSIVE on processor 0, in its turn. */
void platform_program(void (*run)(void));

/* For STRAND, for DISPATCH0 and DISPATCH1, and for PARKED1: they never end. */
void platform_passive(void);
void platform_dispatch(void);
void platform_parked(void);

#endif
