/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds ACPI tables: see acpi_sample.h. */
#include "acpi_sample.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static int read_sample(void *context, uint64_t address, void *out, size_t size)
{
    struct sample *sample = context;

    if (address > UINT64_MAX - size)
        abort(); /* no reader has to handle this */
    if (address + size <= sizeof(sample->low)) {
        memcpy(out, sample->low + address, size);
        return 0;
    }
    if (address < SAMPLE_BASE || size > SAMPLE_SIZE ||
        address - SAMPLE_BASE > SAMPLE_SIZE - size)
        return -1;
    memcpy(out, sample->memory + (address - SAMPLE_BASE), size);
    return 0;
}

void sample_begin(struct sample *sample)
{
    memset(sample, 0, sizeof(*sample));
    sample->reader = (struct acpi_reader){read_sample, sample};
}

void *sample_at(struct sample *sample, uint64_t address)
{
    return sample->memory + (address - SAMPLE_BASE);
}

static uint64_t take(struct sample *sample, uint32_t size)
{
    uint32_t at = sample->used;

    if (size > SAMPLE_SIZE - at)
        abort();
    sample->used = at + (size + 15) / 16 * 16;
    return SAMPLE_BASE + at;
}

static uint8_t sum(const uint8_t *bytes, uint32_t size)
{
    uint8_t result = 0;

    while (size-- > 0)
        result = (uint8_t)(result + *bytes++);
    return result;
}

void sample_sum(struct sample *sample, uint64_t table)
{
    struct acpi_header *header = sample_at(sample, table);

    header->checksum = 0;
    header->checksum =
        (uint8_t)(0 - sum((const uint8_t *)header, header->length));
}

uint64_t sample_table(struct sample *sample, const char *signature,
                      const void *content, uint32_t size)
{
    uint64_t address =
        take(sample, (uint32_t)sizeof(struct acpi_header) + size);
    struct acpi_header *header = sample_at(sample, address);

    memset(header, 0x20, sizeof(*header));
    memcpy(header->signature, signature, sizeof(header->signature));
    header->length = (uint32_t)sizeof(*header) + size;
    if (size > 0)
        memcpy(header + 1, content, size);
    sample_sum(sample, address);
    return address;
}

uint64_t sample_root(struct sample *sample, const uint64_t *tables,
                     uint32_t count, bool old)
{
    uint64_t address = take(sample, sizeof(struct acpi_rsdp));
    struct acpi_rsdp *rsdp = sample_at(sample, address);
    uint32_t narrow[16];

    for (uint32_t i = 0; i < count && i < 16; i++)
        narrow[i] = (uint32_t)tables[i];
    sample->root = old ? sample_table(sample, "RSDT", narrow, count * 4)
                       : sample_table(sample, "XSDT", tables, count * 8);
    memcpy(rsdp->signature, "RSD PTR ", sizeof(rsdp->signature));
    rsdp->revision = old ? 0 : 2;
    rsdp->rsdt = old ? (uint32_t)sample->root : 0;
    rsdp->length = sizeof(*rsdp);
    rsdp->xsdt = old ? 0 : sample->root;
    rsdp->checksum = (uint8_t)(0 - sum((uint8_t *)rsdp, ACPI_RSDP_OLD_SIZE));
    rsdp->extended_checksum =
        (uint8_t)(0 - sum((uint8_t *)rsdp, sizeof(*rsdp)));
    /* An RSDP of revision 0 ends after 20 bytes; what follows is not its own.
     */
    if (old)
        memset((uint8_t *)rsdp + ACPI_RSDP_OLD_SIZE, 0xEE,
               sizeof(*rsdp) - ACPI_RSDP_OLD_SIZE);
    return address;
}

uint64_t sample_open(struct sample *sample, struct acpi *acpi,
                     const uint64_t *tables, uint32_t count)
{
    uint64_t rsdp = sample_root(sample, tables, count, false);

    assert_int_equal(acpi_open(acpi, &sample->reader, rsdp), 0);
    return rsdp;
}

void expect_acpi_error(const struct acpi *acpi, int status, int wanted,
                       const char *text)
{
    assert_int_equal(status, wanted);
    assert_non_null(strstr(acpi->error, text));
}

const uint8_t sample_s5_aml[12] = {0x08, '_',  'S',  '5',  '_',  0x12,
                                   0x06, 0x04, 0x0A, 0x05, 0x0A, 0x06};

uint64_t sample_power(struct sample *sample, struct acpi_fadt *fadt,
                      uint32_t length, const void *aml, uint32_t size)
{
    uint64_t tables[1];

    sample_begin(sample);
    fadt->dsdt = (uint32_t)sample_table(sample, "DSDT", aml, size);
    tables[0] = sample_table(sample, "FACP", &fadt->header + 1,
                             length - (uint32_t)sizeof(fadt->header));
    return sample_root(sample, tables, 1, false);
}
