/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory descriptor lists: a run of bytes as page frames, chained by Next.
 *
 * An MDL describes ByteCount bytes that start ByteOffset bytes into the
 * first of its frames. Pages are never swapped here, so nothing is locked.
 * Driver code uses the accessors, as on Windows; the fields are KMCL's.
 *
 * MDLs that KMCL hands out (external data, mapped GPADLs) come without a
 * virtual address; MmGetSystemAddressForMdlSafe makes one on demand at
 * PASSIVE, or returns NULL, and KMCL takes it away with the MDL.
 */
#ifndef KMCL_MDL_H
#define KMCL_MDL_H

#include "kmcl/wdm_compat.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One run of bytes; the frames follow the structure. */
typedef struct MDL {
    struct MDL *Next;
    PVOID StartVa;        /* the page-aligned address described, or NULL */
    PVOID MappedSystemVa; /* address of byte 0, or NULL: not mapped yet */
    ULONG ByteCount;
    ULONG ByteOffset; /* 0..4095 */
    ULONG Capacity;   /* frames that fit behind this structure */
    ULONG Flags;      /* KMCL_MDL_* */
    /* How a mapping is made and undone; set by KMCL for its own MDLs. */
    PVOID (*Map)(struct MDL *Mdl);
    PVOID Owner;
    PFN_NUMBER Pfns[];
} MDL, *PMDL;

#define KMCL_MDL_ALLOCATED 0x1u /* from IoAllocateMdl */
#define KMCL_MDL_READ_ONLY 0x2u /* KMCL: for reading only */

/* Priorities of the mapping functions: accepted and without effect. */
#define LowPagePriority    0u
#define NormalPagePriority 16u
#define HighPagePriority   32u

/* Pages spanned by `size` bytes at `va` (only its low 12 bits matter). */
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(va, size)                 \
    ((ULONG)((((uint64_t)(uintptr_t)(va) & (PAGE_SIZE_4K - 1)) + \
              (uint64_t)(size) + (PAGE_SIZE_4K - 1)) >>          \
             PAGE_SHIFT_4K))

/**
 * Bytes of an MDL with room for Length bytes at Base. Any IRQL.
 *
 * @return  bytes
 */
SIZE_T MmSizeOfMdl(PVOID Base, SIZE_T Length);

/* Makes Mdl (of MmSizeOfMdl(Base, Length) bytes) describe Length bytes at
 * Base; frames are filled by MmBuildMdlForNonPagedPool. Any IRQL. */
VOID MmInitializeMdl(PMDL Mdl, PVOID Base, SIZE_T Length);

/* Fills the frames from the MDL's address. <= DISPATCH. */
VOID MmBuildMdlForNonPagedPool(PMDL Mdl);

/* No-ops here: pages do not move. Any IRQL. */
#define MmProbeAndLockPages(Mdl, AccessMode, Operation) ((void)(Mdl))
#define MmUnlockPages(Mdl)                              ((void)(Mdl))

/**
 * The bytes that an MDL describes. Any IRQL.
 *
 * @return  the bytes
 */
static inline ULONG MmGetMdlByteCount(const MDL *Mdl)
{
    return Mdl->ByteCount;
}

/**
 * Where the bytes begin in the first page. Any IRQL.
 *
 * @return  0 to 4095
 */
static inline ULONG MmGetMdlByteOffset(const MDL *Mdl)
{
    return Mdl->ByteOffset;
}

/**
 * The address that the MDL was made for. An MDL made by KMCL has none: the
 * result counts its bytes from 0 (it is MmGetMdlByteOffset), for
 * IoBuildPartialMdl alone. Use MmGetSystemAddressForMdlSafe to reach the bytes.
 * Any IRQL.
 *
 * @return  the address, or NULL
 */
PVOID MmGetMdlVirtualAddress(PMDL Mdl);

/**
 * The page frames of an MDL. Any IRQL.
 *
 * @return  the array, which is the MDL's own
 */
static inline PPFN_NUMBER MmGetMdlPfnArray(PMDL Mdl)
{
    return Mdl->Pfns;
}

/**
 * An address through which the bytes can be used, or NULL when they cannot
 * be mapped. <= DISPATCH.
 *
 * @Priority  without effect here
 * @return    the address of the MDL's first byte; NULL: the frames cannot be
 *            mapped, or this is the first call for an MDL made by KMCL
 *            and it is above PASSIVE, which the log says
 * @differs   external data is mapped at PASSIVE only; Windows maps it at
 *            DISPATCH, too
 */
PVOID MmGetSystemAddressForMdlSafe(PMDL Mdl, ULONG Priority);

/**
 * Allocates an MDL for Length bytes (1..4 GiB-1) at VirtualAddress.
 * SecondaryBuffer, ChargeQuota and Irp exist for source compatibility:
 * SecondaryBuffer and Irp must be FALSE and NULL. Frames as MmInitializeMdl.
 * NULL: Length is 0, or no memory. Free with IoFreeMdl. <= DISPATCH.
 *
 * @return  the MDL, or NULL
 */
PMDL IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer,
                   BOOLEAN ChargeQuota, PVOID Irp);

/* Frees an MDL from IoAllocateMdl; any other asserts. <= DISPATCH. */
VOID IoFreeMdl(PMDL Mdl);

/*
 * Makes TargetMdl describe Length bytes (0: to the end) at VirtualAddress,
 * which lies inside what SourceMdl describes (its MmGetMdlVirtualAddress
 * addresses). The frames are copied; TargetMdl must have room (asserted).
 * The part uses the system address of its source: it is used no longer than
 * the source's mapping lives, which for an MDL made by KMCL ends with it; and
 * where the source has no system address yet, the part gets its own by the
 * source's, at PASSIVE. <= DISPATCH.
 */
VOID IoBuildPartialMdl(PMDL SourceMdl, PMDL TargetMdl, PVOID VirtualAddress,
                       ULONG Length);

#ifdef __cplusplus
}
#endif

#endif
