/* SPDX-License-Identifier: BSD-2-Clause */
/* Mapping an MDL in the older way, and physical addresses. */
#include "wdk/mm.h"

#include "vmbus/seam.h"
#include "wdk/platform.h"

/* The modern function and this one map in the same way; the arguments that
 * could ask for anything else are checked. */
PVOID MmMapLockedPagesSpecifyCache(PMDL MemoryDescriptorList,
                                   KPROCESSOR_MODE AccessMode,
                                   MEMORY_CACHING_TYPE CacheType,
                                   PVOID RequestedAddress,
                                   ULONG BugCheckOnFailure, ULONG Priority)
{
    struct seam *s = wdk_seam();
    PVOID address;

    SEAM_ASSERT(s, AccessMode == KernelMode && !RequestedAddress,
                "there is no user mode here: KernelMode and no address");
    SEAM_ASSERT(s, CacheType == MmCached, "memory is cached here: MmCached");
    address = MmGetSystemAddressForMdlSafe(MemoryDescriptorList, Priority);
    SEAM_ASSERT(
        s, address || !BugCheckOnFailure,
        "the MDL cannot be mapped, and the driver asked for a bug check");
    return address;
}

/* Memory that is contiguous for the processor may be scattered in frames: the
 * result is true up to the end of the page. */
PHYSICAL_ADDRESS MmGetPhysicalAddress(PVOID BaseAddress)
{
    uint64_t frame = seam_pfn(wdk_seam(), BaseAddress);

    return (PHYSICAL_ADDRESS){.QuadPart = (LONGLONG)((frame << PAGE_SHIFT) +
                                                     BYTE_OFFSET(BaseAddress))};
}
