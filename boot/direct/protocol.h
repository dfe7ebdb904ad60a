/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a loader leaves in memory: the zero page of the 64-bit Linux boot
 * protocol [linux boot.rst], and the start info of PVH [xen start_info.h]. Only
 * what is read; other fields are reserved here.
 */
#ifndef BOOT_DIRECT_PROTOCOL_H
#define BOOT_DIRECT_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

/* A range of memory. A zero page has it in 20 bytes; PVH appends four more. The
 * types are those of the BIOS call E820 in both. [ACPI 6.5, 15] */
struct direct_range {
    uint64_t start; /* physical address */
    uint64_t size;  /* bytes */
    uint32_t type;
} __attribute__((packed));

_Static_assert(sizeof(struct direct_range) == 20, "an entry of E820");

#define DIRECT_PVH_RANGE_SIZE 24u

#define DIRECT_TYPE_RAM  1u
#define DIRECT_TYPE_ACPI 3u
#define DIRECT_TYPE_NVS  4u

/* struct boot_params, one page. */
struct direct_zero_page {
    uint8_t reserved1[0x70];
    uint64_t rsdp; /* 0: not told */
    uint8_t reserved2[0xC8 - 0x78];
    uint32_t cmdline_high;
    uint8_t reserved3[0x1E8 - 0xCC];
    uint8_t ranges;
    uint8_t reserved4[0x1FE - 0x1E9];
    uint16_t boot_flag;
    uint16_t reserved5;
    uint32_t header; /* "HdrS" */
    uint8_t reserved6[0x228 - 0x206];
    uint32_t cmdline; /* physical address of a text that ends in a zero */
    uint8_t reserved7[0x250 - 0x22C];
    uint64_t setup_data; /* first node of a list, 0: none */
    uint8_t reserved8[0x2D0 - 0x258];
    struct direct_range range[128];
} __attribute__((packed));

_Static_assert(offsetof(struct direct_zero_page, rsdp) == 0x70, "acpi_rsdp");
_Static_assert(offsetof(struct direct_zero_page, cmdline_high) == 0xC8,
               "ext_cmd_line_ptr");
_Static_assert(offsetof(struct direct_zero_page, ranges) == 0x1E8,
               "e820_entries");
_Static_assert(offsetof(struct direct_zero_page, header) == 0x202, "header");
_Static_assert(offsetof(struct direct_zero_page, cmdline) == 0x228,
               "cmd_line_ptr");
_Static_assert(offsetof(struct direct_zero_page, setup_data) == 0x250,
               "setup_data");
_Static_assert(offsetof(struct direct_zero_page, range) == 0x2D0, "e820_table");

#define DIRECT_ZERO_PAGE_FLAG   0xAA55u
#define DIRECT_ZERO_PAGE_HEADER 0x53726448u

/* A node of the list setup_data; `length` bytes follow it. */
struct direct_setup_data {
    uint64_t next; /* physical address, 0: the last one */
    uint32_t type;
    uint32_t length;
} __attribute__((packed));

_Static_assert(sizeof(struct direct_setup_data) == 16, "setup_data");

/* More ranges than a zero page has room for. */
#define DIRECT_SETUP_E820 1u

/* struct hvm_start_info, version 1 and later. */
struct direct_start_info {
    uint32_t magic;
    uint32_t version;
    uint32_t flags;
    uint32_t modules;
    uint64_t module_list;
    uint64_t cmdline; /* physical address, 0: none */
    uint64_t rsdp;    /* 0: not told */
    uint64_t ranges_at;
    uint32_t ranges;
    uint32_t reserved;
} __attribute__((packed));

_Static_assert(sizeof(struct direct_start_info) == 56, "hvm_start_info");
_Static_assert(offsetof(struct direct_start_info, cmdline) == 24,
               "cmdline_paddr");
_Static_assert(offsetof(struct direct_start_info, ranges_at) == 40,
               "memmap_paddr");

#define DIRECT_START_INFO_MAGIC 0x336EC578u

#endif
