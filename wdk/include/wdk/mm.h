/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory as pages: what the WDK has beside the MDL functions of kmcl/mdl.h,
 * among them MmGetSystemAddressForMdlSafe. [W]
 */
#ifndef WDK_MM_H
#define WDK_MM_H

#include "wdk/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { MmNonCached, MmCached, MmWriteCombined } MEMORY_CACHING_TYPE;
typedef enum { IoReadAccess, IoWriteAccess, IoModifyAccess } LOCK_OPERATION;

/* Wishes for a mapping, without effect here. */
#define MdlMappingNoWrite   0x80000000u
#define MdlMappingNoExecute 0x40000000u

/**
 * Maps the pages of an MDL, as MmGetSystemAddressForMdlSafe does.
 *
 * @AccessMode         KernelMode: there are no user addresses (asserted)
 * @CacheType          MmCached: memory is cached (asserted)
 * @RequestedAddress   must be NULL
 * @BugCheckOnFailure  TRUE: a failure asserts
 * @Priority           without effect
 * @return             the address of the MDL's first byte; NULL: no room
 */
PVOID MmMapLockedPagesSpecifyCache(_Inout_ PMDL MemoryDescriptorList,
                                   _In_ KPROCESSOR_MODE AccessMode,
                                   _In_ MEMORY_CACHING_TYPE CacheType,
                                   _In_opt_ PVOID RequestedAddress,
                                   _In_ ULONG BugCheckOnFailure,
                                   _In_ ULONG Priority);

/* Nothing: a mapping goes with its MDL, which KMCL takes away. <= DISPATCH. */
#define MmUnmapLockedPages(BaseAddress, Mdl) ((void)(BaseAddress), (void)(Mdl))

/**
 * The physical address of memory of this program. <= DISPATCH.
 *
 * @BaseAddress  an address that is mapped
 * @return       as a number, QuadPart
 */
PHYSICAL_ADDRESS MmGetPhysicalAddress(_In_ PVOID BaseAddress);

#ifdef __cplusplus
}
#endif

#endif
