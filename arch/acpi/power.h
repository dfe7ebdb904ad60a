/*
 * Power off and reset.
 *
 * Each way is callable alone, for tests and for callers who know better. A
 * way that does not work returns, after a bounded wait, and says so in the
 * log.
 */
#ifndef ARCH_POWER_H
#define ARCH_POWER_H

#include <stdint.h>

#include "arch/acpi/acpi.h"

/*
 * Keeps where the tables are; they are read when they are needed, so their
 * memory must stay. rsdp 0: there is no ACPI. PASSIVE, once.
 */
void power_init(const struct acpi_reader *reader, uint64_t rsdp);

/* Registers the hypervisor's way to reset (hv/). */
void power_set_hypervisor_reset(void (*reset)(void));

/*
 * Registers what is done before the machine ends, for instance unloading
 * the bus. Called once, by power_off and power_reset, at the caller's IRQL.
 */
void power_set_before_end(void (*before)(void));

/* Enters S5 by the FADT's control registers. When it does not work: log,
 * then interrupts off and HLT for ever. PASSIVE. */
_Noreturn void power_off(void);

/* Hypervisor, ACPI, keyboard controller, triple fault. Any IRQL. */
_Noreturn void power_reset(void);

/* The same without what power_set_before_end registered: for a crash. */
_Noreturn void power_reset_at_once(void);

/* The single ways. 0 is never returned where the machine ended; -ENODEV:
 * there is no such way here; -EIO: tried, and the machine still runs. */
int power_off_by_acpi(void);
int power_reset_by_hypervisor(void);
int power_reset_by_acpi(void);
int power_reset_by_keyboard(void);

#endif
