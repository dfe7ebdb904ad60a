/* What the files of the ACPI reader share. */
#ifndef ARCH_ACPI_PRIVATE_H
#define ARCH_ACPI_PRIVATE_H

#include "arch/acpi/acpi.h"
#include "arch/console/format.h"

/* Keeps the text in acpi->error and returns status. */
int acpi_fail(struct acpi *acpi, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* 0 or -EFAULT. */
int acpi_read(struct acpi *acpi, uint64_t address, void *out, size_t size);

/* Is there a whole table of that signature at the address? Fills `table`.
 * 0, -EFAULT, or -EINVAL: signature, length or checksum is wrong. */
int acpi_check(struct acpi *acpi, uint64_t address, const char *signature,
               struct acpi_table *table);

#endif
