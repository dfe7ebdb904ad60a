/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI tables as they lie in memory [ACPI 6.5, chapter 5.2]. Only what is
 * read; fields that nobody reads are reserved here.
 */
#ifndef ARCH_ACPI_TABLES_H
#define ARCH_ACPI_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* Root System Description Pointer [5.2.5.3]. */
struct acpi_rsdp {
    char signature[8]; /* "RSD PTR " */
    uint8_t checksum;  /* of the first 20 bytes */
    char oem[6];
    uint8_t revision; /* 0: the first 20 bytes only */
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t extended_checksum; /* of all `length` bytes */
    uint8_t reserved[3];
} __attribute__((packed));

_Static_assert(sizeof(struct acpi_rsdp) == 36, "RSDP size");
_Static_assert(offsetof(struct acpi_rsdp, xsdt) == 24, "RSDP.XsdtAddress");

#define ACPI_RSDP_OLD_SIZE 20u

/* What every other table begins with [5.2.6]. */
struct acpi_header {
    char signature[4];
    uint32_t length; /* of the whole table */
    uint8_t revision;
    uint8_t checksum;
    uint8_t oem[26];
} __attribute__((packed));

_Static_assert(sizeof(struct acpi_header) == 36, "table header size");

/* Longer tables are taken for broken: the largest honest ones have some hundred
 * thousand bytes. */
#define ACPI_TABLE_MAX (1024u * 1024u)

/* Generic Address Structure [5.2.3.2]. */
struct acpi_gas {
    uint8_t space;
    uint8_t bits;
    uint8_t offset;
    uint8_t access;
    uint64_t address;
} __attribute__((packed));

_Static_assert(sizeof(struct acpi_gas) == 12, "GAS size");

/* Fixed ACPI Description Table [5.2.9]. Older ones are shorter. */
struct acpi_fadt {
    struct acpi_header header;
    uint32_t firmware_control;
    uint32_t dsdt;
    uint32_t reserved1;
    uint32_t smi_command;
    uint8_t acpi_enable;
    uint8_t reserved2[3];
    uint32_t reserved3[2];
    uint32_t pm1a_control;
    uint32_t pm1b_control;
    uint32_t pm2_control;
    uint32_t pm_timer;
    uint8_t reserved4[28];
    uint8_t century;     /* the CMOS clock's register of it, 0: none */
    uint16_t boot_flags; /* IAPC_BOOT_ARCH */
    uint8_t reserved6;
    uint32_t flags;
    struct acpi_gas reset;
    uint8_t reset_value;
    uint8_t reserved5[3];
    uint64_t x_firmware_control;
    uint64_t x_dsdt;
    struct acpi_gas x_pm1a_event, x_pm1b_event;
    struct acpi_gas x_pm1a_control, x_pm1b_control;
    struct acpi_gas x_pm2_control;
    struct acpi_gas x_pm_timer;
} __attribute__((packed));

_Static_assert(offsetof(struct acpi_fadt, smi_command) == 48, "SMI_CMD");
_Static_assert(offsetof(struct acpi_fadt, pm1a_control) == 64, "PM1a_CNT_BLK");
_Static_assert(offsetof(struct acpi_fadt, century) == 108, "CENTURY");
_Static_assert(offsetof(struct acpi_fadt, boot_flags) == 109, "IAPC_BOOT_ARCH");
_Static_assert(offsetof(struct acpi_fadt, flags) == 112, "FADT flags");
_Static_assert(offsetof(struct acpi_fadt, reset) == 116, "RESET_REG");
_Static_assert(offsetof(struct acpi_fadt, x_dsdt) == 140, "X_DSDT");
_Static_assert(offsetof(struct acpi_fadt, x_pm1a_control) == 172,
               "X_PM1a_CNT_BLK");
_Static_assert(offsetof(struct acpi_fadt, x_pm_timer) == 208, "X_PM_TMR_BLK");

/* ACPI 1.0's ends before the reset register, the next before the
 * 64-bit fields. */
#define ACPI_FADT_1_SIZE 116u
#define ACPI_FADT_2_SIZE 132u

#define ACPI_FADT_TIMER_32         (1u << 8)
#define ACPI_FADT_RESET            (1u << 10)
#define ACPI_FADT_HARDWARE_REDUCED (1u << 20)

/* In boot_flags. */
#define ACPI_FADT_NO_CMOS_CLOCK (1u << 5)

/* Multiple APIC Description Table [5.2.12]; entries follow. */
struct acpi_madt {
    struct acpi_header header;
    uint32_t local_apic;
    uint32_t flags;
} __attribute__((packed));

_Static_assert(sizeof(struct acpi_madt) == 44, "MADT size");

struct acpi_madt_entry {
    uint8_t type;
    uint8_t length;
} __attribute__((packed));

#define ACPI_MADT_LOCAL_APIC   0
#define ACPI_MADT_LOCAL_X2APIC 9

#define ACPI_MADT_ENABLED        0x1u
#define ACPI_MADT_ONLINE_CAPABLE 0x2u

struct acpi_madt_local_apic {
    struct acpi_madt_entry entry;
    uint8_t uid;
    uint8_t apic_id;
    uint32_t flags;
} __attribute__((packed));

_Static_assert(sizeof(struct acpi_madt_local_apic) == 8, "MADT entry 0");

struct acpi_madt_local_x2apic {
    struct acpi_madt_entry entry;
    uint16_t reserved;
    uint32_t apic_id;
    uint32_t flags;
    uint32_t uid;
} __attribute__((packed));

_Static_assert(sizeof(struct acpi_madt_local_x2apic) == 16, "MADT entry 9");

#endif
