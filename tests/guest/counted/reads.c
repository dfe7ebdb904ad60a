/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads of 4 KiB from minihv's disk, one after the other: client.h. */
#include <stddef.h>
#include <stdio.h>

#include "client.h"
#include "drivers/storage.h"
#include "marks.h"
#include "vmbare.h"

#define BYTES 4096u

static struct block_device disk;

static bool rounds(PMDL mdl)
{
    struct block_io io = {.count = BYTES / disk.block_size, .data.mdl = mdl};
    bool good = true;

    for (uint32_t i = 0; good && i <= ROUNDS; i++) {
        if (i == 1)
            MARK(PHASE_ROUNDS);
        io.lba = i % 8 * io.count;
        good = NT_SUCCESS(block_transfer(&disk, &io));
    }
    MARK(PHASE_NONE);
    return good;
}

bool counted_reads(void)
{
    void *page = vmbare_pages_alloc(1);
    PMDL mdl = page ? IoAllocateMdl(page, BYTES, FALSE, FALSE, NULL) : NULL;
    bool good = false;

    if (mdl && NT_SUCCESS(block_open(&disk))) {
        MmBuildMdlForNonPagedPool(mdl);
        good = rounds(mdl);
    }
    if (!good)
        printf("counted: the disk: %s\n", disk.problem);
    block_close(&disk);
    block_free(&disk);
    if (mdl)
        IoFreeMdl(mdl);
    return good;
}
