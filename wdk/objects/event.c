/* SPDX-License-Identifier: BSD-2-Clause */
/* Events and semaphores: their states, which wait.c looks at. */
#include "wdk/dispatcher.h"

#include "wdk/objects/objects.h"

#define RULE_WAIT "Wait must be FALSE: setting and waiting are two calls here"

/* Sets the state under the lock; what it was. */
static LONG exchange(DISPATCHER_HEADER *header, LONG state)
{
    uint8_t irql = wdk_lock();
    LONG before = header->SignalState;

    header->SignalState = state;
    wdk_unlock(irql);
    return before;
}

/* Without the lock: the answer may be old at once in any case. */
static LONG read(const DISPATCHER_HEADER *header)
{
    return __atomic_load_n(&header->SignalState, __ATOMIC_ACQUIRE);
}

/* The type decides in wait.c what a wait does to the event. */
VOID KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State)
{
    Event->Header = (DISPATCHER_HEADER){
        .Type = Type == NotificationEvent ? WDK_EVENT_NOTIFICATION
                                          : WDK_EVENT_SYNCHRONIZATION,
        .SignalState = State != FALSE,
    };
}

/* Any state above 0 is signalled; setting twice lets no second wait through. */
LONG KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
    (void)Increment;
    SEAM_ASSERT(wdk_seam(), !Wait, RULE_WAIT);
    return exchange(&Event->Header, 1);
}

/* The state before tells the caller whether it took a signal away. */
LONG KeResetEvent(PRKEVENT Event)
{
    return exchange(&Event->Header, 0);
}

VOID KeClearEvent(PRKEVENT Event)
{
    (void)exchange(&Event->Header, 0);
}

LONG KeReadStateEvent(PRKEVENT Event)
{
    return read(&Event->Header);
}

/* A limit below the count could never be kept. */
VOID KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit)
{
    SEAM_ASSERT(wdk_seam(), Count >= 0 && Limit > 0 && Count <= Limit,
                "Count must be 0 to Limit, and Limit above 0");
    Semaphore->Header = (DISPATCHER_HEADER){
        .Type = WDK_SEMAPHORE,
        .SignalState = Count,
    };
    Semaphore->Limit = Limit;
}

/* The assertion comes behind the lock: its report may run other code. */
LONG KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment,
                        LONG Adjustment, BOOLEAN Wait)
{
    uint8_t irql;
    LONG before;
    bool fits;

    (void)Increment;
    SEAM_ASSERT(wdk_seam(), !Wait, RULE_WAIT);
    irql = wdk_lock();
    before = Semaphore->Header.SignalState;
    fits = Adjustment > 0 && Adjustment <= Semaphore->Limit - before;
    if (fits)
        Semaphore->Header.SignalState = before + Adjustment;
    wdk_unlock(irql);
    SEAM_ASSERT(wdk_seam(), fits,
                "a semaphore is released more often than its limit allows");
    return before;
}

LONG KeReadStateSemaphore(PRKSEMAPHORE Semaphore)
{
    return read(&Semaphore->Header);
}
