/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ACPI tables: a pure reader of what the machine's firmware left in memory.
 *
 * Every byte is input from outside. Lengths are checked against the table and
 * the table against its checksum before anything is believed, and all walks are
 * bounded.
 *
 * Functions return 0 or a negative errno; with an error, acpi->error says what
 * was found and what was expected.
 */
#ifndef ARCH_ACPI_H
#define ARCH_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads physical memory. 0; negative when the range is not readable. */
struct acpi_reader {
    int (*read)(void *context, uint64_t address, void *out, size_t size);
    void *context;
};

struct acpi {
    struct acpi_reader reader;
    uint64_t root; /* address of the XSDT or RSDT */
    uint32_t root_length;
    uint32_t entry_size; /* 8: XSDT, 4: RSDT */
    char error[96];
};

struct acpi_table {
    uint64_t address;
    uint32_t length; /* header included; 36..1 MiB */
};

/**
 * Are these the first 20 bytes of an RSDP, by signature and sum? Whoever starts
 * the image may tell a place where there is none. acpi_open() checks the rest.
 *
 * IRQL: any.
 */
bool acpi_is_root(const uint8_t bytes[20]);

/**
 * Follow the RSDP to the XSDT, or for revision 0 to the RSDT.
 *
 * @acpi    receives the state; needs no close
 * @reader  copied
 * @rsdp    its physical address, as whoever started the image gives it; 0: none
 * @return  0; -ENOENT: there is none; -EFAULT: not readable; -EINVAL: wrong
 *          signature, length or checksum
 *
 * IRQL: PASSIVE, as all functions from here on.
 */
int acpi_open(struct acpi *acpi, const struct acpi_reader *reader,
              uint64_t rsdp);

/**
 * Find the first sound table of a signature.
 *
 * @signature  4 characters
 * @return     0; -ENOENT: there is none, or acpi_open() has failed (the error
 *             text stays that one's); -EINVAL: the length or the checksum of
 *             each is wrong; -EFAULT: none is readable
 */
int acpi_find(struct acpi *acpi, const char *signature,
              struct acpi_table *table);

/* A register of the FADT. address 0: not there. */
struct acpi_register {
    uint64_t address;
    uint8_t space; /* 0 memory, 1 I/O port, others are refused */
    uint8_t bits;
};

#define ACPI_SPACE_MEMORY 0
#define ACPI_SPACE_IO     1

/* What powering off, resetting, the PM timer and the date need. */
struct acpi_power {
    struct acpi_register pm1a_control, pm1b_control;
    struct acpi_register reset; /* address 0: not supported */
    uint8_t reset_value;
    struct acpi_register pm_timer;
    bool pm_timer_32;     /* 32 bits wide, otherwise 24 */
    uint32_t smi_command; /* port; 0: ACPI mode is always on */
    uint8_t acpi_enable;
    bool hardware_reduced;
    uint16_t boot_flags; /* ACPI_FADT_NO_CMOS_CLOCK */
    uint8_t century;     /* the CMOS clock's register, 0: none */
    uint64_t dsdt;
    bool s5_found;      /* false: the DSDT has no usable \_S5, see error */
    uint8_t s5_a, s5_b; /* SLP_TYP for PM1a and PM1b, 0..7 */
};

/**
 * Read the FADT alone. Everything of *power is set; s5_found, s5_a and s5_b are
 * 0.
 *
 * @return  0; -ENOENT, -EFAULT, -EINVAL: there is no usable FADT
 */
int acpi_read_fadt(struct acpi *acpi, struct acpi_power *power);

/**
 * Read the FADT, and \_S5 from the DSDT. It reads the whole DSDT, some ten
 * thousand bytes, so it is not called on the way to the application.
 *
 * @return  0, also when \_S5 is missing (s5_found is false then); -ENOENT,
 *          -EFAULT, -EINVAL: there is no usable FADT
 */
int acpi_read_power(struct acpi *acpi, struct acpi_power *power);

struct acpi_processor {
    uint32_t apic_id;
    uint32_t uid;
    bool enabled; /* false: may come later, not there now */
};

/**
 * List the processors of the MADT (local APIC and x2APIC entries), each APIC id
 * once. Entries that are neither enabled nor can be brought online are left
 * out.
 *
 * @processors  receives at most @room of them
 * @count       receives how many there are, which may be more than @room
 * @return      0; -ENOENT, -EFAULT, -EINVAL: there is no usable MADT
 */
int acpi_read_processors(struct acpi *acpi, struct acpi_processor *processors,
                         uint32_t room, uint32_t *count);

/**
 * Find Name (_S5, Package () {...}) in AML and take its first two elements.
 * Pure.
 *
 * @return  0; -ENOENT: no such name; -EINVAL: it is no package of constants
 *          0..7
 */
int acpi_aml_find_s5(const uint8_t *aml, size_t length, uint8_t *s5_a,
                     uint8_t *s5_b);

#endif
