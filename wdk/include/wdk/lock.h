/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spin locks, and lists that one guards. Taking a lock raises to DISPATCH; it
 * is not recursive. A lock that a driver may take at any level below is the
 * only guard between packet callbacks, which run on the channels' own
 * processors, and everything else. [W]
 */
#ifndef WDK_LOCK_H
#define WDK_LOCK_H

#include "wdk/list.h"

#ifdef __cplusplus
extern "C" {
#endif

/* may_alias: the sources use it as another type. */
typedef ULONG_PTR __attribute__((may_alias)) KSPIN_LOCK, *PKSPIN_LOCK;

/* On Windows a place in a queue; here what must be given back. */
typedef struct _KLOCK_QUEUE_HANDLE {
    PKSPIN_LOCK Lock;
    KIRQL OldIrql;
} KLOCK_QUEUE_HANDLE, *PKLOCK_QUEUE_HANDLE;

/* Makes the lock free. Any IRQL. */
VOID KeInitializeSpinLock(_Out_ PKSPIN_LOCK SpinLock);

/**
 * Takes the lock. <= DISPATCH; DISPATCH afterwards.
 *
 * @SpinLock  one that this processor does not hold
 * @return    the level before, for KeReleaseSpinLock
 */
KIRQL KeAcquireSpinLockRaiseToDpc(_Inout_ PKSPIN_LOCK SpinLock);
#define KeAcquireSpinLock(SpinLock, OldIrql) \
    (*(OldIrql) = KeAcquireSpinLockRaiseToDpc(SpinLock))

/**
 * Gives the lock back, and the level. DISPATCH.
 *
 * @SpinLock  one that this processor holds
 * @NewIrql   what taking it returned
 */
VOID KeReleaseSpinLock(_Inout_ PKSPIN_LOCK SpinLock, _In_ KIRQL NewIrql);

/* The same for a caller that is at DISPATCH already, and stays there. */
VOID KeAcquireSpinLockAtDpcLevel(_Inout_ PKSPIN_LOCK SpinLock);
/* Gives back what KeAcquireSpinLockAtDpcLevel took. DISPATCH. */
VOID KeReleaseSpinLockFromDpcLevel(_Inout_ PKSPIN_LOCK SpinLock);

/* As KeAcquireSpinLock; the level is kept in LockHandle. <= DISPATCH. */
VOID KeAcquireInStackQueuedSpinLock(_Inout_ PKSPIN_LOCK SpinLock,
                                    _Out_ PKLOCK_QUEUE_HANDLE LockHandle);
/* Gives back what KeAcquireInStackQueuedSpinLock took. DISPATCH. */
VOID KeReleaseInStackQueuedSpinLock(_In_ PKLOCK_QUEUE_HANDLE LockHandle);
#define KeAcquireInStackQueuedSpinLockAtDpcLevel(SpinLock, LockHandle) \
    KeAcquireInStackQueuedSpinLock((SpinLock), (LockHandle))
#define KeReleaseInStackQueuedSpinLockFromDpcLevel(LockHandle) \
    KeReleaseInStackQueuedSpinLock(LockHandle)

/**
 * Puts an entry first, under the lock. <= DISPATCH.
 *
 * @Lock    one that the caller does not hold
 * @return  the entry that was first; NULL: the list was empty
 */
PLIST_ENTRY ExInterlockedInsertHeadList(_Inout_ PLIST_ENTRY ListHead,
                                        _Inout_ PLIST_ENTRY ListEntry,
                                        _Inout_ PKSPIN_LOCK Lock);

/**
 * Puts an entry last, under the lock. <= DISPATCH.
 *
 * @Lock    one that the caller does not hold
 * @return  the entry that was last; NULL: the list was empty
 */
PLIST_ENTRY ExInterlockedInsertTailList(_Inout_ PLIST_ENTRY ListHead,
                                        _Inout_ PLIST_ENTRY ListEntry,
                                        _Inout_ PKSPIN_LOCK Lock);

/**
 * Takes the first entry, under the lock. <= DISPATCH.
 *
 * @Lock    one that the caller does not hold
 * @return  the entry; NULL: the list was empty
 */
PLIST_ENTRY ExInterlockedRemoveHeadList(_Inout_ PLIST_ENTRY ListHead,
                                        _Inout_ PKSPIN_LOCK Lock);

#ifdef __cplusplus
}
#endif

#endif
