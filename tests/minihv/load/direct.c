/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts a guest that is an ELF file, without showing it the firmware: the
 * 64-bit Linux boot protocol, in the state that OpenVMM's --kernel gives.
 *
 *     CR0 = PG, PE; CR4 = PAE; RSP = 0; no SSE; RSI = zero page
 *     the low 4 GiB mapped by tables that the guest's map calls free memory
 *     ACPI tables in memory that the guest's map calls reserved
 *
 * The zero page is written by the numbers of the protocol's own document, so
 * that guest and loader cannot share a mistake. fw_cfg's opt/loader has one
 * word that makes the loader a bad one.
 */
#include "program.h"

#include "minihv.h"
#include "vmbus/wire/memory.h"

enum {
    PT_LOAD = 1,
    MAP_SIZE = 64 << 10,
    LINE_SIZE = 8192,
    RANGES_MAX = 128,
    E820_RAM = 1,
    E820_RESERVED = 2,
    LARGE_PAGE = 1 << 21,
    TABLES = 6, /* root, pointers, four directories */
};

/* What the jump needs, and what it leaves. */
struct start {
    uint64_t entry, tables;
    uint8_t *zero_page;
    uint64_t cr0, cr4, flags, dr7;
};

static uint64_t get(const uint8_t *at, unsigned size)
{
    uint64_t v = 0;

    memcpy(&v, at, size);
    return v;
}

static void put(uint8_t *page, uint32_t at, uint64_t v, unsigned size)
{
    memcpy(page + at, &v, size);
}

/* Does opt/loader have this word? */
static bool is_bad(EFI_SYSTEM_TABLE *system, const char *word)
{
    uint32_t size, i = 0;
    const char *text = load_file(system, "opt/loader", EfiLoaderData, &size);

    while (text && word[i] && text[i] == word[i])
        i++;
    return text && !word[i] && !text[i];
}

/* Pages below 4 GiB that the guest will see as free memory. */
static uint8_t *pages(EFI_SYSTEM_TABLE *system, uint32_t count)
{
    EFI_PHYSICAL_ADDRESS at = 0xFFFFFFFF;
    EFI_STATUS status = system->BootServices->AllocatePages(
        AllocateMaxAddress, EfiLoaderData, count, &at);

    if (EFI_ERROR(status))
        program_failed("no memory for the loader", status);
    memset((void *)at, 0, (uint64_t)count * PAGE_SIZE);
    return (uint8_t *)at;
}

/* ---- the ELF file -------------------------------------------------------- */

static const uint8_t *header(const uint8_t *elf, uint32_t size, uint32_t i)
{
    uint64_t at = get(elf + 32, 8) + i * get(elf + 54, 2);

    if (at > size || size - at < 56)
        program_failed("opt/guest: a program header lies outside the file", 0);
    return elf + at;
}

/* Where the segments begin and end, all together. */
static struct range extent(const uint8_t *elf, uint32_t size)
{
    struct range all = {UINT64_MAX, 0};

    for (uint32_t i = 0; i < get(elf + 56, 2); i++) {
        const uint8_t *h = header(elf, size, i);
        uint64_t base = get(h + 24, 8), end = base + get(h + 40, 8);

        if (get(h, 4) != PT_LOAD)
            continue;
        if (base < all.base)
            all.base = base;
        if (end > all.end)
            all.end = end;
    }
    if (all.base >= all.end || all.base % PAGE_SIZE)
        program_failed("opt/guest has no segments in whole pages", 0);
    return all;
}

/* Is this in the way of the segments? */
static void keep_clear(struct range all, uint64_t base, uint64_t size)
{
    if (base < all.end && all.base < base + size)
        program_failed("opt/guest would lie where its loader does", 0);
}

/*
 * Copies the segments to their physical addresses, where boot services were
 * before they ended. What the file does not hold is filled with rubbish: no
 * protocol says that it is zero.
 */
