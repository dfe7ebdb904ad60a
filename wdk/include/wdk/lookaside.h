/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lookaside lists: blocks of one size. On Windows they keep freed blocks at
 * hand; here each is a block of the pool. [W]
 */
#ifndef WDK_LOOKASIDE_H
#define WDK_LOOKASIDE_H

#include "wdk/pool.h"

typedef struct _NPAGED_LOOKASIDE_LIST {
    SIZE_T Size;
    ULONG Tag;
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST, PAGED_LOOKASIDE_LIST,
    *PPAGED_LOOKASIDE_LIST;

/* Functions of the driver's own for its blocks are not called: NULL. */
#define ExInitializeNPagedLookasideList(List, Allocate, Free, Flags, \
                                        BlockSize, BlockTag, Depth)  \
    ((void)(Allocate), (void)(Free), (void)(Flags), (void)(Depth),   \
     (List)->Size = (BlockSize), (List)->Tag = (BlockTag), (void)0)
#define ExDeleteNPagedLookasideList(List) ((void)(List))
#define ExAllocateFromNPagedLookasideList(List) \
    ExAllocatePoolWithTag(NonPagedPoolNx, (List)->Size, (List)->Tag)
#define ExFreeToNPagedLookasideList(List, Entry) \
    ExFreePoolWithTag((Entry), (List)->Tag)

#endif
