/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deferred procedure calls: functions that run soon, at DISPATCH, on a
 * processor of choice. [W]
 */
#ifndef WDK_DPC_H
#define WDK_DPC_H

#include "wdk/list.h"

#ifdef __cplusplus
extern "C" {
#endif

struct _KDPC;

/* DISPATCH. From here on the KDPC may be queued again, or freed. */
typedef VOID KDEFERRED_ROUTINE(_In_ struct _KDPC *Dpc,
                               _In_opt_ PVOID DeferredContext,
                               _In_opt_ PVOID SystemArgument1,
                               _In_opt_ PVOID SystemArgument2);
typedef KDEFERRED_ROUTINE *PKDEFERRED_ROUTINE;

typedef struct _KDPC {
    LIST_ENTRY DpcListEntry;
    PKDEFERRED_ROUTINE DeferredRoutine;
    PVOID DeferredContext;
    PVOID SystemArgument1;
    PVOID SystemArgument2;
    ULONG Number;   /* 0: the caller's processor; else the processor + 1 */
    BOOLEAN Queued; /* under the companion's lock */
} KDPC, *PKDPC;

typedef enum {
    LowImportance,
    MediumImportance,
    HighImportance
} KDPC_IMPORTANCE;

/**
 * Prepares a KDPC, which is the driver's memory. PASSIVE.
 *
 * @DeferredRoutine  what is to run
 */
VOID KeInitializeDpc(_Out_ PKDPC Dpc, _In_ PKDEFERRED_ROUTINE DeferredRoutine,
                     _In_opt_ PVOID DeferredContext);
#define KeInitializeThreadedDpc(Dpc, Routine, Context) \
    KeInitializeDpc((Dpc), (Routine), (Context))

/**
 * Queues a KDPC. Any IRQL up to DISPATCH.
 *
 * @SystemArgument1  handed to the routine, as the next
 * @return           FALSE: it is queued already; nothing changes
 */
BOOLEAN KeInsertQueueDpc(_Inout_ PKDPC Dpc, _In_opt_ PVOID SystemArgument1,
                         _In_opt_ PVOID SystemArgument2);

/**
 * Takes a KDPC out of the queue. <= DISPATCH.
 *
 * @return  TRUE: it was queued and does not run. FALSE: it was not; its routine
 *          may be running
 */
BOOLEAN KeRemoveQueueDpc(_Inout_ PKDPC Dpc);

/* Waits until the routines of all KDPCs that are queued have run. PASSIVE. */
VOID KeFlushQueuedDpcs(VOID);

/* The processor that the routine runs on, counted from 0. <= DISPATCH. */
VOID KeSetTargetProcessorDpc(_Inout_ PKDPC Dpc, _In_ CCHAR Number);
#define KeSetImportanceDpc(Dpc, Importance) ((void)(Dpc), (void)(Importance))

#ifdef __cplusplus
}
#endif

#endif
