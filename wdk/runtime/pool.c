/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pool memory: the platform's heap with a header before each block.
 *
 *   what the platform gave | ... | header | the driver's bytes
 *
 * The header stands directly before the bytes, also of a block that begins at a
 * page.
 */
#include "wdk/pool.h"

#include "vmbus/seam.h"
#include "wdk/platform.h"

#define MAGIC_USED 0x6c6f6f50u /* "Pool" */
#define MAGIC_FREE 0x65657266u /* "free" */

struct header {
    void *start; /* of the platform's block */
    size_t size; /* of it */
    uint32_t tag;
    uint32_t magic;
};
_Static_assert(sizeof(struct header) % 8 == 0, "the bytes stay aligned");

static uint32_t blocks;

static void *allocate(size_t size, uint32_t tag)
{
    struct seam *s = wdk_seam();
    size_t align = size >= PAGE_SIZE ? PAGE_SIZE : 16;
    size_t whole = size + sizeof(struct header) + align;
    struct header *header;
    uintptr_t bytes;
    void *start;

    SEAM_ASSERT(s, tag, "a pool block needs a tag other than 0");
    /* The sum may have passed the end of the numbers. */
    if (!size || whole < size)
        return NULL;
    start = seam_alloc(s, whole);
    if (!start)
        return NULL;
    bytes = ALIGN_UP_BY((uintptr_t)start + sizeof(struct header), align);
    header = (struct header *)(bytes - sizeof(struct header));
    *header = (struct header){
        .start = start, .size = whole, .tag = tag, .magic = MAGIC_USED};
    __atomic_fetch_add(&blocks, 1, __ATOMIC_RELAXED);
    return (void *)bytes;
}

/* Windows would find these in a checked build only. */
static void check_level(bool paged)
{
    uint8_t irql = seam_irql(wdk_seam());

    SEAM_ASSERT(wdk_seam(), irql <= DISPATCH_LEVEL,
                "pool is allocated at DISPATCH_LEVEL at most");
    SEAM_ASSERT(wdk_seam(), !paged || irql < DISPATCH_LEVEL,
                "paged pool is not for DISPATCH_LEVEL: take nonpaged pool");
}

PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag)
{
    void *bytes;

    check_level(Flags & POOL_FLAG_PAGED);
    bytes = allocate(NumberOfBytes, Tag);
    SEAM_ASSERT(wdk_seam(), bytes || !(Flags & POOL_FLAG_RAISE_ON_FAILURE),
                "no memory, and nothing can be raised here: leave out "
                "POOL_FLAG_RAISE_ON_FAILURE and look at the result");
    return bytes;
}

PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    /* Bit 0 is that of paged pool. */
    check_level(PoolType & PagedPool);
    return allocate(NumberOfBytes, Tag);
}

VOID ExFreePoolWithTag(PVOID P, ULONG Tag)
{
    struct seam *s = wdk_seam();
    struct header *header = (struct header *)((uintptr_t)P - sizeof(*header));

    SEAM_ASSERT(s, P, "NULL is no pool block");
    SEAM_ASSERT(s, header->magic != MAGIC_FREE, "the block was freed already");
    SEAM_ASSERT(
        s, header->magic == MAGIC_USED,
        "no pool block, or something was written before its first byte");
    SEAM_ASSERT(s, !Tag || header->tag == Tag,
                "the block was allocated with another tag");
    header->magic = MAGIC_FREE;
    __atomic_fetch_sub(&blocks, 1, __ATOMIC_RELAXED);
    seam_free(s, header->start, header->size);
}

/* Without a tag to compare. */
VOID ExFreePool(PVOID P)
{
    ExFreePoolWithTag(P, 0);
}

ULONG WdkPoolBlocks(VOID)
{
    return __atomic_load_n(&blocks, __ATOMIC_RELAXED);
}
