/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power off and reset.
 *
 * Each way may be called alone, for tests and for callers that know better. A
 * way that does not work returns after a bounded wait, and says so in the log.
 */
#ifndef ARCH_POWER_H
#define ARCH_POWER_H

#include <stdint.h>

#include "arch/acpi/acpi.h"

/**
 * Keep where the tables are. They are read when they are needed, so their
 * memory must stay.
 *
 * @reader  copied
 * @rsdp    physical address; 0: there is no ACPI
 *
 * IRQL: PASSIVE, once.
 */
void power_init(const struct acpi_reader *reader, uint64_t rsdp);

/** Register the hypervisor's way to reset (hv/). */
void power_set_hypervisor_reset(void (*reset)(void));

/** Enter S5 by the FADT's control registers. When that does not work: log, then
 * interrupts off and HLT for ever. IRQL: PASSIVE. */
_Noreturn void power_off(void);

/** Reset by the first way that works: hypervisor, ACPI, keyboard controller,
 * triple fault. IRQL: any. */
_Noreturn void power_reset(void);

/**
 * Power off by ACPI.
 *
 * @return  never 0, because the machine has ended then; -ENODEV: there is no
 *          such way here; -EIO: it was tried, and the machine still runs
 */
int power_off_by_acpi(void);

/** Reset by the hypervisor. Returns as power_off_by_acpi(). */
int power_reset_by_hypervisor(void);

/** Reset by the FADT's reset register. Returns as power_off_by_acpi(). */
int power_reset_by_acpi(void);

/** Reset by the keyboard controller. Returns as power_off_by_acpi(). */
int power_reset_by_keyboard(void);

#endif
