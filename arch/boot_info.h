/* SPDX-License-Identifier: BSD-2-Clause */
/* What boot/ has found out and leaves behind. Everything above reads the
 * firmware's world from here and never asks the firmware again. */
#ifndef ARCH_BOOT_INFO_H
#define ARCH_BOOT_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/boot_files.h"
#include "arch/time/clock.h"
#include "arch/console/framebuffer.h"

#define BOOT_CMDLINE_SIZE 1024
#define BOOT_TEXT_SIZE    4096 /* bytes of a text file beside the image */
#define BOOT_VENDOR_SIZE  64

/* Physical addresses past this cannot be mapped at their own address. */
#define BOOT_PHYSICAL_END_MAX (UINT64_C(1) << 47)

/* What a range of physical memory may be used for. The later kinds allow less.
 */
enum boot_memory_kind {
    BOOT_MEMORY_FREE,     /* ours to hand out */
    BOOT_MEMORY_SERVICES, /* ours once nothing of the firmware's is in use:
                             its stack and page tables lie here */
    BOOT_MEMORY_OURS,     /* the image, and what boot/ allocated */
    BOOT_MEMORY_ACPI,     /* tables: read, never written or handed out */
    BOOT_MEMORY_FIRMWARE, /* runtime services, ACPI NVS: left alone */
    BOOT_MEMORY_RESERVED, /* not RAM, or not known; also what no region names */
};

struct boot_memory_region {
    uint64_t base;  /* bytes, page aligned */
    uint64_t pages; /* of 4,096 bytes */
    enum boot_memory_kind kind;
};

/* A text file beside the image, as its bytes are. */
struct boot_text {
    /* 0: it is not there, or empty. Above BOOT_TEXT_SIZE: it is longer than
     * what was read. */
    uint32_t size;
    char bytes[BOOT_TEXT_SIZE + 1];
};

/* Random bytes that the firmware is asked for. */
#define BOOT_SEED_SIZE 32

struct boot_info {
    uint64_t image_base;
    uint64_t image_size;
    uint64_t rsdp; /* physical address of the ACPI root, 0: none */

    struct boot_framebuffer framebuffer; /* width 0: no screen */

    /* Ascending, without overlap, all below physical_end, none of them
     * reserved. The list lies in the image, or in memory that it names itself
     * as BOOT_MEMORY_OURS. */
    struct boot_memory_region *region;
    uint32_t regions_room; /* how many the list can hold */
    uint32_t regions;
    uint32_t regions_dropped;      /* more than fit, or impossible */
    uint32_t regions_contradicted; /* listed as two kinds: the later holds */
    uint64_t physical_end;         /* bytes, of this processor's addresses */

    char cmdline[BOOT_CMDLINE_SIZE]; /* given with this start */
    struct boot_text cmd;            /* \EFI\BOOT\vmbare.cmd */
    struct boot_text conf;           /* \EFI\BOOT\vmbare.conf */
    struct boot_files files;         /* \EFI\vmbare\, where files_wanted() */
    char firmware_vendor[BOOT_VENDOR_SIZE];
    uint32_t firmware_revision;
    uint32_t uefi_revision;
    uint8_t seed[BOOT_SEED_SIZE]; /* of EFI_RNG, where boot_seed_wanted() */
    uint32_t seed_size;           /* bytes of it; 0: there is none */
    struct clock_date date;       /* from UEFI's GetTime, when date_valid */
    bool date_valid;

    /* Time stamp counter marks, for the boot figures. */
    uint64_t tsc_entry;
    uint64_t tsc_exited;    /* after ExitBootServices */
    uint64_t tsc_firmware;  /* spent inside firmware calls */
    uint32_t exit_attempts; /* of ExitBootServices; 2 = one stale key */
};

/**
 * May @base to @base + @size - 1 be a device's memory, as somebody claims?
 *
 * @return  false: part of it is RAM by the firmware's map, or past what the
 *          processor can address
 *
 * IRQL: any.
 */
bool boot_info_has_device(const struct boot_info *info, uint64_t base,
                          uint64_t size);

/* Puts a variable where boot_seed_wanted() finds it, if anything refers to it.
 */
#define BOOT_SEED_USER uint64_t __attribute__((section("vmbare_seeds")))

/** Does this image use random bytes of the firmware? By what is linked, so it
 * is known before anything runs. IRQL: any, and before arch_start(). */
bool boot_seed_wanted(void);

#endif
