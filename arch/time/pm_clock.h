/* SPDX-License-Identifier: BSD-2-Clause */
/* The ACPI power-management timer as the monotonic clock. */
#ifndef ARCH_PM_CLOCK_H
#define ARCH_PM_CLOCK_H

#include <stdbool.h>

#include "arch/acpi/acpi.h"
#include "arch/time/clock.h"

/* Longest sleep between two reads: the counter turns over in 4.6 s. */
#define PM_CLOCK_MAX_SLEEP CLOCK_UNITS_PER_S

/**
 * Register the timer as the clock.
 *
 * @power   the machine's FADT
 * @return  true; false: there is no such timer, or it stands still
 */
bool pm_clock_setup(const struct acpi_power *power);

#endif
