/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutexes for PASSIVE code: one holder at a time, others wait. PASSIVE code
 * changes only where it waits, so a section without a wait needs none. [W]
 */
#ifndef WDK_MUTEX_H
#define WDK_MUTEX_H

#include "wdk/dispatcher.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Taken by a wait; its holder may take it again. */
typedef struct _KMUTANT {
    DISPATCHER_HEADER Header; /* SignalState 1: free; 0, -1 ...: held */
    ULONG_PTR Owner;          /* the stack that holds it */
} KMUTEX, *PKMUTEX, *PRKMUTEX;

/* Not recursive. */
typedef struct _FAST_MUTEX {
    KEVENT Free;
    ULONG_PTR Owner;
} FAST_MUTEX, *PFAST_MUTEX;

/* Makes the mutex free. Level is without effect. Any IRQL. */
VOID KeInitializeMutex(_Out_ PRKMUTEX Mutex, _In_ ULONG Level);

/**
 * Gives the mutex back once. PASSIVE. Somebody else's asserts.
 *
 * @Wait    must be FALSE
 * @return  its state before: 0, it is free now; below 0, it is still held
 */
LONG KeReleaseMutex(_Inout_ PRKMUTEX Mutex, _In_ BOOLEAN Wait);

/* Makes the mutex free. Any IRQL. */
VOID ExInitializeFastMutex(_Out_ PFAST_MUTEX FastMutex);
/* Waits until the mutex is free, and takes it. PASSIVE, not recursive. */
VOID ExAcquireFastMutex(_Inout_ PFAST_MUTEX FastMutex);
/* Takes the mutex if it is free: TRUE. PASSIVE. */
BOOLEAN ExTryToAcquireFastMutex(_Inout_ PFAST_MUTEX FastMutex);
/* Gives the mutex back. PASSIVE. */
VOID ExReleaseFastMutex(_Inout_ PFAST_MUTEX FastMutex);

#define KeEnterCriticalRegion() ((void)0)
#define KeLeaveCriticalRegion() ((void)0)

#ifdef __cplusplus
}
#endif

#endif