static void copy_segments(const uint8_t *elf, uint32_t size,
                          const struct start *s)
{
    struct range all = extent(elf, size);

    keep_clear(all, (uint64_t)elf, size);
    keep_clear(all, (uint64_t)s->zero_page, PAGE_SIZE);
    keep_clear(all, s->tables, TABLES * PAGE_SIZE);
    keep_clear(all, (uint64_t)s, sizeof *s); /* the stack */
    keep_clear(all, (uint64_t)copy_segments, PAGE_SIZE);
    memset((void *)all.base, 0xA5, all.end - all.base);
    for (uint32_t i = 0; i < get(elf + 56, 2); i++) {
        const uint8_t *h = header(elf, size, i);
        uint64_t from = get(h + 8, 8), length = get(h + 32, 8);

        if (get(h, 4) != PT_LOAD)
            continue;
        if (from > size || length > size - from || length > get(h + 40, 8))
            program_failed("opt/guest: a segment lies outside the file", 0);
        memcpy((void *)get(h + 24, 8), elf + from, length);
    }
}

/* ---- what the guest is told ---------------------------------------------- */

static void put_line(EFI_SYSTEM_TABLE *system, uint8_t *zero_page)
{
    static const char before[] = "console=ttyS0 -- ";
    uint32_t size = 0, at = sizeof before - 1;
    const char *text = load_file(system, "opt/cmdline", EfiLoaderData, &size);
    uint8_t *line = pages(system, LINE_SIZE / PAGE_SIZE);

    memcpy(line, before, at);
    for (uint32_t i = 0; text && i < size && at + 1 < LINE_SIZE; i++)
        line[at++] = (uint8_t)text[i];
    put(zero_page, 0x228, (uint64_t)line, 4);
}

static uint64_t find_rsdp(EFI_SYSTEM_TABLE *system)
{
    static const EFI_GUID acpi20 = ACPI_20_TABLE_GUID;

    for (UINTN i = 0; i < system->NumberOfTableEntries; i++) {
        EFI_CONFIGURATION_TABLE *t = &system->ConfigurationTable[i];

        if (memcmp(&t->VendorGuid, &acpi20, sizeof acpi20) == 0)
            return (uint64_t)t->VendorTable;
    }
    return 0;
}

/* Tables and all else that outlives the firmware are reserved, no more. */
static uint32_t type_of(UINT32 type)
{
    switch (type) {
    case EfiLoaderCode:
    case EfiLoaderData:
    case EfiBootServicesCode:
    case EfiBootServicesData:
    case EfiConventionalMemory:
        return E820_RAM;
    default:
        return E820_RESERVED;
    }
}

static void put_range(uint8_t *zero_page, const EFI_MEMORY_DESCRIPTOR *d)
{
    uint64_t size = d->NumberOfPages * PAGE_SIZE;
    uint8_t *count = zero_page + 0x1E8;
    uint8_t *last = zero_page + 0x2D0 + 20 * (*count - 1);

    if (*count && get(last, 8) + get(last + 8, 8) == d->PhysicalStart &&
        get(last + 16, 4) == type_of(d->Type)) {
        put(last, 8, get(last + 8, 8) + size, 8);
        return;
    }
    if (*count == RANGES_MAX)
        return;
    put(last, 20, d->PhysicalStart, 8);
    put(last, 28, size, 8);
    put(last, 36, type_of(d->Type), 4);
    ++*count;
}

/* The last thing that the firmware is asked. */
static void exit_firmware(EFI_HANDLE self, EFI_SYSTEM_TABLE *system,
                          uint8_t *zero_page)
{
    static uint8_t map[MAP_SIZE] __attribute__((aligned(16)));
    UINTN size = sizeof map, key, step;
    UINT32 version;
    EFI_STATUS status = system->BootServices->GetMemoryMap(
        &size, (EFI_MEMORY_DESCRIPTOR *)map, &key, &step, &version);

    if (!EFI_ERROR(status))
        status = system->BootServices->ExitBootServices(self, key);
    if (EFI_ERROR(status))
        program_failed("the firmware does not let go", status);
    for (UINTN at = 0; at < size; at += step)
        put_range(zero_page, (const EFI_MEMORY_DESCRIPTOR *)(map + at));
}

