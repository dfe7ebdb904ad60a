/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spin locks of drivers over those of the seam, lists under a lock, and the one
 * lock that all objects of the companion share.
 */
#include "wdk/lock.h"

#include "wdk/objects/objects.h"

_Static_assert(sizeof(KSPIN_LOCK) == sizeof(struct seam_lock),
               "a KSPIN_LOCK is the seam's lock under another name");

static struct seam_lock objects;

uint8_t wdk_lock(void)
{
    return seam_lock(wdk_seam(), &objects);
}

void wdk_unlock(uint8_t irql)
{
    seam_unlock(wdk_seam(), &objects, irql);
}

/* The two have one layout; KSPIN_LOCK may alias. */
static struct seam_lock *lock_of(PKSPIN_LOCK lock)
{
    return (struct seam_lock *)(void *)lock;
}

/* Zero is free. */
VOID KeInitializeSpinLock(PKSPIN_LOCK SpinLock)
{
    *SpinLock = 0;
}

/* The platform raises the level with the lock and returns the one before. */
KIRQL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock)
{
    return seam_lock(wdk_seam(), lock_of(SpinLock));
}

VOID KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql)
{
    seam_unlock(wdk_seam(), lock_of(SpinLock), NewIrql);
}

/* Below DISPATCH the level would stay raised when the lock is given back. */
VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    SEAM_ASSERT(wdk_seam(), seam_irql(wdk_seam()) >= DISPATCH_LEVEL,
                "only at DISPATCH_LEVEL: use KeAcquireSpinLock below it");
    (void)seam_lock(wdk_seam(), lock_of(SpinLock));
}

/* The caller stays where it was. */
VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock)
{
    seam_unlock(wdk_seam(), lock_of(SpinLock), DISPATCH_LEVEL);
}

/* There is no queue: the handle only keeps what must be given back. */
VOID KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock,
                                    PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->Lock = SpinLock;
    LockHandle->OldIrql = KeAcquireSpinLockRaiseToDpc(SpinLock);
}

VOID KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle)
{
    KeReleaseSpinLock(LockHandle->Lock, LockHandle->OldIrql);
}

/* ---- lists --------------------------------------------------------------- */

/* The neighbour before tells the caller whether the list was empty. */
PLIST_ENTRY ExInterlockedInsertHeadList(PLIST_ENTRY ListHead,
                                        PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    KIRQL irql = KeAcquireSpinLockRaiseToDpc(Lock);
    PLIST_ENTRY before = IsListEmpty(ListHead) ? NULL : ListHead->Flink;

    InsertHeadList(ListHead, ListEntry);
    KeReleaseSpinLock(Lock, irql);
    return before;
}

PLIST_ENTRY ExInterlockedInsertTailList(PLIST_ENTRY ListHead,
                                        PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    KIRQL irql = KeAcquireSpinLockRaiseToDpc(Lock);
    PLIST_ENTRY before = IsListEmpty(ListHead) ? NULL : ListHead->Blink;

    InsertTailList(ListHead, ListEntry);
    KeReleaseSpinLock(Lock, irql);
    return before;
}

PLIST_ENTRY ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    KIRQL irql = KeAcquireSpinLockRaiseToDpc(Lock);
    PLIST_ENTRY entry = IsListEmpty(ListHead) ? NULL : RemoveHeadList(ListHead);

    KeReleaseSpinLock(Lock, irql);
    return entry;
}
