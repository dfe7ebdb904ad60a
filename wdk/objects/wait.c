/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for objects, over the one function of the platform that waits.
 *
 * The platform asks again and again whether a wait is over, and may ask once
 * more after it was. So the object is taken the first time that it is to be
 * had, and the wait remembers it.
 */
#include "wdk/objects/objects.h"

#include "wdk/mutex.h"

/* One call that waits, in its own frame. */
struct waiting {
    PVOID *objects;
    ULONG count;
    ULONG found; /* the index that ended the wait */
    bool all;
    bool over;
    uintptr_t strand; /* the stack that waits: a mutex's holder */
};

uint64_t wdk_deadline(int64_t time)
{
    /* Negated as unsigned: the lowest value has no positive twin. */
    uint64_t span = 0 - (uint64_t)time;

    /* Read the date first: what passes before the clock is read makes the time
     * longer, and never too short. */
    if (time >= 0) {
        int64_t left = time - wdk_system_time();

        span = left < 0 ? 0 : (uint64_t)left;
    }
    return seam_now(wdk_seam()) + span;
}

/* ---- one object, under the lock ------------------------------------------ */

static bool is_signalled(const DISPATCHER_HEADER *header, uintptr_t strand)
{
    const KMUTEX *mutex = (const KMUTEX *)(const void *)header;

    if (header->Type == WDK_MUTEX && mutex->Owner == strand)
        return true;
    return header->SignalState > 0;
}

/* What a wait does to an object that lets it through. */
static void take(DISPATCHER_HEADER *header, uintptr_t strand)
{
    switch (header->Type) {
    case WDK_EVENT_SYNCHRONIZATION:
    case WDK_TIMER_SYNCHRONIZATION:
        header->SignalState = 0;
        break;
    case WDK_SEMAPHORE:
        header->SignalState--;
        break;
    case WDK_MUTEX:
        header->SignalState--;
        ((KMUTEX *)(void *)header)->Owner = strand;
        break;
    default: /* stays signalled */
        break;
    }
}

/* What a wait may be for; checked before it, without the lock. */
static void check_object(const DISPATCHER_HEADER *header, uintptr_t strand)
{
    SEAM_ASSERT(wdk_seam(),
                header->Type >= WDK_EVENT_NOTIFICATION &&
                    header->Type <= WDK_TIMER_SYNCHRONIZATION,
                "no object that can be waited for: KeInitialize... it first");
    SEAM_ASSERT(wdk_seam(), header->Type != WDK_MUTEX || strand,
                "a mutex is taken at PASSIVE_LEVEL: use a spin lock");
}

/* ---- the wait ------------------------------------------------------------ */

/* The order of the array decides between several that are signalled. */
static bool any(struct waiting *w)
{
    for (ULONG i = 0; i < w->count; i++) {
        if (is_signalled(w->objects[i], w->strand)) {
            take(w->objects[i], w->strand);
            w->found = i;
            return true;
        }
    }
    return false;
}

/* All at once: one that is missing leaves the others as they are. */
static bool all(struct waiting *w)
{
    for (ULONG i = 0; i < w->count; i++) {
        if (!is_signalled(w->objects[i], w->strand))
            return false;
    }
    for (ULONG i = 0; i < w->count; i++)
        take(w->objects[i], w->strand);
    return true;
}

/* Asked by the platform, at PASSIVE, on whichever stack runs its loop. */
static bool is_over(void *arg)
{
    struct waiting *w = arg;
    uint8_t irql;

    if (w->over)
        return true;
    irql = wdk_lock();
    w->over = w->all ? all(w) : any(w);
    wdk_unlock(irql);
    return w->over;
}

NTSTATUS KeWaitForMultipleObjects(ULONG Count, PVOID Object[],
                                  WAIT_TYPE WaitType, KWAIT_REASON WaitReason,
                                  KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                  PLARGE_INTEGER Timeout,
                                  PKWAIT_BLOCK WaitBlockArray)
{
    struct seam *s = wdk_seam();
    bool at_once = Timeout && Timeout->QuadPart == 0;
    struct waiting w = {
        .objects = Object,
        .count = Count,
        .all = WaitType == WaitAll,
    };
    uint64_t deadline = SEAM_FOREVER;

    (void)WaitReason, (void)WaitMode, (void)Alertable, (void)WaitBlockArray;
    SEAM_ASSERT(s, Count && Count <= MAXIMUM_WAIT_OBJECTS,
                "Count must be 1 to MAXIMUM_WAIT_OBJECTS");
    /* Nobody holds a mutex at DISPATCH, where no stack has a name. */
    if (seam_irql(s) == SEAM_PASSIVE)
        w.strand = seam_strand(s);
    for (ULONG i = 0; i < Count; i++)
        check_object(Object[i], w.strand);
    if (at_once)
        return is_over(&w) ? (NTSTATUS)w.found : STATUS_TIMEOUT;
    SEAM_ASSERT(s, seam_irql(s) == SEAM_PASSIVE,
                "waiting is for PASSIVE_LEVEL: from a DPC or a packet callback "
                "queue a work item, or wait with a time-out of 0");
    if (Timeout)
        deadline = wdk_deadline(Timeout->QuadPart);
    if (seam_wait(s, is_over, &w, deadline, "an object of a driver"))
        return STATUS_TIMEOUT;
    return (NTSTATUS)w.found;
}

/* One object is an array of one. */
NTSTATUS KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason,
                               KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                               PLARGE_INTEGER Timeout)
{
    return KeWaitForMultipleObjects(1, &Object, WaitAny, WaitReason, WaitMode,
                                    Alertable, Timeout, NULL);
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

/* Zero gives other code no turn: nothing is due to be waited for. */
NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                PLARGE_INTEGER Interval)
{
    struct seam *s = wdk_seam();

    (void)WaitMode, (void)Alertable;
    SEAM_ASSERT(s, seam_irql(s) == SEAM_PASSIVE,
                "only at PASSIVE_LEVEL: set a KTIMER instead");
    if (Interval->QuadPart)
        (void)seam_wait(s, never, NULL, wdk_deadline(Interval->QuadPart),
                        "KeDelayExecutionThread: time to pass");
    return STATUS_SUCCESS;
}
