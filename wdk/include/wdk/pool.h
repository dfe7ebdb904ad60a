/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pool memory. All of it is one heap that is never paged out; the kinds of pool
 * say at which level a caller may ask. Blocks of a page or more begin at a
 * page. Each block keeps its tag: a wrong one, a block that was freed already,
 * and bytes written before a block are found when it is freed. [W]
 */
#ifndef WDK_POOL_H
#define WDK_POOL_H

#include "wdk/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    NonPagedPool = 0,
    NonPagedPoolExecute = 0,
    PagedPool = 1,
    NonPagedPoolCacheAligned = 4,
    PagedPoolCacheAligned = 5,
    NonPagedPoolNx = 512,
    NonPagedPoolNxCacheAligned = 516,
} POOL_TYPE;

typedef ULONG64 POOL_FLAGS;
#define POOL_FLAG_USE_QUOTA         0x0000000000000001ULL
#define POOL_FLAG_UNINITIALIZED     0x0000000000000002ULL
#define POOL_FLAG_SESSION           0x0000000000000004ULL
#define POOL_FLAG_CACHE_ALIGNED     0x0000000000000008ULL
#define POOL_FLAG_RAISE_ON_FAILURE  0x0000000000000020ULL
#define POOL_FLAG_NON_PAGED         0x0000000000000040ULL
#define POOL_FLAG_NON_PAGED_EXECUTE 0x0000000000000080ULL
#define POOL_FLAG_PAGED             0x0000000000000100ULL

/**
 * Memory, aligned to 16 bytes, or to 4,096 from that size on. Paged pool at
 * PASSIVE, other <= DISPATCH (asserted).
 *
 * @Flags          POOL_FLAG_*; RAISE_ON_FAILURE asserts, because nothing can be
 *                 raised here
 * @NumberOfBytes  above 0
 * @Tag            any value but 0
 * @return         zeroed memory for ExFreePool; NULL: no memory, or 0 bytes
 * @differs        it is zeroed even with UNINITIALIZED
 */
PVOID ExAllocatePool2(_In_ POOL_FLAGS Flags, _In_ SIZE_T NumberOfBytes,
                      _In_ ULONG Tag);

/**
 * The older form. Paged pool at PASSIVE, other <= DISPATCH (asserted).
 *
 * @PoolType  the kind of pool
 * @Tag       any value but 0
 * @return    memory for ExFreePool, NULL: no memory
 * @differs   it is zeroed, which Windows does not promise
 */
PVOID ExAllocatePoolWithTag(_In_ POOL_TYPE PoolType, _In_ SIZE_T NumberOfBytes,
                            _In_ ULONG Tag);
#define ExAllocatePoolZero(PoolType, NumberOfBytes, Tag) \
    ExAllocatePoolWithTag((PoolType), (NumberOfBytes), (Tag))
#define ExAllocatePoolUninitialized(PoolType, NumberOfBytes, Tag) \
    ExAllocatePoolWithTag((PoolType), (NumberOfBytes), (Tag))
#define ExAllocatePool(PoolType, NumberOfBytes) \
    ExAllocatePoolWithTag((PoolType), (NumberOfBytes), 0x656e6f4eu) /* None */

/* Frees a block. <= DISPATCH. */
VOID ExFreePool(_In_ PVOID P);

/* Frees a block that has this tag; another one asserts. Tag 0 fits any block.
 * <= DISPATCH. */
VOID ExFreePoolWithTag(_In_ PVOID P, _In_ ULONG Tag);

/**
 * What drivers hold of the pool now. Any IRQL.
 *
 * @return   blocks that are not freed
 * @differs  Windows has no such function; its Driver Verifier counts them
 */
ULONG WdkPoolBlocks(VOID);

#ifdef __cplusplus
}
#endif

#endif
