/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers: objects that become signalled at a time, and queue a DPC then. [W]
 */
#ifndef WDK_TIMER_H
#define WDK_TIMER_H

#include "wdk/dispatcher.h"
#include "wdk/dpc.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { NotificationTimer, SynchronizationTimer } TIMER_TYPE;

typedef struct _KTIMER {
    DISPATCHER_HEADER Header;
    LIST_ENTRY TimerListEntry; /* in the order of DueTime */
    ULONGLONG DueTime;         /* of seam_now() */
    ULONGLONG Period;          /* 100 ns units; 0: once */
    PKDPC Dpc;
    BOOLEAN Inserted; /* under the companion's lock */
} KTIMER, *PKTIMER;

/**
 * Prepares a timer, which is the driver's memory. Any IRQL.
 *
 * @Type  NotificationTimer stays signalled until it is set again;
 *        SynchronizationTimer lets one wait through
 */
VOID KeInitializeTimerEx(_Out_ PKTIMER Timer, _In_ TIMER_TYPE Type);

/* A NotificationTimer. Any IRQL. */
VOID KeInitializeTimer(_Out_ PKTIMER Timer);

/**
 * Sets a timer, which makes it not signalled. One that is set is set anew.
 * <= DISPATCH.
 *
 * @DueTime  negative: relative, in units of 100 ns; positive: a date
 * @Period   milliseconds between its further ends; 0: there are none
 * @Dpc      queued at each end; may be NULL
 * @return   TRUE: it was set already
 */
BOOLEAN KeSetTimerEx(_Inout_ PKTIMER Timer, _In_ LARGE_INTEGER DueTime,
                     _In_ LONG Period, _In_opt_ PKDPC Dpc);
#define KeSetTimer(Timer, DueTime, Dpc) \
    KeSetTimerEx((Timer), (DueTime), 0, (Dpc))
#define KeSetCoalescableTimer(Timer, DueTime, Period, Tolerance, Dpc) \
    ((void)(Tolerance), KeSetTimerEx((Timer), (DueTime), (Period), (Dpc)))

/**
 * Stops a timer. Its memory may be freed afterwards, but its DPC may still be
 * queued or running: KeRemoveQueueDpc, KeFlushQueuedDpcs. <= DISPATCH.
 *
 * @return  TRUE: it was set
 */
BOOLEAN KeCancelTimer(_Inout_ PKTIMER Timer);

/**
 * Whether the timer is signalled. Any IRQL.
 *
 * @return  FALSE: it is not
 */
BOOLEAN KeReadStateTimer(_In_ PKTIMER Timer);

#ifdef __cplusplus
}
#endif

#endif
