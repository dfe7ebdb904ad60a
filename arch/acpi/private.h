/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the ACPI reader share. */
#ifndef ARCH_ACPI_PRIVATE_H
#define ARCH_ACPI_PRIVATE_H

#include "arch/acpi/acpi.h"
#include "arch/console/format.h"

/**
 * Keep a text in acpi->error.
 *
 * @return  @status
 */
int acpi_fail(struct acpi *acpi, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * Read @size bytes of physical memory.
 *
 * @return  0; -EFAULT
 */
int acpi_read(struct acpi *acpi, uint64_t address, void *out, size_t size);

/**
 * Check that there is a whole table of a signature at an address.
 *
 * @table   receives where it is
 * @return  0; -EFAULT: not readable; -EINVAL: signature, length or checksum is
 *          wrong
 */
int acpi_check(struct acpi *acpi, uint64_t address, const char *signature,
               struct acpi_table *table);

#endif
