/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deferred procedure calls: one queue for each processor, which a work item of
 * the platform empties.
 *
 * The platform never holds a pointer to a driver's KDPC. So a driver may free
 * one as soon as it is out of the queue, which a work item inside of it would
 * not allow.
 */
#include "wdk/dpc.h"

#include "wdk/objects/objects.h"
#include "wdk/processor.h"

/* As many as the guest has processors at most. */
#define PROCESSORS 256u

struct queue {
    LIST_ENTRY waiting; /* Flink is NULL until the first use */
    struct seam_work work;
    uint32_t running; /* routines that have begun and not ended */
};

static struct queue queues[PROCESSORS];

/* ---- under the lock ------------------------------------------------------ */

/* From here on the driver may queue the KDPC again. */
static PKDPC take(struct queue *q)
{
    PKDPC dpc;

    if (IsListEmpty(&q->waiting))
        return NULL;
    dpc = CONTAINING_RECORD(RemoveHeadList(&q->waiting), KDPC, DpcListEntry);
    dpc->Queued = FALSE;
    return dpc;
}

/* The work item of the platform, on the queue's processor at DISPATCH. What the
 * routine needs is copied, because the driver may free the KDPC in it. */
static void drain(void *arg)
{
    struct queue *q = arg;
    uint8_t irql = wdk_lock();
    PKDPC dpc;

    while ((dpc = take(q)) != NULL) {
        KDPC call = *dpc;

        q->running++;
        wdk_unlock(irql);
        call.DeferredRoutine(dpc, call.DeferredContext, call.SystemArgument1,
                             call.SystemArgument2);
        irql = wdk_lock();
        q->running--;
    }
    wdk_unlock(irql);
}

/* Set up at its first use, so that nothing must be called at the start. */
static struct queue *queue_of(uint32_t processor)
{
    struct queue *q = &queues[processor];

    if (!q->waiting.Flink) {
        InitializeListHead(&q->waiting);
        q->work =
            (struct seam_work){.run = drain, .arg = q, .level = SEAM_DISPATCH};
    }
    return q;
}

bool wdk_dpc_queue(PKDPC dpc, PVOID argument1, PVOID argument2)
{
    uint32_t processor = dpc->Number ? dpc->Number - 1 : wdk_processor();
    struct queue *q = queue_of(processor);

    if (dpc->Queued)
        return false;
    dpc->Queued = TRUE;
    dpc->SystemArgument1 = argument1;
    dpc->SystemArgument2 = argument2;
    InsertTailList(&q->waiting, &dpc->DpcListEntry);
    /* The caller holds the lock, so the queue is not emptied inside this. */
    seam_work_queue(wdk_seam(), &q->work, processor);
    return true;
}

/* ---- for drivers --------------------------------------------------------- */

/* Number 0 means the processor of whoever queues it. */
VOID KeInitializeDpc(PKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine,
                     PVOID DeferredContext)
{
    *Dpc = (KDPC){
        .DeferredRoutine = DeferredRoutine,
        .DeferredContext = DeferredContext,
    };
}

BOOLEAN KeInsertQueueDpc(PKDPC Dpc, PVOID SystemArgument1,
                         PVOID SystemArgument2)
{
    uint8_t irql = wdk_lock();
    bool queued = wdk_dpc_queue(Dpc, SystemArgument1, SystemArgument2);

    wdk_unlock(irql);
    return queued;
}

/* A routine that has begun is not stopped: KeFlushQueuedDpcs waits for it. */
BOOLEAN KeRemoveQueueDpc(PKDPC Dpc)
{
    uint8_t irql = wdk_lock();
    BOOLEAN queued = Dpc->Queued;

    if (queued) {
        RemoveEntryList(&Dpc->DpcListEntry);
        Dpc->Queued = FALSE;
    }
    wdk_unlock(irql);
    return queued;
}

VOID KeSetTargetProcessorDpc(PKDPC Dpc, CCHAR Number)
{
    SEAM_ASSERT(wdk_seam(), (UCHAR)Number < KeQueryActiveProcessorCountEx(0),
                "there is no such processor");
    Dpc->Number = (UCHAR)Number + 1u;
}

/* A queue that was never used has nothing in it. */
static bool all_have_run(void *arg)
{
    uint8_t irql = wdk_lock();
    bool rest = true;

    (void)arg;
    for (uint32_t i = 0; rest && i < PROCESSORS; i++) {
        const struct queue *q = &queues[i];

        rest = !q->waiting.Flink || (IsListEmpty(&q->waiting) && !q->running);
    }
    wdk_unlock(irql);
    return rest;
}

VOID KeFlushQueuedDpcs(VOID)
{
    (void)seam_wait(wdk_seam(), all_have_run, NULL, SEAM_FOREVER,
                    "KeFlushQueuedDpcs: the routines of DPCs");
}
