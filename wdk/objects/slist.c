/* SPDX-License-Identifier: BSD-2-Clause */
/* Stacks that several processors use. Each head has its own lock. */
#include "wdk/slist.h"

/* Zero is an empty stack with a free lock. */
VOID InitializeSListHead(PSLIST_HEADER ListHead)
{
    *ListHead = (SLIST_HEADER){0};
}

/* The entry before tells the caller whether the stack was empty. */
PSLIST_ENTRY InterlockedPushEntrySList(PSLIST_HEADER ListHead,
                                       PSLIST_ENTRY ListEntry)
{
    KIRQL irql = KeAcquireSpinLockRaiseToDpc(&ListHead->Lock);
    PSLIST_ENTRY before = ListHead->First;

    ListEntry->Next = before;
    ListHead->First = ListEntry;
    ListHead->Depth++;
    KeReleaseSpinLock(&ListHead->Lock, irql);
    return before;
}

/* The entry that is taken is read under the lock: another processor may free it
 * once it is off the stack. */
PSLIST_ENTRY InterlockedPopEntrySList(PSLIST_HEADER ListHead)
{
    KIRQL irql = KeAcquireSpinLockRaiseToDpc(&ListHead->Lock);
    PSLIST_ENTRY entry = ListHead->First;

    if (entry) {
        ListHead->First = entry->Next;
        ListHead->Depth--;
    }
    KeReleaseSpinLock(&ListHead->Lock, irql);
    return entry;
}

/* The entries stay linked; the caller walks them. */
PSLIST_ENTRY InterlockedFlushSList(PSLIST_HEADER ListHead)
{
    KIRQL irql = KeAcquireSpinLockRaiseToDpc(&ListHead->Lock);
    PSLIST_ENTRY entry = ListHead->First;

    ListHead->First = NULL;
    ListHead->Depth = 0;
    KeReleaseSpinLock(&ListHead->Lock, irql);
    return entry;
}

/* Without the lock: the answer may be old at once in any case. */
USHORT QueryDepthSList(PSLIST_HEADER ListHead)
{
    return __atomic_load_n(&ListHead->Depth, __ATOMIC_RELAXED);
}
