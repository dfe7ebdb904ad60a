/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work items of drivers, as PASSIVE work of the platform. The platform does not
 * touch an item once it runs, so its routine may free it or queue it again.
 */
#include "wdk/work.h"

#include "wdk/objects/objects.h"
#include "wdk/pool.h"

struct _IO_WORKITEM {
    struct seam_work work;
    PDEVICE_OBJECT device;
    PIO_WORKITEM_ROUTINE routine;       /* NULL: routine_ex */
    PIO_WORKITEM_ROUTINE_EX routine_ex; /* of IoQueueWorkItemEx */
    PVOID context;
};

#define TAG 0x6b726f57u /* "Work" */

static void run_item(void *arg)
{
    PIO_WORKITEM item = arg;

    if (item->routine)
        item->routine(item->device, item->context);
    else
        item->routine_ex(item->device, item->context, item);
}

/* The device is kept for the routine and not counted: a driver deletes its
 * device last. */
PIO_WORKITEM IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject)
{
    PIO_WORKITEM item =
        ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*item), TAG);

    if (!item)
        return NULL;
    item->device = DeviceObject;
    item->work =
        (struct seam_work){.run = run_item, .arg = item, .level = SEAM_PASSIVE};
    return item;
}

/* One that is queued would be run after it is gone. */
VOID IoFreeWorkItem(PIO_WORKITEM IoWorkItem)
{
    SEAM_ASSERT(wdk_seam(), !seam_work_is_queued(&IoWorkItem->work),
                "the work item is queued: free it in its routine or after it");
    ExFreePoolWithTag(IoWorkItem, TAG);
}

/* The routine is kept in the item, so one that is queued cannot take another.
 */
static void queue(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE routine,
                  PIO_WORKITEM_ROUTINE_EX routine_ex, PVOID context)
{
    SEAM_ASSERT(wdk_seam(), !seam_work_is_queued(&item->work),
                "the work item is queued already: one item, one routine");
    item->routine = routine;
    item->routine_ex = routine_ex;
    item->context = context;
    seam_work_queue(wdk_seam(), &item->work, 0);
}

VOID IoQueueWorkItem(PIO_WORKITEM IoWorkItem,
                     PIO_WORKITEM_ROUTINE WorkerRoutine,
                     WORK_QUEUE_TYPE QueueType, PVOID Context)
{
    (void)QueueType;
    queue(IoWorkItem, WorkerRoutine, NULL, Context);
}

VOID IoQueueWorkItemEx(PIO_WORKITEM IoWorkItem,
                       PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
                       WORK_QUEUE_TYPE QueueType, PVOID Context)
{
    (void)QueueType;
    queue(IoWorkItem, NULL, WorkerRoutine, Context);
}

/* ---- items in the driver's own memory ------------------------------------ */

_Static_assert(sizeof(((PWORK_QUEUE_ITEM)0)->Reserved) ==
                   sizeof(struct seam_work),
               "Reserved is the platform's work item under another name");

static struct seam_work *work_of(PWORK_QUEUE_ITEM item)
{
    return (struct seam_work *)(void *)item->Reserved;
}

/* The routine may free the item, so it is not looked at afterwards. */
static void run_own(void *arg)
{
    PWORK_QUEUE_ITEM item = arg;

    item->WorkerRoutine(item->Parameter);
}

VOID ExInitializeWorkItem(PWORK_QUEUE_ITEM Item, PWORKER_THREAD_ROUTINE Routine,
                          PVOID Context)
{
    *work_of(Item) =
        (struct seam_work){.run = run_own, .arg = Item, .level = SEAM_PASSIVE};
    Item->WorkerRoutine = Routine;
    Item->Parameter = Context;
}

/* Queuing twice is queuing once, by the platform. */
VOID ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType)
{
    (void)QueueType;
    seam_work_queue(wdk_seam(), work_of(WorkItem), 0);
}
