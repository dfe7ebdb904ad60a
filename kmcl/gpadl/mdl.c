/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory descriptor lists: building them and looking through them.
 *
 * The functions are those of WDM, as far as a driver on KMCL needs them. Pages
 * are never swapped out, so an MDL is complete when its frames are filled in.
 *
 *   StartVa        page boundary, or NULL in an MDL that KMCL made
 *     ByteOffset   from there to byte 0
 *       ByteCount  bytes that are described
 *   Pfns[]         the frames of these bytes, the first one at StartVa
 */
#include "kmcl/mdl.h"

#include "kmcl/base/root.h"

/* The default bus: the functions of WDM have no argument that names one. */
static struct kmcl *platform(void)
{
    struct kmcl *kmcl = seam_root();

    SEAM_ASSERT(NULL, kmcl, "no bus is attached: kmcl_attach comes first");
    return kmcl;
}

SIZE_T MmSizeOfMdl(PVOID Base, SIZE_T Length)
{
    /* The first page may be used from its middle, and then one more is spanned.
     */
    uint64_t offset = (uintptr_t)Base & (PAGE_SIZE_4K - 1);
    uint64_t pages = (offset + Length + PAGE_SIZE_4K - 1) >> PAGE_SHIFT_4K;

    return sizeof(MDL) + (SIZE_T)pages * sizeof(PFN_NUMBER);
}

VOID MmInitializeMdl(PMDL Mdl, PVOID Base, SIZE_T Length)
{
    ULONG offset = (ULONG)((uintptr_t)Base & (PAGE_SIZE_4K - 1));

    /* The frames stay unset until MmBuildMdlForNonPagedPool. */
    *Mdl = (MDL){
        .StartVa = (uint8_t *)Base - offset,
        .MappedSystemVa = Base,
        .ByteCount = (ULONG)Length,
        .ByteOffset = offset,
        .Capacity = ADDRESS_AND_SIZE_TO_SPAN_PAGES(Base, Length),
    };
}

VOID MmBuildMdlForNonPagedPool(PMDL Mdl)
{
    struct seam *s = platform()->s;
    ULONG pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES((uintptr_t)Mdl->ByteOffset,
                                                 Mdl->ByteCount);

    /* Memory that is contiguous for the processor may be scattered in guest
     * physical memory. */
    for (ULONG i = 0; i < pages; i++) {
        Mdl->Pfns[i] =
            seam_pfn(s, (uint8_t *)Mdl->StartVa + (size_t)i * PAGE_SIZE_4K);
    }
}

/* As a number, because StartVa is NULL in the MDLs that KMCL makes. */
static uintptr_t address_of(const MDL *mdl)
{
    return (uintptr_t)mdl->StartVa + mdl->ByteOffset;
}

PVOID MmGetMdlVirtualAddress(PMDL Mdl)
{
    return (PVOID)address_of(Mdl);
}

PVOID MmGetSystemAddressForMdlSafe(PMDL Mdl, ULONG Priority)
{
    /* An MDL that KMCL made is mapped now, at the first call. */
    (void)Priority;
    if (!Mdl->MappedSystemVa && Mdl->Map)
        Mdl->MappedSystemVa = Mdl->Map(Mdl);
    return Mdl->MappedSystemVa;
}

PMDL IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer,
                   BOOLEAN ChargeQuota, PVOID Irp)
{
    struct kmcl *kmcl = platform();
    PMDL mdl;

    /* Windows would attach the MDL to an IRP. */
    (void)ChargeQuota;
    SEAM_ASSERT(kmcl->s, !SecondaryBuffer && !Irp,
                "there are no IRPs here: pass FALSE and NULL");
    if (!Length)
        return NULL;
    mdl = kmcl_alloc(kmcl, MmSizeOfMdl(VirtualAddress, Length));
    if (!mdl)
        return NULL;
    MmInitializeMdl(mdl, VirtualAddress, Length);
    mdl->Flags = KMCL_MDL_ALLOCATED;
    return mdl;
}

VOID IoFreeMdl(PMDL Mdl)
{
    struct kmcl *kmcl = platform();

    SEAM_ASSERT(kmcl->s, Mdl && (Mdl->Flags & KMCL_MDL_ALLOCATED),
                "only an MDL from IoAllocateMdl is freed by IoFreeMdl");
    /* The capacity is that of IoAllocateMdl, also after MmInitializeMdl or
     * IoBuildPartialMdl have made it describe less. */
    kmcl_free(kmcl, Mdl,
              sizeof(MDL) + (size_t)Mdl->Capacity * sizeof(PFN_NUMBER));
}

/* The system address of a part, counted from that of its source. */
static PVOID map_part(PMDL mdl)
{
    PMDL source = mdl->Owner;
    uint8_t *base = MmGetSystemAddressForMdlSafe(source, NormalPagePriority);

    return base ? base + (address_of(mdl) - address_of(source)) : NULL;
}

VOID IoBuildPartialMdl(PMDL SourceMdl, PMDL TargetMdl, PVOID VirtualAddress,
                       ULONG Length)
{
    uintptr_t base = (uintptr_t)SourceMdl->StartVa;
    uintptr_t start = (uintptr_t)VirtualAddress;
    uintptr_t end = address_of(SourceMdl) + SourceMdl->ByteCount;
    struct seam *s = platform()->s;
    ULONG pages, first;

    SEAM_ASSERT(s, start >= address_of(SourceMdl) && start <= end,
                "VirtualAddress must lie inside the source MDL");
    /* A length of 0 means up to the end of the source [W]. */
    if (!Length)
        Length = (ULONG)(end - start);
    SEAM_ASSERT(s, Length <= end - start,
                "the part must lie inside the source MDL");
    pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(start, Length);
    SEAM_ASSERT(s, pages <= TargetMdl->Capacity,
                "the target MDL has too few frames");
    first = (ULONG)((start - base) >> PAGE_SHIFT_4K);
    TargetMdl->StartVa = (PVOID)(start & ~(uintptr_t)(PAGE_SIZE_4K - 1));
    TargetMdl->ByteOffset = (ULONG)(start & (PAGE_SIZE_4K - 1));
    TargetMdl->ByteCount = Length;
    TargetMdl->Flags = (TargetMdl->Flags & KMCL_MDL_ALLOCATED) |
                       (SourceMdl->Flags & KMCL_MDL_READ_ONLY);
    TargetMdl->Map = map_part;
    TargetMdl->Owner = SourceMdl;
    /* A source that has an address gives it to the part now: memory of the
     * driver's own stays there when its MDL is freed before the part. */
    TargetMdl->MappedSystemVa =
        SourceMdl->MappedSystemVa ? map_part(TargetMdl) : NULL;
    /* The frames are copied: the part is sent without its source. */
    memcpy(TargetMdl->Pfns, SourceMdl->Pfns + first,
           (size_t)pages * sizeof(PFN_NUMBER));
}
