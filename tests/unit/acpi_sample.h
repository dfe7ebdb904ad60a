/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI tables made by hand, in a piece of pretended physical memory. */
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

/* Empty memory. */
void sample_begin(struct sample *sample);

/* The bytes at a physical address. */
void *sample_at(struct sample *sample, uint64_t address);

/* Adds `size` bytes of a table's content behind a header. Its address. */
uint64_t sample_table(struct sample *sample, const char *signature,
                      const void *content, uint32_t size);

/* Makes the table's bytes sum to 0 again. */
void sample_sum(struct sample *sample, uint64_t table);

/* Adds root table and RSDP for `count` tables: an XSDT, or with `old` an
 * RSDT and an RSDP of revision 0. The RSDP's address. */
uint64_t sample_root(struct sample *sample, const uint64_t *tables,
                     uint32_t count, bool old);

/* The same with an XSDT, opened as `acpi`. */
uint64_t sample_open(struct sample *sample, struct acpi *acpi,
                     const uint64_t *tables, uint32_t count);

/* The status is that one, and the error has the text in it. */
void expect_acpi_error(const struct acpi *acpi, int status, int wanted,
                       const char *text);

/* \_S5 in AML: sleep types 5 and 6. */
extern const uint8_t sample_s5_aml[12];

/* Empty memory, then the first `length` bytes of a FADT, a DSDT of `aml` and
 * what leads there. Sets fadt->dsdt; the RSDP's address. */
uint64_t sample_power(struct sample *sample, struct acpi_fadt *fadt,
                      uint32_t length, const void *aml, uint32_t size);

#endif