static uint64_t make_tables(EFI_SYSTEM_TABLE *system)
{
    uint64_t *table = (uint64_t *)pages(system, TABLES);

    table[0] = (uint64_t)(table + 512) | 3;
    for (uint64_t i = 0; i < 4; i++)
        table[512 + i] = (uint64_t)(table + 1024 + 512 * i) | 3;
    for (uint64_t i = 0; i < 2048; i++)
        table[1024 + i] = i * LARGE_PAGE | 0x83;
    return (uint64_t)table;
}

/* What no protocol asks for, and none forbids: an FPU that traps, a cache that
 * is off, protection of user pages, the direction flag, and a breakpoint on the
 * first word that the guest reads of the zero page. */
static void leave_rubbish(struct start *s)
{
    s->cr0 |= 1 << 2 | 1 << 3 | 1 << 18 | 1 << 30; /* EM, TS, AM, CD */
    /* PGE, UMIP, FSGSBASE, SMEP, SMAP */
    s->cr4 |= 1 << 7 | 1 << 11 | 1 << 16 | 1 << 20 | 1 << 21;
    s->flags |= 1 << 10 | 1 << 14 | 1 << 18; /* DF, NT, AC */
    s->dr7 |= 3 << 16 | 1 << 18 | 1 << 1;    /* reads and writes of 2 bytes */
    __asm__ volatile("movq %0, %%dr0" : : "r"(s->zero_page + 0x1FE));
}

/* A frame pointer and a stack would be a help that no loader gives. */
static _Noreturn void jump(const struct start *s)
{
    __asm__ volatile("cli\n\t"
                     "movq %5, %%dr7\n\t"
                     "pushq %6\n\t"
                     "popfq\n\t"
                     "movq %0, %%cr3\n\t"
                     "movq %1, %%cr4\n\t"
                     "movq %2, %%cr0\n\t"
                     "xorl %%esp, %%esp\n\t"
                     "xorl %%ebp, %%ebp\n\t"
                     "jmpq *%3"
                     :
                     : "r"(s->tables), "r"(s->cr4), "r"(s->cr0), "r"(s->entry),
                       "S"(s->zero_page), "r"(s->dr7), "r"(s->flags)
                     : "memory");
    __builtin_unreachable();
}

bool direct_is_elf(const uint8_t *file, uint32_t size)
{
    return size >= 64 && get(file, 4) == 0x464C457F;
}

_Noreturn void direct_start(EFI_HANDLE self, EFI_SYSTEM_TABLE *system,
                            const uint8_t *elf, uint32_t size)
{
    struct start s = {
        .entry = get(elf + 24, 8),
        .cr0 = 0x80000001, /* PG, PE */
        .cr4 = 0x20,       /* PAE */
        .flags = 2,
        .dr7 = 0x400,
    };
    bool rubbish = is_bad(system, "registers");
    bool no_memory = is_bad(system, "no-memory");

    s.tables = make_tables(system);
    s.zero_page = pages(system, 1);
    put(s.zero_page, 0x1FE, 0xAA55, 2);
    put(s.zero_page, 0x202, 0x53726448, 4);
    put(s.zero_page, 0x210, 0xFF, 1); /* a loader without a number */
    put_line(system, s.zero_page);
    put(s.zero_page, 0x70, find_rsdp(system), 8);
    if (is_bad(system, "no-rsdp"))
        put(s.zero_page, 0x70, 0, 8);
    if (is_bad(system, "magic"))
        put(s.zero_page, 0x202, 0x53726449, 4);
    if (is_bad(system, "line"))
        put(s.zero_page, 0xC8, 1, 4); /* above 4 GiB, where nothing is */
    if (is_bad(system, "circle")) {
        put(s.zero_page, 0, (uint64_t)s.zero_page, 8);
        put(s.zero_page, 0x250, (uint64_t)s.zero_page, 8);
    }
    exit_firmware(self, system, s.zero_page);
    copy_segments(elf, size, &s);
    if (no_memory)
        put(s.zero_page, 0x1E8, 0, 1);
    if (rubbish)
        leave_rubbish(&s);
    jump(&s);
}
