/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages and pattern: see buffer.h. */
#include "buffer.h"

#include <stdio.h>
#include <string.h>

#include "vmbare.h"

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

/*
 * The MDL describes all pages; its array of frame numbers serves the requests
 * by page frames.
 */
bool buffer_make(struct buffer *b, uint32_t pages)
{
    *b = (struct buffer){.pages = pages};
    b->bytes = vmbare_pages_alloc(pages);
    if (b->bytes)
        b->mdl =
            IoAllocateMdl(b->bytes, pages * PAGE_SIZE_4K, FALSE, FALSE, NULL);
    if (!b->mdl) {
        printf("disk: expected memory for %u pages, found none: give the VM "
               "more\n",
               (unsigned)pages);
        buffer_free(b);
        return false;
    }
    MmBuildMdlForNonPagedPool(b->mdl);
    b->pfns = MmGetMdlPfnArray(b->mdl);
    return true;
}

/* Also undoes a buffer that was only half made. */
void buffer_free(struct buffer *b)
{
    if (b->mdl)
        IoFreeMdl(b->mdl);
    if (b->bytes)
        vmbare_pages_free(b->bytes, b->pages);
    *b = (struct buffer){0};
}

/*
 * The word's number on the disk decides its contents, so a block that lands in
 * the wrong place shows.
 */
void buffer_pattern(uint8_t *bytes, size_t size, uint64_t at, uint64_t seed)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = ((at + i) / 8 + seed) * GOLDEN;

        memcpy(bytes + i, &word, 8);
    }
}
