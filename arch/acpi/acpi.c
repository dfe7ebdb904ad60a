/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds ACPI tables: see acpi.h. [ACPI 6.5, 5.2]
 *
 *     RSDP -> XSDT (64-bit addresses) or RSDT (32-bit) -> FACP, APIC, ...
 *                                                         FACP -> DSDT
 *
 * Each arrow is an address that the firmware has written. It is followed only
 * after the table that holds it has passed its checks.
 */
#include "arch/acpi/acpi.h"

#include <errno.h>
#include <string.h>

#include "arch/acpi/tables.h"
#include "arch/acpi/private.h"

/* Bytes that are summed at a time. */
#define CHUNK 256u

#define RSDP_MAX 256u

int acpi_fail(struct acpi *acpi, int status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    format_print_v(acpi->error, sizeof(acpi->error), format, arguments);
    va_end(arguments);
    return status;
}

/* An address that wraps around is as unreadable as any other. */
int acpi_read(struct acpi *acpi, uint64_t address, void *out, size_t size)
{
    if (address > UINT64_MAX - size ||
        acpi->reader.read(acpi->reader.context, address, out, size) < 0)
        return acpi_fail(acpi, -EFAULT, "0x%llx is not readable",
                         (unsigned long long)address);
    return 0;
}

/* All bytes of a sound table sum to 0, the checksum byte included. */
static int check_sum(struct acpi *acpi, uint64_t address, uint32_t length,
                     const char *name)
{
    uint8_t bytes[CHUNK];
    uint8_t sum = 0;

    /* In pieces on the stack: a table may be larger than any buffer of ours. */
    for (uint32_t done = 0; done < length;) {
        uint32_t size = length - done < CHUNK ? length - done : CHUNK;
        int status = acpi_read(acpi, address + done, bytes, size);

        if (status < 0)
            return status;
        for (uint32_t i = 0; i < size; i++)
            sum = (uint8_t)(sum + bytes[i]);
        done += size;
    }
    if (sum != 0)
        return acpi_fail(acpi, -EINVAL, "%s: bytes sum to 0x%02x, not to 0",
                         name, sum);
    return 0;
}

/* The length is checked before the sum, which reads that many bytes. */
int acpi_check(struct acpi *acpi, uint64_t address, const char *signature,
               struct acpi_table *table)
{
    struct acpi_header header;
    int status = acpi_read(acpi, address, &header, sizeof(header));

    if (status < 0)
        return status;
    /* Believe the signature first, then the length, then the sum. */
    if (memcmp(header.signature, signature, sizeof(header.signature)) != 0)
        return acpi_fail(acpi, -EINVAL, "no %.4s at 0x%llx", signature,
                         (unsigned long long)address);
    if (header.length < sizeof(header) || header.length > ACPI_TABLE_MAX)
        return acpi_fail(acpi, -EINVAL, "%.4s has length %u", signature,
                         header.length);
    table->address = address;
    table->length = header.length;
    return check_sum(acpi, address, header.length, signature);
}

/* [ACPI 6.5, 5.2.5] */
bool acpi_is_root(const uint8_t bytes[20])
{
    uint8_t sum = 0;

    for (uint32_t i = 0; i < ACPI_RSDP_OLD_SIZE; i++)
        sum = (uint8_t)(sum + bytes[i]);
    return sum == 0 && memcmp(bytes, "RSD PTR ", 8) == 0;
}

/* The first 20 bytes have a checksum of their own; only revision 2 and later
 * has the rest. [ACPI 6.5, 5.2.5.3] */
static int read_rsdp(struct acpi *acpi, uint64_t address,
                     struct acpi_rsdp *rsdp)
{
    int status;

    memset(rsdp, 0, sizeof(*rsdp));
    status = acpi_read(acpi, address, rsdp, ACPI_RSDP_OLD_SIZE);
    if (status < 0)
        return status;
    /* The signature ends in a blank and has no terminating zero. */
    if (memcmp(rsdp->signature, "RSD PTR ", sizeof(rsdp->signature)) != 0)
        return acpi_fail(acpi, -EINVAL, "no RSDP at 0x%llx",
                         (unsigned long long)address);
    status = check_sum(acpi, address, ACPI_RSDP_OLD_SIZE, "RSDP");
    if (status < 0 || rsdp->revision == 0)
        return status;
    /* Only now it is known that the longer form is there. */
    status = acpi_read(acpi, address, rsdp, sizeof(*rsdp));
    if (status < 0)
        return status;
    if (rsdp->length < sizeof(*rsdp) || rsdp->length > RSDP_MAX)
        return acpi_fail(acpi, -EINVAL, "RSDP has length %u", rsdp->length);
    return check_sum(acpi, address, rsdp->length, "RSDP");
}

/* Nothing is kept of a reader that could not be opened: entry_size 0 says so.
 */
int acpi_open(struct acpi *acpi, const struct acpi_reader *reader,
              uint64_t rsdp_address)
{
    struct acpi_rsdp rsdp;
    struct acpi_table root;
    bool has_xsdt;
    int status;

    memset(acpi, 0, sizeof(*acpi));
    acpi->reader = *reader;
    if (rsdp_address == 0)
        return acpi_fail(acpi, -ENOENT, "there is no RSDP");
    status = read_rsdp(acpi, rsdp_address, &rsdp);
    if (status < 0)
        return status;
    has_xsdt = rsdp.xsdt != 0; /* an RSDP of revision 0 has no such field */
    status = has_xsdt ? acpi_check(acpi, rsdp.xsdt, "XSDT", &root)
                      : acpi_check(acpi, rsdp.rsdt, "RSDT", &root);
    if (status < 0)
        return status;
    acpi->root = root.address;
    acpi->root_length = root.length;
    acpi->entry_size = has_xsdt ? 8 : 4;
    return 0;
}

/* Reads the address that entry `index` of the root holds. */
static int read_entry(struct acpi *acpi, uint32_t index, uint64_t *address)
{
    *address = 0; /* an RSDT's entries fill the low half only */
    return acpi_read(acpi,
                     acpi->root + sizeof(struct acpi_header) +
                         (uint64_t)index * acpi->entry_size,
                     address, acpi->entry_size);
}

/* The count comes from the root's checked length; what is left over at its end
 * is no entry. */
int acpi_find(struct acpi *acpi, const char *signature,
              struct acpi_table *table)
{
    uint32_t count;
    int status = 0;

    if (!acpi->entry_size)
        return -ENOENT;
    count = (acpi->root_length - (uint32_t)sizeof(struct acpi_header)) /
            acpi->entry_size;
    for (uint32_t i = 0; i < count; i++) {
        char found[4];
        uint64_t address;
        int bad;

        if (read_entry(acpi, i, &address) < 0)
            return -EFAULT;
        /* An entry that points nowhere hides only itself. */
        if (address == 0 || acpi_read(acpi, address, found, 4) < 0)
            continue;
        if (memcmp(found, signature, sizeof(found)) != 0)
            continue;
        /* A broken one may be followed by a sound one of the same name. */
        bad = acpi_check(acpi, address, signature, table);
        if (!bad)
            return 0;
        status = bad;
    }
    if (status)
        return status;
    return acpi_fail(acpi, -ENOENT, "no %.4s among %u tables", signature,
                     count);
}
