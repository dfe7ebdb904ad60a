/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events, semaphores, and waiting for them, for mutexes and for timers.
 *
 * A wait is for PASSIVE code: DriverEntry, state-change callbacks, packet
 * callbacks at PASSIVE, work items. Each callback and work item that waits has
 * a stack of its own, and everything else goes on meanwhile. Time-outs are as
 * on Windows: NULL waits for ever, 0 does not wait, negative is relative in
 * units of 100 ns, positive is a date. [W]
 */
#ifndef WDK_DISPATCHER_H
#define WDK_DISPATCHER_H

#include "wdk/list.h"
#include "wdk/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { NotificationEvent, SynchronizationEvent } EVENT_TYPE;
typedef enum { WaitAll, WaitAny } WAIT_TYPE;
typedef enum {
    Executive,
    FreePage,
    PageIn,
    PoolAllocation,
    DelayExecution,
    Suspended,
    UserRequest
} KWAIT_REASON;

/* What every object that can be waited for begins with. */
typedef struct _DISPATCHER_HEADER {
    UCHAR Type;       /* enum wdk_object, private */
    LONG SignalState; /* above 0: a wait succeeds */
} DISPATCHER_HEADER;

typedef struct _KEVENT {
    DISPATCHER_HEADER Header;
} KEVENT, *PKEVENT, *PRKEVENT;

typedef struct _KSEMAPHORE {
    DISPATCHER_HEADER Header;
    LONG Limit;
} KSEMAPHORE, *PKSEMAPHORE, *PRKSEMAPHORE;

/* Not used; the caller may pass NULL or room, as on Windows. */
typedef struct _KWAIT_BLOCK {
    PVOID Unused;
} KWAIT_BLOCK, *PKWAIT_BLOCK;

#define THREAD_WAIT_OBJECTS  3
#define MAXIMUM_WAIT_OBJECTS 64
#define IO_NO_INCREMENT      0
#define EVENT_INCREMENT      1

/**
 * Prepares an event, which is the driver's memory. Any IRQL.
 *
 * @Type   NotificationEvent stays signalled until it is reset;
 *         SynchronizationEvent lets one wait through and resets itself
 * @State  TRUE: signalled
 */
VOID KeInitializeEvent(_Out_ PRKEVENT Event, _In_ EVENT_TYPE Type,
                       _In_ BOOLEAN State);

/**
 * Signals the event. <= DISPATCH.
 *
 * @Increment  without effect here
 * @Wait       must be FALSE
 * @return     its state before: 0 was not signalled
 */
LONG KeSetEvent(_Inout_ PRKEVENT Event, _In_ KPRIORITY Increment,
                _In_ BOOLEAN Wait);

/**
 * Makes the event not signalled. <= DISPATCH.
 *
 * @return  its state before
 */
LONG KeResetEvent(_Inout_ PRKEVENT Event);

/* The same without a result. <= DISPATCH. */
VOID KeClearEvent(_Inout_ PRKEVENT Event);

/**
 * Whether the event is signalled. Any IRQL.
 *
 * @return  0: it is not
 */
LONG KeReadStateEvent(_In_ PRKEVENT Event);

/**
 * Prepares a semaphore. Any IRQL.
 *
 * @Count  how many waits succeed before one has to wait, 0 to Limit
 * @Limit  the most that Count may become
 */
VOID KeInitializeSemaphore(_Out_ PRKSEMAPHORE Semaphore, _In_ LONG Count,
                           _In_ LONG Limit);

/**
 * Lets more waits through. <= DISPATCH. More than the limit asserts.
 *
 * @Increment   without effect here
 * @Adjustment  how many more, above 0
 * @Wait        must be FALSE
 * @return      the count before
 */
LONG KeReleaseSemaphore(_Inout_ PRKSEMAPHORE Semaphore,
                        _In_ KPRIORITY Increment, _In_ LONG Adjustment,
                        _In_ BOOLEAN Wait);

/**
 * How many waits would succeed. Any IRQL.
 *
 * @return  the count at some moment of the call
 */
LONG KeReadStateSemaphore(_In_ PRKSEMAPHORE Semaphore);

/**
 * Waits for one object: a KEVENT, KSEMAPHORE, KMUTEX or KTIMER.
 *
 * @WaitReason  without effect, as WaitMode and Alertable: nobody interrupts a
 *              wait here
 * @Timeout     see the head of this file
 * @return      STATUS_SUCCESS; STATUS_TIMEOUT
 *
 * IRQL: PASSIVE; with a time-out of 0 <= DISPATCH.
 */
NTSTATUS KeWaitForSingleObject(_In_ PVOID Object, _In_ KWAIT_REASON WaitReason,
                               _In_ KPROCESSOR_MODE WaitMode,
                               _In_ BOOLEAN Alertable,
                               _In_opt_ PLARGE_INTEGER Timeout);
#define KeWaitForMutexObject KeWaitForSingleObject

/**
 * Waits for one or all of several objects.
 *
 * @Count          how many, 1 to MAXIMUM_WAIT_OBJECTS
 * @Object         the objects, which must not change during the call
 * @WaitType       WaitAny ends with the first, in the order of the array;
 *                 WaitAll takes all at once, or none
 * @WaitReason     without effect, as WaitMode, Alertable and WaitBlockArray
 * @Timeout        see the head of this file
 * @return         STATUS_WAIT_0 + the index of the object that ended a WaitAny;
 *                 STATUS_WAIT_0 for WaitAll; STATUS_TIMEOUT
 *
 * IRQL: as KeWaitForSingleObject.
 */
NTSTATUS
KeWaitForMultipleObjects(_In_ ULONG Count, _In_reads_(Count) PVOID Object[],
                         _In_ WAIT_TYPE WaitType, _In_ KWAIT_REASON WaitReason,
                         _In_ KPROCESSOR_MODE WaitMode, _In_ BOOLEAN Alertable,
                         _In_opt_ PLARGE_INTEGER Timeout,
                         _Out_opt_ PKWAIT_BLOCK WaitBlockArray);

/**
 * Lets time pass. PASSIVE.
 *
 * @WaitMode   without effect, as Alertable
 * @Interval   as a time-out; 0 returns at once
 * @return     STATUS_SUCCESS
 */
NTSTATUS KeDelayExecutionThread(_In_ KPROCESSOR_MODE WaitMode,
                                _In_ BOOLEAN Alertable,
                                _In_ PLARGE_INTEGER Interval);

#ifdef __cplusplus
}
#endif

#endif
