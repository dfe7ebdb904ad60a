/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hosted seam with several processors that preempt each other at random.
 *
 * Each processor's deferred work, main, and every PASSIVE work item stand on
 * stacks of their own. At each lock's taking and giving back, and at each
 * access to a pump's word, any other may go on, chosen by the seed. Within a
 * processor the levels hold: deferred work of processor 0 keeps PASSIVE out,
 * and waits while PASSIVE holds a lock. PASSIVE is not preempted by PASSIVE.
 *
 * Time is virtual: it moves to the next timer only when nothing can go on.
 * Memory is that of tests/peer.
 */
#ifndef TESTS_LIVENESS_PLATFORM_H
#define TESTS_LIVENESS_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/peer/hosted.h"

#define PLATFORM_CPUS 3u

/* Runs `main` at PASSIVE on processor 0, with everything that it causes. NULL:
 * it has returned; else why nothing could go on any more. */
const char *platform_run(uint32_t seed, void (*main)(struct seam *s));

/* A number below `limit`, by the seed. */
uint32_t platform_random(uint32_t limit);

/* Another processor may go on here. */
void platform_preempt(void);

#endif
