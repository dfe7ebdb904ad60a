/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads physical memory that somebody else wrote. */
#ifndef ARCH_PHYSICAL_H
#define ARCH_PHYSICAL_H

#include "arch/acpi/acpi.h"

/** Fill in a reader of RAM and firmware tables: of everything that the memory
 * map names and that is therefore mapped. Other ranges give -EFAULT. */
void physical_reader(struct acpi_reader *reader);

#endif
