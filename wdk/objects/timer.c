/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers of drivers: one list in the order of their due times, and one timer of
 * the platform for the first of them.
 *
 * As with DPCs the platform holds no pointer into a driver's memory, so a
 * KTIMER may be freed when KeCancelTimer has returned.
 */
#include "wdk/timer.h"

#include "wdk/objects/objects.h"

#define UNITS_PER_MS 10000u

static LIST_ENTRY timers = {&timers, &timers};
static struct seam_timer alarm;

/* ---- under the lock ------------------------------------------------------ */

/* The list is in the order of time; NULL: it is empty. */
static PKTIMER first(void)
{
    return IsListEmpty(&timers)
               ? NULL
               : CONTAINING_RECORD(timers.Flink, KTIMER, TimerListEntry);
}

static void end_timers(void *arg);

/* One alarm of the platform serves all timers: it is set for the first of them.
 */
static void set_alarm(void)
{
    PKTIMER next = first();

    alarm.run = end_timers;
    if (next)
        seam_timer_set(wdk_seam(), &alarm, next->DueTime);
}

/* Behind those of the same time, so that they end in the order of setting. */
static void insert(PKTIMER timer)
{
    PLIST_ENTRY before = timers.Blink;

    while (before != &timers &&
           CONTAINING_RECORD(before, KTIMER, TimerListEntry)->DueTime >
               timer->DueTime)
        before = before->Blink;
    WdkLinkBehind(before, &timer->TimerListEntry);
    timer->Inserted = TRUE;
}

/* False: the timer was not set, or its time has come. */
static bool take_out(PKTIMER timer)
{
    if (!timer->Inserted)
        return false;
    RemoveEntryList(&timer->TimerListEntry);
    timer->Inserted = FALSE;
    return true;
}

/* Its time has come. The timer is not touched after its DPC is queued. */
static void end_one(PKTIMER timer, uint64_t now)
{
    PKDPC dpc = timer->Dpc;

    (void)take_out(timer);
    timer->Header.SignalState = 1;
    if (timer->Period) {
        /* Ends that were missed are not made up for. */
        timer->DueTime += timer->Period;
        if (timer->DueTime < now)
            timer->DueTime = now + timer->Period;
        insert(timer);
    }
    if (dpc)
        (void)wdk_dpc_queue(dpc, NULL, NULL);
}

/* The platform's timer, at DISPATCH. */
static void end_timers(void *arg)
{
    uint64_t now = seam_now(wdk_seam());
    uint8_t irql = wdk_lock();
    PKTIMER timer;

    (void)arg;
    while ((timer = first()) != NULL && timer->DueTime <= now)
        end_one(timer, now);
    set_alarm();
    wdk_unlock(irql);
}

/* ---- for drivers --------------------------------------------------------- */

VOID KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type)
{
    *Timer = (KTIMER){
        .Header.Type = Type == NotificationTimer ? WDK_TIMER_NOTIFICATION
                                                 : WDK_TIMER_SYNCHRONIZATION,
    };
}

/* The kind that most drivers mean. */
VOID KeInitializeTimer(PKTIMER Timer)
{
    KeInitializeTimerEx(Timer, NotificationTimer);
}

/* The due time is worked out before the lock, because it asks the clock. */
BOOLEAN KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period,
                     PKDPC Dpc)
{
    uint64_t due = wdk_deadline(DueTime.QuadPart);
    uint8_t irql;
    bool was_set;

    SEAM_ASSERT(wdk_seam(), Timer->Header.Type >= WDK_TIMER_NOTIFICATION,
                "no timer: KeInitializeTimer it first");
    SEAM_ASSERT(wdk_seam(), Period >= 0, "Period must not be negative");
    irql = wdk_lock();
    was_set = take_out(Timer);
    Timer->Header.SignalState = 0;
    Timer->DueTime = due;
    Timer->Period = (uint64_t)Period * UNITS_PER_MS;
    Timer->Dpc = Dpc;
    insert(Timer);
    set_alarm();
    wdk_unlock(irql);
    return was_set;
}

/* The alarm stays set: one that finds nothing due costs less than another. */
BOOLEAN KeCancelTimer(PKTIMER Timer)
{
    uint8_t irql = wdk_lock();
    bool was_set = take_out(Timer);

    wdk_unlock(irql);
    return was_set;
}

BOOLEAN KeReadStateTimer(PKTIMER Timer)
{
    return __atomic_load_n(&Timer->Header.SignalState, __ATOMIC_ACQUIRE) > 0;
}
