/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Doubly linked lists with a head, and singly linked ones. None of these
 * functions locks: the driver's own lock holds them together. [W]
 */
#ifndef WDK_LIST_H
#define WDK_LIST_H

#include "wdk/types.h"

typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink;
    struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
    struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

/* Makes the list empty. Any IRQL. */
FORCEINLINE VOID InitializeListHead(_Out_ PLIST_ENTRY ListHead)
{
    ListHead->Flink = ListHead->Blink = ListHead;
}

/* True: no entry. Any IRQL. */
FORCEINLINE BOOLEAN IsListEmpty(_In_ const LIST_ENTRY *ListHead)
{
    return ListHead->Flink == ListHead;
}

/* Takes the entry out of its list. True: the list is empty now. Any IRQL. */
FORCEINLINE BOOLEAN RemoveEntryList(_In_ PLIST_ENTRY Entry)
{
    PLIST_ENTRY next = Entry->Flink;
    PLIST_ENTRY previous = Entry->Blink;

    previous->Flink = next;
    next->Blink = previous;
    return next == previous;
}

/* Puts the entry behind `Previous`. Any IRQL. */
FORCEINLINE VOID WdkLinkBehind(PLIST_ENTRY Previous, PLIST_ENTRY Entry)
{
    Entry->Flink = Previous->Flink;
    Entry->Blink = Previous;
    Previous->Flink->Blink = Entry;
    Previous->Flink = Entry;
}

/* Puts the entry first. Any IRQL. */
FORCEINLINE VOID InsertHeadList(_Inout_ PLIST_ENTRY ListHead,
                                _Out_ PLIST_ENTRY Entry)
{
    WdkLinkBehind(ListHead, Entry);
}

/* Puts the entry last. Any IRQL. */
FORCEINLINE VOID InsertTailList(_Inout_ PLIST_ENTRY ListHead,
                                _Out_ PLIST_ENTRY Entry)
{
    WdkLinkBehind(ListHead->Blink, Entry);
}

/* Takes the first entry; of an empty list that is the head itself. */
FORCEINLINE PLIST_ENTRY RemoveHeadList(_Inout_ PLIST_ENTRY ListHead)
{
    PLIST_ENTRY entry = ListHead->Flink;

    RemoveEntryList(entry);
    return entry;
}

/* Takes the last entry; of an empty list that is the head itself. */
FORCEINLINE PLIST_ENTRY RemoveTailList(_Inout_ PLIST_ENTRY ListHead)
{
    PLIST_ENTRY entry = ListHead->Blink;

    RemoveEntryList(entry);
    return entry;
}

/* Appends a list without head, which begins at ListToAppend. Any IRQL. */
FORCEINLINE VOID AppendTailList(_Inout_ PLIST_ENTRY ListHead,
                                _Inout_ PLIST_ENTRY ListToAppend)
{
    PLIST_ENTRY last = ListHead->Blink;

    ListHead->Blink->Flink = ListToAppend;
    ListHead->Blink = ListToAppend->Blink;
    ListToAppend->Blink->Flink = ListHead;
    ListToAppend->Blink = last;
}

/* Puts the entry first. Any IRQL. */
FORCEINLINE VOID PushEntryList(_Inout_ PSINGLE_LIST_ENTRY ListHead,
                               _Inout_ PSINGLE_LIST_ENTRY Entry)
{
    Entry->Next = ListHead->Next;
    ListHead->Next = Entry;
}

/* Takes the first entry; NULL: none. Any IRQL. */
FORCEINLINE PSINGLE_LIST_ENTRY PopEntryList(_Inout_ PSINGLE_LIST_ENTRY ListHead)
{
    PSINGLE_LIST_ENTRY entry = ListHead->Next;

    if (entry)
        ListHead->Next = entry->Next;
    return entry;
}

#endif
