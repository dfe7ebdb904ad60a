/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI's root, told or searched for: see direct.h. [ACPI 6.5, 5.2.5.1] */
#include "boot/direct/direct.h"

#include "arch/acpi/acpi.h"
#include "arch/acpi/tables.h"

/* Where a BIOS puts it, at a multiple of 16: in its own memory, or in the first
 * KiB of the extended BIOS data area, whose segment stands at 0x40E. */
#define BIOS_FROM    UINT64_C(0xE0000)
#define BIOS_TO      UINT64_C(0x100000)
#define EBDA_SEGMENT UINT64_C(0x40E)
#define EBDA_LOWEST  UINT64_C(0x80000)
#define EBDA_SIZE    UINT64_C(1024)
#define STEP         16u

static bool is_rsdp(const struct acpi_reader *memory, uint64_t at)
{
    uint8_t bytes[ACPI_RSDP_OLD_SIZE];

    return memory->read(memory->context, at, bytes, sizeof(bytes)) == 0 &&
           acpi_is_root(bytes);
}

/* Up to the last one that lies whole in the range. */
static uint64_t search(const struct acpi_reader *memory, uint64_t from,
                       uint64_t to)
{
    for (uint64_t at = from; at + ACPI_RSDP_OLD_SIZE <= to; at += STEP) {
        if (is_rsdp(memory, at))
            return at;
    }
    return 0;
}

/* A segment that cannot be one is no place to look at. */
static uint64_t search_ebda(const struct acpi_reader *memory)
{
    uint16_t segment;
    uint64_t at;

    if (memory->read(memory->context, EBDA_SEGMENT, &segment, sizeof(segment)) <
        0)
        return 0;
    at = (uint64_t)segment << 4;
    if (at < EBDA_LOWEST || at + EBDA_SIZE > BIOS_FROM)
        return 0;
    return search(memory, at, at + EBDA_SIZE);
}

uint64_t direct_find_rsdp(const struct acpi_reader *memory, uint64_t told)
{
    uint64_t found;

    if (told != 0 && is_rsdp(memory, told))
        return told;
    /* Most loaders say nothing, and put it where a BIOS does. */
    found = search(memory, BIOS_FROM, BIOS_TO);
    return found ? found : search_ebda(memory);
}
