/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzer of the ACPI reader. The input is a piece of physical memory that
 * begins with the RSDP. Its tables lie at addresses from BASE on.
 *
 * Wrong checksums would end nearly every input at once. So the harness corrects
 * them in the tables that the input's pointers lead to, unless the last byte of
 * the input is odd.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arch/acpi/acpi.h"
#include "arch/acpi/tables.h"

#define BASE       UINT64_C(0x7F000000)
#define PROCESSORS 4u

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

struct memory {
    uint8_t *bytes;
    size_t size;
    unsigned reads;
};

static bool holds(const struct memory *m, uint64_t address, size_t size)
{
    return address >= BASE && address - BASE <= m->size &&
           size <= m->size - (size_t)(address - BASE);
}

static int read_memory(void *context, uint64_t address, void *out, size_t size)
{
    struct memory *m = context;

    /* A table of 1 MiB is summed in 4,096 reads; nothing takes many times
     * that. */
    if (++m->reads > 100000)
        abort();
    if (!holds(m, address, size))
        return -1;
    memcpy(out, m->bytes + (address - BASE), size);
    return 0;
}

/* Sets the byte at `at` so that the `length` bytes sum to 0. */
static void make_sum(struct memory *m, uint64_t address, uint32_t length,
                     uint32_t at)
{
    uint8_t *bytes, sum = 0;

    if (length <= at || !holds(m, address, length))
        return;
    bytes = m->bytes + (address - BASE);
    bytes[at] = 0;
    for (uint32_t i = 0; i < length; i++)
        sum = (uint8_t)(sum + bytes[i]);
    bytes[at] = (uint8_t)(0 - sum);
}

static void make_table_sum(struct memory *m, uint64_t address)
{
    struct acpi_header header;

    if (!holds(m, address, sizeof(header)))
        return;
    memcpy(&header, m->bytes + (address - BASE), sizeof(header));
    make_sum(m, address, header.length, offsetof(struct acpi_header, checksum));
}

static void make_dsdt_sum(struct memory *m, uint64_t address)
{
    struct acpi_fadt fadt;

    if (!holds(m, address, sizeof(fadt)))
        return;
    memcpy(&fadt, m->bytes + (address - BASE), sizeof(fadt));
    make_table_sum(m, fadt.dsdt);
    make_table_sum(m, fadt.x_dsdt);
    make_table_sum(m, address);
}

/* Corrects the sums of a root's tables, then its own. Entries have `width`
 * bytes. */
static void make_root_sums(struct memory *m, uint64_t root, unsigned width)
{
    uint64_t entry = root + sizeof(struct acpi_header);

    for (unsigned i = 0; i < 16 && holds(m, entry, width); i++) {
        uint64_t address = 0;

        memcpy(&address, m->bytes + (entry - BASE), width);
        make_table_sum(m, address);
        make_dsdt_sum(m, address);
        entry += width;
    }
    make_table_sum(m, root);
}

static void make_sums(struct memory *m)
{
    struct acpi_rsdp rsdp;

    if (m->size < sizeof(rsdp))
        return;
    memcpy(&rsdp, m->bytes, sizeof(rsdp));
    make_root_sums(m, rsdp.rsdt, 4);
    make_root_sums(m, rsdp.xsdt, 8);
    make_sum(m, BASE, ACPI_RSDP_OLD_SIZE, offsetof(struct acpi_rsdp, checksum));
    if (rsdp.revision != 0)
        make_sum(m, BASE, rsdp.length,
                 offsetof(struct acpi_rsdp, extended_checksum));
}

static void read_all(struct acpi *acpi)
{
    struct acpi_processor processors[PROCESSORS];
    struct acpi_power power;
    uint32_t count;

    if (acpi_read_power(acpi, &power) == 0 && power.s5_found &&
        (power.s5_a > 7 || power.s5_b > 7))
        abort();
    if (acpi_read_processors(acpi, processors, PROCESSORS, &count) == 0)
        for (uint32_t i = 1; i < count && i < PROCESSORS; i++)
            if (processors[i].apic_id == processors[i - 1].apic_id)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct memory m = {.bytes = malloc(size + 1), .size = size};
    struct acpi_reader reader = {read_memory, &m};
    uint8_t a = 0, b = 0;
    struct acpi acpi;

    if (m.bytes == NULL)
        return 0;
    if (size > 0)
        memcpy(m.bytes, input, size);
    /* The bytecode scanner also runs alone, so that it gets every input. */
    if (acpi_aml_find_s5(input, size, &a, &b) == 0 && (a > 7 || b > 7))
        abort();
    if (size > 0 && input[size - 1] % 2 == 0)
        make_sums(&m);
    if (acpi_open(&acpi, &reader, BASE) == 0)
        read_all(&acpi);
    else if (strnlen(acpi.error, sizeof(acpi.error)) == sizeof(acpi.error) ||
             acpi.error[0] == '\0')
        abort(); /* a failure must have an error text */
    free(m.bytes);
    return 0;
}
