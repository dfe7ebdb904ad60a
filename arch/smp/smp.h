/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other processors: found in the MADT, started by INIT and STARTUP (else by
 * the hypervisor), then parked in HLT, where they take deferred work and
 * interrupts.
 */
#ifndef ARCH_SMP_H
#define ARCH_SMP_H

#include <stdint.h>

#include "arch/acpi/acpi.h"
#include "arch/cpu/cpu.h"

/** Make the running processor number 0. Once, before everything else. */
void smp_setup_first(void);

/**
 * Give processor 0 the stacks that it lacks until there is memory.
 *
 * @return  0; -ENOMEM
 */
int smp_give_stacks(void);

/**
 * Start the other processors that the tables name. One that does not run within
 * ten seconds of the last way to start it is logged and left out; if it runs
 * later, it stops. A clock must be registered.
 *
 * @acpi    an opened reader
 * @limit   at most this many processors in all
 * @each    runs on every one of them, at PASSIVE with interrupts off, before it
 *          takes work
 * @return  how many run, number 0 included
 *
 * IRQL: PASSIVE, processor 0, once.
 */
uint32_t smp_start_others(struct acpi *acpi, uint32_t limit,
                          void (*each)(struct cpu *cpu));

/**
 * Register another way to start a processor, tried when it does not run ten
 * seconds after INIT and STARTUP.
 *
 * @start  returns 0 when the processor was told to start at smp_entry() with
 *         the stack smp_start_stack(); a negative errno: it cannot be started
 */
void smp_set_starter(int (*start)(const struct cpu *cpu));

/**
 * Where a processor begins: in 64-bit mode, with our page tables (or another
 * top of them), interrupts off, on its own stack.
 *
 * @cpu  in RDI
 */
_Noreturn void smp_entry(struct cpu *cpu);

/** The top of the stack of the processor that is being started, a multiple of
 * PAGE_SIZE. */
uint64_t smp_start_stack(const struct cpu *cpu);

/** Register the handlers of VECTOR_STOP and VECTOR_FLUSH. Once, at start. */
void smp_handle_vectors(void);

/** Stop the other processors for good, without waiting for them. IRQL: any. */
void smp_stop_others(void);

#endif
