/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the objects share: one lock for all of them, the kinds, and how an
 * object becomes signalled. The lock is held for some instructions only; no
 * function of a driver is called under it.
 *
 * Whoever signals an object need not know who waits: each wait looks at its
 * objects again whenever something has happened (seam_wait).
 */
#ifndef WDK_OBJECTS_OBJECTS_H
#define WDK_OBJECTS_OBJECTS_H

#include <stdbool.h>

#include "vmbus/seam.h"
#include "wdk/dispatcher.h"
#include "wdk/dpc.h"
#include "wdk/platform.h"

/* The first byte of each object; 0 is one that was not initialized. */
enum wdk_object {
    WDK_EVENT_NOTIFICATION = 1,
    WDK_EVENT_SYNCHRONIZATION,
    WDK_SEMAPHORE,
    WDK_MUTEX,
    WDK_TIMER_NOTIFICATION,
    WDK_TIMER_SYNCHRONIZATION,
};

/* Takes the lock of all objects; the level to give back. <= DISPATCH. */
uint8_t wdk_lock(void);
/* Gives the lock back, and the level. DISPATCH. */
void wdk_unlock(uint8_t irql);

/* Queues a KDPC under the lock; true: it was not queued before. */
bool wdk_dpc_queue(PKDPC dpc, PVOID argument1, PVOID argument2);

/**
 * When a time-out or a due time ends. Any level.
 *
 * @time    negative: relative, in units of 100 ns; else a date
 * @return  a time of seam_now()
 */
uint64_t wdk_deadline(int64_t time);

#endif
