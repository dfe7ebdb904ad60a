/* The ACPI power-management timer as the monotonic clock. */
#ifndef ARCH_PM_CLOCK_H
#define ARCH_PM_CLOCK_H

#include <stdbool.h>

#include "arch/acpi/acpi.h"
#include "arch/time/clock.h"

/* Longest sleep between two reads: the counter turns over in 4.6 s. */
#define PM_CLOCK_MAX_SLEEP CLOCK_UNITS_PER_S

/* Registers it as the clock. False: there is none, or it stands still. */
bool pm_clock_setup(const struct acpi_power *power);

#endif
