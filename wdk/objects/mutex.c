/* SPDX-License-Identifier: BSD-2-Clause */
/* Mutexes. Their waits are in wait.c; a holder is known by its stack. */
#include "wdk/mutex.h"

#include "wdk/objects/objects.h"

/* Windows orders mutexes by Level no more; neither is it looked at here. */
VOID KeInitializeMutex(PRKMUTEX Mutex, ULONG Level)
{
    (void)Level;
    *Mutex = (KMUTEX){.Header = {.Type = WDK_MUTEX, .SignalState = 1}};
}

/* A holder that took it several times gives it back as often; the stack that
 * holds it is forgotten with the last one. */
LONG KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait)
{
    uint8_t irql;
    LONG before;

    SEAM_ASSERT(wdk_seam(), !Wait,
                "Wait must be FALSE: releasing and waiting are two calls here");
    SEAM_ASSERT(wdk_seam(),
                Mutex->Owner && Mutex->Owner == seam_strand(wdk_seam()),
                "only its holder releases a mutex");
    irql = wdk_lock();
    before = Mutex->Header.SignalState++;
    if (Mutex->Header.SignalState == 1)
        Mutex->Owner = 0;
    wdk_unlock(irql);
    return before;
}

/* An event that lets one wait through is free as long as it is signalled. */
VOID ExInitializeFastMutex(PFAST_MUTEX FastMutex)
{
    KeInitializeEvent(&FastMutex->Free, SynchronizationEvent, TRUE);
    FastMutex->Owner = 0;
}

/* A second call of the holder would wait for itself, for ever. */
VOID ExAcquireFastMutex(PFAST_MUTEX FastMutex)
{
    uintptr_t strand = seam_strand(wdk_seam());

    SEAM_ASSERT(wdk_seam(), FastMutex->Owner != strand,
                "a fast mutex is taken twice: it is not recursive");
    (void)KeWaitForSingleObject(&FastMutex->Free, Executive, KernelMode, FALSE,
                                NULL);
    FastMutex->Owner = strand;
}

/* A wait without time takes the event or leaves it. */
BOOLEAN ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex)
{
    LARGE_INTEGER at_once = {.QuadPart = 0};

    if (KeWaitForSingleObject(&FastMutex->Free, Executive, KernelMode, FALSE,
                              &at_once) != STATUS_SUCCESS)
        return FALSE;
    FastMutex->Owner = seam_strand(wdk_seam());
    return TRUE;
}

/* The holder is forgotten before the event lets the next one through. */
VOID ExReleaseFastMutex(PFAST_MUTEX FastMutex)
{
    SEAM_ASSERT(wdk_seam(), FastMutex->Owner == seam_strand(wdk_seam()),
                "only its holder releases a fast mutex");
    FastMutex->Owner = 0;
    (void)KeSetEvent(&FastMutex->Free, IO_NO_INCREMENT, FALSE);
}
