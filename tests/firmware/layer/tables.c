/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables that map no more than a firmware must after ExitBootServices:
 * what is allocated, and nothing that is free. Each page of the image has the
 * rights of its section only. Data is not executable, firmware's tables are
 * read-only, page zero and the guards around allocations are not mapped.
 * [UEFI 2.3.4]
 */
#include "layer.h"

#include <string.h>

#define PRESENT    UINT64_C(1)
#define WRITE      UINT64_C(2)
#define GLOBAL     (UINT64_C(1) << 8)
#define NO_EXECUTE (UINT64_C(1) << 63)
#define ADDRESS    UINT64_C(0x000ffffffffff000)

/* Tables of the layer's own: bss of its image. */
#define TABLES 300
static uint64_t tables[TABLES][512] __attribute__((aligned(4096)));
static uint32_t used;

static uint64_t *below(uint64_t *entry)
{
    if (!*entry) {
        if (used == TABLES)
            layer_fail("there are not enough page tables");
        *entry = (uint64_t)(uintptr_t)tables[used++] | PRESENT | WRITE;
    }
    return (uint64_t *)(uintptr_t)(*entry & ADDRESS);
}

static void map(uint64_t *top, uint64_t from, uint64_t to, uint64_t bits)
{
    if (layer_wants("global"))
        bits |= GLOBAL;
    for (uint64_t at = from; at < to; at += PAGE) {
        uint64_t *table = below(&top[at >> 39 & 511]);

        if (at == 0 || layer_is_guard(at))
            continue;
        table = below(&table[at >> 30 & 511]);
        table = below(&table[at >> 21 & 511]);
        table[at >> 12 & 511] = at | bits;
    }
}

/* What is allocated by kind; free memory and devices are not. */
static void map_allocated(uint64_t *top)
{
    const EFI_MEMORY_DESCRIPTOR *d;

    for (UINTN i = 0; (d = layer_descriptor(i)); i++) {
        uint64_t end = d->PhysicalStart + d->NumberOfPages * PAGE;

        switch (d->Type) {
        case EfiLoaderData:
        case EfiBootServicesData:
            map(top, d->PhysicalStart, end, PRESENT | WRITE | NO_EXECUTE);
            break;
        case EfiBootServicesCode:
        case EfiRuntimeServicesCode:
            map(top, d->PhysicalStart, end, PRESENT);
            break;
        case EfiRuntimeServicesData:
        case EfiACPIReclaimMemory:
        case EfiACPIMemoryNVS:
            map(top, d->PhysicalStart, end, PRESENT | NO_EXECUTE);
            break;
        default:
            break;
        }
    }
}

/* A section header of a PE file, as far as it is looked at. */
struct section {
    char name[8];
    uint32_t size, address, file_size, file_at, more[3], flags;
};
_Static_assert(sizeof(struct section) == 40, "PE section header");

#define SECTION_EXECUTE 0x20000000u
#define SECTION_WRITE   0x80000000u

/* The headers lie at the image's base, as the firmware has loaded them. */
static void map_sections(uint64_t *top)
{
    const uint8_t *base = (const uint8_t *)(uintptr_t)layer_payload.from;
    const uint8_t *pe;
    uint32_t at;
    uint16_t sections, optional;

    memcpy(&at, base + 0x3c, sizeof(at));
    pe = base + at;
    memcpy(&sections, pe + 6, sizeof(sections));
    memcpy(&optional, pe + 20, sizeof(optional));
    if (memcmp(pe, "PE\0", 4) != 0 || sections == 0 || sections > 32)
        layer_fail("the image has no PE headers in memory");
    map(top, layer_payload.from, layer_payload.from + PAGE,
        PRESENT | NO_EXECUTE);
    for (uint16_t i = 0; i < sections; i++) {
        struct section s;
        uint64_t from;

        memcpy(&s, pe + 24 + optional + i * sizeof(s), sizeof(s));
        from = layer_payload.from + s.address;
        map(top, from & -PAGE, (from + s.size + PAGE - 1) & -PAGE,
            PRESENT | (s.flags & SECTION_WRITE ? WRITE : 0) |
                (s.flags & SECTION_EXECUTE ? 0 : NO_EXECUTE));
    }
}

void layer_load_tables(void)
{
    uint64_t *top = tables[used++];

    map_allocated(top);
    map(top, layer_self.from, layer_self.to, PRESENT | WRITE);
    map_sections(top);
    msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_NXE);
    __asm__ volatile("movq %0, %%cr3" : : "r"(top) : "memory");
    layer_say_number("layer: page tables of", used);
}

void layer_add_level(void)
{
    uint64_t *top = tables[used++];

    top[0] = (CR_READ(3) & ADDRESS) | PRESENT | WRITE;
    layer_five_levels((uint64_t)(uintptr_t)top);
    layer_say_number("layer: five levels, CR4 is", CR_READ(4));
}
