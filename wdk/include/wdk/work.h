/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work items: functions that run soon at PASSIVE, where they may wait. What a
 * thread of the system's pool does on Windows; each that waits has a stack of
 * its own. One that computes on and on holds up all other PASSIVE code. [W]
 */
#ifndef WDK_WORK_H
#define WDK_WORK_H

#include "wdk/driver.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _IO_WORKITEM IO_WORKITEM, *PIO_WORKITEM;

/* PASSIVE. May queue or free its item. */
typedef VOID IO_WORKITEM_ROUTINE(_In_ PDEVICE_OBJECT DeviceObject,
                                 _In_opt_ PVOID Context);
typedef IO_WORKITEM_ROUTINE *PIO_WORKITEM_ROUTINE;
/* The same for IoQueueWorkItemEx. */
typedef VOID IO_WORKITEM_ROUTINE_EX(_In_ PVOID IoObject, _In_opt_ PVOID Context,
                                    _In_ PIO_WORKITEM IoWorkItem);
typedef IO_WORKITEM_ROUTINE_EX *PIO_WORKITEM_ROUTINE_EX;

typedef enum {
    CriticalWorkQueue,
    DelayedWorkQueue,
    HyperCriticalWorkQueue,
} WORK_QUEUE_TYPE;

/**
 * A work item. <= DISPATCH.
 *
 * @DeviceObject  handed to the routine
 * @return        the item, for IoFreeWorkItem; NULL: no memory
 */
PIO_WORKITEM IoAllocateWorkItem(_In_ PDEVICE_OBJECT DeviceObject);

/* Frees an item that is not queued; its own routine may do so. <= DISPATCH. */
VOID IoFreeWorkItem(_In_ PIO_WORKITEM IoWorkItem);

/**
 * Has the routine run soon. An item that is queued already asserts. <=
 * DISPATCH.
 *
 * @WorkerRoutine  what is to run
 * @QueueType      without effect: there is one queue
 * @Context        handed to it
 */
VOID IoQueueWorkItem(_In_ PIO_WORKITEM IoWorkItem,
                     _In_ PIO_WORKITEM_ROUTINE WorkerRoutine,
                     _In_ WORK_QUEUE_TYPE QueueType, _In_opt_ PVOID Context);

/**
 * The same; the routine also gets the item. <= DISPATCH.
 *
 * @WorkerRoutine  what is to run
 * @QueueType      without effect
 * @Context        handed to it
 */
VOID IoQueueWorkItemEx(_In_ PIO_WORKITEM IoWorkItem,
                       _In_ PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
                       _In_ WORK_QUEUE_TYPE QueueType, _In_opt_ PVOID Context);

/* PASSIVE. */
typedef VOID WORKER_THREAD_ROUTINE(_In_ PVOID Parameter);
typedef WORKER_THREAD_ROUTINE *PWORKER_THREAD_ROUTINE;

/* A work item in the driver's own memory. */
typedef struct _WORK_QUEUE_ITEM {
    ULONG_PTR Reserved[4]; /* the platform's */
    PWORKER_THREAD_ROUTINE WorkerRoutine;
    PVOID Parameter;
} WORK_QUEUE_ITEM, *PWORK_QUEUE_ITEM;

/* Prepares an item. Any IRQL. */
VOID ExInitializeWorkItem(_Out_ PWORK_QUEUE_ITEM Item,
                          _In_ PWORKER_THREAD_ROUTINE Routine,
                          _In_opt_ PVOID Context);

/* Has its routine run soon; its memory may be freed by the routine. An item
 * that is queued stays queued once. QueueType is without effect. <= DISPATCH.
 */
VOID ExQueueWorkItem(_Inout_ PWORK_QUEUE_ITEM WorkItem,
                     _In_ WORK_QUEUE_TYPE QueueType);

#ifdef __cplusplus
}
#endif

#endif
