/* Reading physical memory that somebody else wrote. */
#ifndef ARCH_PHYSICAL_H
#define ARCH_PHYSICAL_H

#include "arch/acpi/acpi.h"

/* A reader of RAM and firmware tables: everything that the memory map names
 * and that is therefore mapped; other ranges give -EFAULT. */
void physical_reader(struct acpi_reader *reader);

#endif
