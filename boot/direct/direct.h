/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot/direct/: from a loader's jump to a filled struct boot_info, without
 * firmware.
 *
 *     entry.S        the processor, and tables of the low 4 GiB
 *     zero_page.c, start_info.c    which protocol says what, and where
 *     cmdline.c, rsdp.c, tables.c, ranges.c, date.c    what it means
 *     direct_main.c  the order of things
 *
 * All of it is input from outside. Everything is read through a reader, so that
 * hosted tests can be the memory. Functions that return -EINVAL have told the
 * reason to boot_refuse().
 */
#ifndef BOOT_DIRECT_DIRECT_H
#define BOOT_DIRECT_DIRECT_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/acpi/acpi.h"
#include "arch/boot_info.h"
#include "boot/direct/protocol.h"

/* By which protocol the loader started the image; entry.S has the numbers. */
enum direct_protocol {
    DIRECT_LINUX, /* 64-bit Linux: a zero page */
    DIRECT_PVH,   /* a start info */
};

/* Zero page and its list hold their ranges in this many pieces at most. */
#define DIRECT_LISTS_MAX 9u

/* Where a loader has put what it tells, in both protocols. */
struct direct_told {
    uint64_t rsdp;    /* physical address, 0: not told */
    uint64_t cmdline; /* physical address, 0: none */
    struct {
        uint64_t at;     /* physical address of the first range */
        uint32_t ranges; /* how many */
        uint32_t stride; /* bytes from one to the next */
    } list[DIRECT_LISTS_MAX];
    uint32_t lists;
};

/**
 * Read a zero page and the list setup_data behind it.
 *
 * @at      its physical address
 * @told    receives what it says
 * @return  0; -EINVAL: it is none, or contradicts itself
 */
int direct_read_zero_page(const struct acpi_reader *memory, uint64_t at,
                          struct direct_told *told);

/**
 * Read PVH's start info.
 *
 * @at      its physical address
 * @told    receives what it says
 * @return  0; -EINVAL: it is none, or has no memory map
 */
int direct_read_start_info(const struct acpi_reader *memory, uint64_t at,
                           struct direct_told *told);

/**
 * Take the options, which stand behind the word `--`, from a command line: what
 * stands before it belongs to Linux and to the host.
 *
 * @at       physical address of the text, 0: there is none
 * @cmdline  receives them, BOOT_CMDLINE_SIZE bytes; "" without `--`
 * @return   0; -EINVAL: the text has no end, or the options are too long
 */
int direct_read_cmdline(const struct acpi_reader *memory, uint64_t at,
                        char *cmdline);

/**
 * Find ACPI's root: where the loader says, else where a BIOS puts it.
 *
 * @told    physical address, 0: not told
 * @return  its physical address; 0: there is none
 */
uint64_t direct_find_rsdp(const struct acpi_reader *memory, uint64_t told);

#define DIRECT_TABLES_MAX 32u

/* The pages that ACPI tables lie in, whatever the memory map calls them. */
struct direct_tables {
    struct {
        uint64_t from, to; /* whole pages */
    } range[DIRECT_TABLES_MAX];
    uint32_t ranges;
};

/**
 * Find out where the ACPI tables lie, so that they stay readable.
 *
 * @acpi    opened; with an error state there is nothing but the root
 * @rsdp    physical address of the root, 0: there are no tables
 * @tables  receives the pages. Tables past DIRECT_TABLES_MAX separate ranges
 *          are left out
 */
void direct_find_tables(struct acpi *acpi, uint64_t rsdp,
                        struct direct_tables *tables);

/* A loader may tell this many ranges of memory. */
#define DIRECT_RANGES_MAX 2048u

/**
 * Put the loader's memory map into info->region. What holds an ACPI table is
 * BOOT_MEMORY_ACPI.
 *
 * @return  0; -EINVAL: it cannot be read, has too many ranges, or leaves too
 *          little free memory
 */
int direct_read_ranges(const struct acpi_reader *memory,
                       const struct direct_told *told,
                       const struct direct_tables *tables,
                       struct boot_info *info);

/**
 * Read the date from the CMOS clock.
 *
 * @acpi    opened; its FADT says whether there is such a clock
 * @date    receives the date
 * @return  false: there is no such clock, or what it shows is no date
 */
bool direct_read_date(struct acpi *acpi, struct clock_date *date);

/** End the start: say on COM1 and on the debug port 0xE9 why, give the verdict
 * to a test's host, halt. */
_Noreturn void direct_give_up(const char *why);

/**
 * Start, called by entry.S on a stack and on tables in the image.
 *
 * @at        physical address of what the loader tells
 * @protocol  what that is
 */
_Noreturn void direct_main(uint64_t at, enum direct_protocol protocol);

#endif
