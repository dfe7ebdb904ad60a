/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The threaded seam: the platform of vmbus/ and kmcl/ with one real thread for
 * each processor, so that ThreadSanitizer and AddressSanitizer see what two
 * processors do to the same memory.
 *
 * - Thread 0 is processor 0 and runs the caller, PASSIVE work while somebody
 *   waits, and its own deferred work wherever the level falls to PASSIVE. The
 *   other threads run the deferred work and the timers of their processors.
 * - The platform orders two threads only where the machine does: from the
 *   queuing of an item to its run, and by the locks of the seam. Everything
 *   else would hide a race from ThreadSanitizer.
 * - Time is the machine's. What a round left allocated fails it.
 */
#ifndef TESTS_THREADS_PLATFORM_H
#define TESTS_THREADS_PLATFORM_H

#include <pthread.h>

#include "vmbus/seam.h"

#define THREADS_MAX    4u
#define THREADS_FRAMES 16384u /* 64 MiB, sparse */

struct loopback;

struct seam {
    struct loopback *loopback; /* where messages and signals go */
    uint32_t cpus;
};

/* Starts `cpus` (2..4) processors; the calling thread becomes processor 0. */
struct seam *threads_create(uint32_t cpus, uint32_t seed);

/* Runs what is queued and ends the threads; false: blocks, pages or mappings
 * are left. */
bool threads_destroy(struct seam *s);

/* Lets `microseconds` go by at PASSIVE on processor 0. */
void threads_sleep(struct seam *s, uint32_t microseconds);

/* The processor of the calling thread. */
uint32_t threads_self(void);

/* What the other processors do at PASSIVE when they have no deferred work;
 * true: something. NULL: nothing. Set before threads_create(). */
extern bool (*threads_parked)(void);

/* A number below `limit`, from the calling thread's own row. */
uint32_t threads_random(uint32_t limit);

/* ---- memory.c */

void threads_memory_create(void);
bool threads_memory_is_empty(void);
void threads_memory_destroy(void);

/* A lock of the platform's own, below the seam's. */
void threads_take(uint32_t *lock);
void threads_give(uint32_t *lock);

#endif
