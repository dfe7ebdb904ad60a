/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzer of what a loader leaves in memory, from the zero page or the start
 * info to the regions. The first byte of an input chooses the protocol; the
 * others are patches of a memory in which everything is sound: three bytes of
 * address, one of length, and the bytes.
 *
 * The harness compares the regions with the ranges that were told: free memory
 * must lie in RAM, outside of the image, and outside of everything else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "boot/direct/direct.h"

#define MEMORY     (1u << 20)
#define ZERO_PAGE  0x7000u
#define START_INFO 0x6000u
#define RANGES_AT  0x6800u
#define LINE_AT    0x9000u
#define RSDP_AT    0xE0000u
#define PAGE       UINT64_C(4096)
#define END        (UINT64_C(1) << 40)
#define IMAGE_AT   UINT64_C(0x1000000)
#define IMAGE      UINT64_C(0x80000)

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static uint8_t memory[MEMORY];
static struct boot_info info;

static void check(bool holds)
{
    if (!holds)
        abort();
}

static int read_memory(void *context, uint64_t address, void *out, size_t size)
{
    (void)context;
    if (address >= MEMORY || size > MEMORY - address)
        return -EFAULT;
    memcpy(out, memory + address, size);
    return 0;
}

static const struct acpi_reader reader = {.read = read_memory};

static void put(uint32_t at, uint64_t value, unsigned size)
{
    memcpy(memory + at, &value, size);
}

static void put_range(uint32_t at, uint64_t start, uint64_t size, uint32_t type)
{
    put(at, start, 8);
    put(at + 8, size, 8);
    put(at + 16, type, 4);
}

/* Makes the bytes sum to 0, as ACPI wants. */
static void sum(uint32_t at, uint32_t size, uint32_t where)
{
    uint8_t total = 0;

    memory[at + where] = 0;
    for (uint32_t i = 0; i < size; i++)
        total = (uint8_t)(total + memory[at + i]);
    memory[at + where] = (uint8_t)(0 - total);
}

/* An RSDP of revision 0, an RSDT with two tables, one of them the FADT. */
static void put_acpi(void)
{
    memcpy(memory + RSDP_AT, "RSD PTR ", 8);
    put(RSDP_AT + 16, RSDP_AT + 0x100, 4);
    memcpy(memory + RSDP_AT + 0x100, "RSDT", 4);
    put(RSDP_AT + 0x104, 44, 4);
    put(RSDP_AT + 0x124, RSDP_AT + 0x200, 4);
    put(RSDP_AT + 0x128, RSDP_AT + 0x2000, 4);
    memcpy(memory + RSDP_AT + 0x200, "FACP", 4);
    put(RSDP_AT + 0x204, 116, 4);
    put(RSDP_AT + 0x228, RSDP_AT + 0x4000, 4);
    memcpy(memory + RSDP_AT + 0x2000, "APIC", 4);
    put(RSDP_AT + 0x2004, 44, 4);
    memcpy(memory + RSDP_AT + 0x4000, "DSDT", 4);
    put(RSDP_AT + 0x4004, 5000, 4);
}

static void put_sound(void)
{
    memset(memory, 0, sizeof(memory));
    put_acpi();
    put(ZERO_PAGE + 0x1FE, 0xAA55, 2);
    put(ZERO_PAGE + 0x202, 0x53726448, 4);
    put(ZERO_PAGE + 0x228, LINE_AT, 4);
    put(ZERO_PAGE + 0x1E8, 2, 1);
    put_range(ZERO_PAGE + 0x2D0, 0, 0xA0000, 1);
    put_range(ZERO_PAGE + 0x2E4, 0x100000, 0x7F00000, 1);
    put(START_INFO, 0x336EC578, 4);
    put(START_INFO + 4, 1, 4);
    put(START_INFO + 24, LINE_AT, 8);
    put(START_INFO + 40, RANGES_AT, 8);
    put(START_INFO + 48, 2, 4);
    put_range(RANGES_AT, 0, 0xA0000, 1);
    put_range(RANGES_AT + 24, 0x100000, 0x7F00000, 1);
    memcpy(memory + LINE_AT, "a -- b", 7);
}

static void patch(const uint8_t *input, size_t size)
{
    while (size > 4) {
        uint32_t at =
            (input[0] | (uint32_t)input[1] << 8 | (uint32_t)input[2] << 16) %
            MEMORY;
        uint32_t length = input[3];

        input += 4;
        size -= 4;
        if (length > size)
            length = (uint32_t)size;
        if (length > MEMORY - at)
            length = MEMORY - at;
        memcpy(memory + at, input, length);
        input += length;
        size -= length;
    }
    /* Sums that are right now, so that tables are believed. */
    sum(RSDP_AT, 20, 8);
    sum(RSDP_AT + 0x100, 44, 9);
    sum(RSDP_AT + 0x200, 116, 9);
}

/* Is the whole region inside of one range of RAM, or touched by another? */
static void check_free(const struct boot_memory_region *r,
                       const struct direct_told *told)
{
    uint64_t end = r->base + r->pages * PAGE;
    bool touched = false;

    check(end <= IMAGE_AT || r->base >= IMAGE_AT + IMAGE);
    for (uint32_t i = 0; i < told->lists; i++) {
        for (uint32_t k = 0; k < told->list[i].ranges; k++) {
            struct direct_range d;

            check(read_memory(NULL, told->list[i].at + k * told->list[i].stride,
                              &d, sizeof(d)) == 0);
            if (d.size == 0 || d.start >= end || d.start + d.size < d.start)
                continue;
            if (d.start + d.size <= r->base)
                continue;
            touched |= d.type == 1;
            check(d.type == 1);
        }
    }
    check(touched);
}

static void check_regions(const struct direct_told *told)
{
    uint64_t at = 0;

    for (uint32_t i = 0; i < info.regions; i++) {
        const struct boot_memory_region *r = &info.region[i];

        check(r->base >= at && r->base % PAGE == 0 && r->pages != 0);
        check(r->pages <= (END - r->base) / PAGE);
        at = r->base + r->pages * PAGE;
        if (r->kind == BOOT_MEMORY_FREE)
            check_free(r, told);
    }
}

static void check_line(const char *line)
{
    size_t length = strnlen(line, BOOT_CMDLINE_SIZE);

    check(length < BOOT_CMDLINE_SIZE);
    for (size_t i = 0; i < length; i++)
        check(line[i] >= ' ' && line[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct direct_tables tables;
    struct direct_told told;
    struct acpi acpi;
    int status;

    if (size < 1)
        return 0;
    put_sound();
    patch(input + 1, size - 1);
    memset(&info, 0x5a, sizeof(info)); /* old contents must not count */
    info.image_base = IMAGE_AT;
    info.image_size = IMAGE;
    info.physical_end = END;
    status = input[0] & 1 ? direct_read_start_info(&reader, START_INFO, &told)
                          : direct_read_zero_page(&reader, ZERO_PAGE, &told);
    check(status == 0 || status == -EINVAL);
    if (status)
        return 0;
    status = direct_read_cmdline(&reader, told.cmdline, info.cmdline);
    check(status == 0 || status == -EINVAL);
    check_line(info.cmdline);
    info.rsdp = direct_find_rsdp(&reader, told.rsdp);
    (void)acpi_open(&acpi, &reader, info.rsdp);
    direct_find_tables(&acpi, info.rsdp, &tables);
    status = direct_read_ranges(&reader, &told, &tables, &info);
    check(status == 0 || status == -EINVAL);
    if (status == 0)
        check_regions(&told);
    return 0;
}
