/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Gets what the host needs from the firmware: the configuration, memory that is
 * hidden from the guest, a copy of minihv in it, and the guest's memory map.
 */
#include "program.h"

#include "minihv.h"

enum {
    HEAP_SIZE = 24 << 20,
    BELOW_4G = 0xFFFFFFFFu,
    BELOW_1M = 0x9FFFF,
    MAP_SIZE = 64 << 10,
    RELOCATIONS = 5, /* index of the PE data directory */
    DIR64 = 10,
};

static struct range reserve(EFI_SYSTEM_TABLE *system, uint64_t size,
                            uint64_t below)
{
    EFI_PHYSICAL_ADDRESS base = below;
    EFI_STATUS status;

    status = system->BootServices->AllocatePages(
        AllocateMaxAddress, EfiReservedMemoryType,
        (size + PAGE_SIZE - 1) / PAGE_SIZE, &base);
    if (EFI_ERROR(status))
        program_failed("no memory to reserve: give the machine more (-m)",
                       status);
    size = (size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    return (struct range){base, base + size};
}

static void read_config(EFI_SYSTEM_TABLE *system, struct config *config)
{
    const char *bad, *text;
    uint32_t size;

    config_default(config);
    text = load_file(system, "opt/minihv.conf", EfiLoaderData, &size);
    if (text && !config_parse(config, text, &bad)) {
        say("minihv: failed: opt/minihv.conf, not understood from here on: "
            "%s\nminihv: keys and values are in tests/minihv/README.md\n",
            bad);
        end_run(VERDICT_FAILED);
    }
}

static struct range read_disk(EFI_SYSTEM_TABLE *system)
{
    struct fwcfg_file f;
    struct range r = {0, 0};

    if (!fwcfg_find("opt/disk", &f))
        return r;
    r = reserve(system, f.size, BELOW_4G);
    fwcfg_read(&f, (void *)r.base, f.size);
    r.end = r.base + f.size;
    return r;
}

static void add_ram(struct boot *boot, uint64_t base, uint64_t end)
{
    struct range *last = &boot->ram[boot->ram_count];

    if (boot->ram_count && last[-1].end == base) {
        last[-1].end = end;
        return;
    }
    if (boot->ram_count < RAM_MAX) {
        *last = (struct range){base, end};
        boot->ram_count++;
    }
}

static void read_memory_map(EFI_SYSTEM_TABLE *system, struct boot *boot)
{
    static uint8_t map[MAP_SIZE] __attribute__((aligned(16)));
    UINTN size = sizeof map, key, step;
    EFI_STATUS status;
    UINT32 version;

    status = system->BootServices->GetMemoryMap(
        &size, (EFI_MEMORY_DESCRIPTOR *)map, &key, &step, &version);
    if (EFI_ERROR(status))
        program_failed("no memory map", status);
    for (UINTN at = 0; at < size; at += step) {
        const EFI_MEMORY_DESCRIPTOR *d = (void *)(map + at);

        if (d->Type == EfiReservedMemoryType || d->Type == EfiUnusableMemory ||
            (d->Type >= EfiMemoryMappedIO && d->Type < EfiMaxMemoryType))
            continue;
        add_ram(boot, d->PhysicalStart,
                d->PhysicalStart + d->NumberOfPages * PAGE_SIZE);
    }
}

/* Applies one block of base relocations: page, size, 16-bit entries. */
static void relocate_block(uint64_t image, const uint8_t *block, uint32_t size,
                           uint64_t delta)
{
    uint32_t page = *(const uint32_t *)block;
    const uint16_t *entry = (const uint16_t *)(block + 8);

    for (uint32_t i = 0; i < (size - 8) / 2; i++)
        if (entry[i] >> 12 == DIR64)
            *(uint64_t *)(image + page + (entry[i] & 0xFFF)) += delta;
}

/* The firmware relocated the image to `from`; this relocates the copy again. */
static void relocate_copy(uint64_t copy, uint64_t from)
{
    const uint32_t *header = (void *)(copy + *(uint32_t *)(copy + 0x3C));
    /* signature 4, file header 20, optional header's directories at 112 */
    const uint32_t *directory =
        (const uint32_t *)((const uint8_t *)header + 24 + 112) +
        2 * RELOCATIONS;
    const uint8_t *block = (const uint8_t *)copy + directory[0];
    const uint8_t *end = block + directory[1];

    while (block < end) {
        uint32_t size = *(const uint32_t *)(block + 4);

        relocate_block(copy, block, size, copy - from);
        block += size;
    }
}

void gather(EFI_SYSTEM_TABLE *system, EFI_LOADED_IMAGE *self, struct boot *boot)
{
    read_config(system, &boot->config);
    boot->cpu_count = fwcfg_cpu_count();
    if (boot->cpu_count > boot->config.processors)
        acpi_hide_processor(system, boot->cpu_count - 1);
    acpi_hide_pci(system);
    if (!boot->config.pmtimer)
        acpi_hide_timer(system);
    if (boot->config.hypervisor)
        acpi_add_vmbus(system, boot->config.devices & DEVICE_VIDEO);
    boot->disk = read_disk(system);
    boot->heap = reserve(system, HEAP_SIZE, BELOW_4G);
    boot->trampoline = reserve(system, PAGE_SIZE, BELOW_1M).base;
    boot->self = reserve(system, self->ImageSize, BELOW_4G);
    read_memory_map(system, boot);
    memcpy((void *)boot->self.base, self->ImageBase, self->ImageSize);
    relocate_copy(boot->self.base, (uint64_t)self->ImageBase);
}
