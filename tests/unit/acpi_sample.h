/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds ACPI tables in a piece of simulated physical memory. */
#ifndef ACPI_SAMPLE_H
#define ACPI_SAMPLE_H

#include "arch/acpi/acpi.h"
#include "arch/acpi/tables.h"

#define SAMPLE_BASE UINT64_C(0x7F000000)
#define SAMPLE_SIZE 16384u

struct sample {
    uint8_t low[64]; /* at address 0 */
    uint8_t memory[SAMPLE_SIZE];
    uint32_t used;
    uint64_t root; /* of the XSDT or RSDT */
    struct acpi_reader reader;
};

/* Empties the memory. */
void sample_begin(struct sample *sample);

/* Returns the bytes at a physical address. */
void *sample_at(struct sample *sample, uint64_t address);

/* Adds a table: a header and `size` bytes of content. Returns its address. */
uint64_t sample_table(struct sample *sample, const char *signature,
                      const void *content, uint32_t size);

/* Sets the checksum, so that the table's bytes sum to 0 again. */
void sample_sum(struct sample *sample, uint64_t table);

/* Adds root table and RSDP for `count` tables: an XSDT, or with `old` an RSDT
 * and an RSDP of revision 0. Returns the RSDP's address. */
uint64_t sample_root(struct sample *sample, const uint64_t *tables,
                     uint32_t count, bool old);

/* Adds an XSDT and an RSDP for the tables and opens them as `acpi`. */
uint64_t sample_open(struct sample *sample, struct acpi *acpi,
                     const uint64_t *tables, uint32_t count);

/* Asserts that the status is `expected` and that the error has the text. */
void expect_acpi_error(const struct acpi *acpi, int status, int wanted,
                       const char *text);

/* \_S5 in AML: sleep types 5 and 6. */
extern const uint8_t sample_s5_aml[12];

/* Builds the first `length` bytes of a FADT, a DSDT of `aml`, the root table
 * and the RSDP in empty memory. Sets fadt->dsdt. Returns the RSDP's address. */
uint64_t sample_power(struct sample *sample, struct acpi_fadt *fadt,
                      uint32_t length, const void *aml, uint32_t size);

#endif
