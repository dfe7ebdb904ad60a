/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical memory by its identity mapping: see physical.h. */
#include "arch/acpi/physical.h"

#include <errno.h>
#include <string.h>

#include "arch/cpu/cpu.h"
#include "arch/memory/paging.h"

/* Regions of the firmware are mapped at their physical address, so an address
 * reads as itself. Page by page, because neighbours need not be mapped. */
static int read_physical(void *context, uint64_t address, void *out,
                         size_t size)
{
    /* RAM stays mapped, so the answer for the last page is kept: a table is
     * read in many small pieces. At first there is no such page. */
    static uint64_t known = UINT64_MAX;

    (void)context;
    if (address + size < address)
        return -EFAULT;
    for (uint64_t page = address & ~(uint64_t)(PAGE_SIZE - 1);
         page < address + size; page += PAGE_SIZE) {
        uint64_t physical;

        if (page == known)
            continue;
        if (!paging_translate(page, &physical) || physical != page)
            return -EFAULT;
        known = page;
    }
    memcpy(out, (const void *)(uintptr_t)address, size);
    return 0;
}

/* There is one memory, so the context stays empty. */
void physical_reader(struct acpi_reader *reader)
{
    reader->read = read_physical;
    reader->context = NULL;
}
