/*
 * The other processors: found in the MADT, started by INIT and STARTUP (or by
 * the hypervisor), then parked in HLT, taking deferred work and interrupts.
 */
#ifndef ARCH_SMP_H
#define ARCH_SMP_H

#include <stdint.h>

#include "arch/acpi/acpi.h"
#include "arch/cpu/cpu.h"

/* Makes the running processor number 0. Once, first of all. */
void smp_setup_first(void);

/* Gives processor 0 the stacks that it lacks until there is memory.
 * 0 or -ENOMEM. */
int smp_give_stacks(void);

/*
 * Starts the others that the tables name, at most `limit` processors in all;
 * `each` runs on every one of them, at PASSIVE with interrupts off, before it
 * takes work. Returns how many run, number 0 included; one that does not run
 * within ten seconds is logged and left out, and stops if it runs later. Wants
 * a clock.
 */
uint32_t smp_start_others(struct acpi *acpi, uint32_t limit,
                          void (*each)(struct cpu *cpu));

/*
 * Another way to start a processor, tried before INIT and STARTUP: 0, or a
 * negative errno. `page` is the real-mode start page.
 */
void smp_set_starter(int (*start)(const struct cpu *cpu));

/* Where a starter lets the processor begin: 64-bit mode, our page tables, the
 * cpu in RDI, its stack in RSP. */
_Noreturn void smp_entry(struct cpu *cpu);
uint64_t smp_start_stack(const struct cpu *cpu);

/* Registers the handlers of VECTOR_STOP and VECTOR_FLUSH. */
void smp_handle_vectors(void);

/* Stops the others for good, without waiting. Any level. */
void smp_stop_others(void);

#endif
