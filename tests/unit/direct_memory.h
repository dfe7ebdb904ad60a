/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical memory as a loader fills it, for the tests of boot/direct/. The
 * bytes of both protocols are written by hand, at the offsets of the protocols'
 * own documents, and not with the structs that are under test.
 */
#ifndef DIRECT_MEMORY_H
#define DIRECT_MEMORY_H

#include "acpi_sample.h"

#define LOW_SIZE 0x110000u

/* One MiB and a bit from address 0, and the ACPI sample's memory above. What
 * lies elsewhere is not readable. */
struct direct_memory {
    uint8_t low[LOW_SIZE];
    struct sample acpi;
    struct acpi_reader reader;
};
extern struct direct_memory ram;

#define ZERO_PAGE  0x7000u
#define START_INFO 0x6000u
#define RANGES_AT  0x9000u /* PVH's ranges */
#define LINE_AT    0x20000u

/* Is it a refusal, with this text in its reason? */
void is_refused(int status, const char *because);

/* Clear the memory. */
void direct_memory_begin(void);

/* Write a number of 1, 2, 4 or 8 bytes. */
void direct_put(uint64_t at, uint64_t value, unsigned size);

/* Write a text with its terminating zero. */
void direct_text(uint64_t at, const char *text);

/* Write a sound zero page with a RAM range of 640 KiB and one of 255 MiB from 1
 * MiB on, and no command line. */
void direct_zero_page(void);

/* Add a range to the zero page. */
void direct_zero_range(uint64_t start, uint64_t size, uint32_t type);

/* Write a sound start info with the same ranges. */
void direct_start_info(void);

/* Add a range behind the start info's. */
void direct_pvh_range(uint64_t start, uint64_t size, uint32_t type);

#endif
