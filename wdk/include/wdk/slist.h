/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stacks that several processors push to and pop from (SLIST). Windows makes
 * them without a lock; here the head has a small one inside, so <= DISPATCH
 * instead of any level. [W]
 */
#ifndef WDK_SLIST_H
#define WDK_SLIST_H

#include "wdk/lock.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _SLIST_ENTRY {
    struct _SLIST_ENTRY *Next;
} SLIST_ENTRY, *PSLIST_ENTRY;

typedef struct DECLSPEC_ALIGN(16) _SLIST_HEADER {
    PSLIST_ENTRY First;
    KSPIN_LOCK Lock;
    USHORT Depth;
} SLIST_HEADER, *PSLIST_HEADER;

/* Makes the stack empty. Any IRQL. */
VOID InitializeSListHead(_Out_ PSLIST_HEADER ListHead);
#define ExInitializeSListHead(ListHead) InitializeSListHead(ListHead)

/**
 * Puts an entry on top. <= DISPATCH.
 *
 * @return  the entry that was on top; NULL: the stack was empty
 */
PSLIST_ENTRY InterlockedPushEntrySList(_Inout_ PSLIST_HEADER ListHead,
                                       _Inout_ PSLIST_ENTRY ListEntry);

/**
 * Takes the entry on top. <= DISPATCH.
 *
 * @return  the entry; NULL: the stack was empty
 */
PSLIST_ENTRY InterlockedPopEntrySList(_Inout_ PSLIST_HEADER ListHead);

/**
 * Takes all entries. <= DISPATCH.
 *
 * @return  the one that was on top, which leads to the others; NULL: none
 */
PSLIST_ENTRY InterlockedFlushSList(_Inout_ PSLIST_HEADER ListHead);

/**
 * How many entries there are, modulo 65,536. Any IRQL.
 *
 * @return  the number at some moment of the call
 */
USHORT QueryDepthSList(_In_ PSLIST_HEADER ListHead);
#define ExQueryDepthSList(ListHead) QueryDepthSList(ListHead)
#define ExInterlockedPushEntrySList(ListHead, ListEntry, Lock) \
    ((void)(Lock), InterlockedPushEntrySList((ListHead), (ListEntry)))
#define ExInterlockedPopEntrySList(ListHead, Lock) \
    ((void)(Lock), InterlockedPopEntrySList(ListHead))
#define ExInterlockedFlushSList(ListHead) InterlockedFlushSList(ListHead)

#ifdef __cplusplus
}
#endif

#endif
