/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts and faults of the machine: the interrupt descriptor table (IDT),
 * which all processors share.
 *
 * A handler runs at INTERRUPT with interrupts off and only marks work. The
 * entry code has saved all registers, SSE state included, so a handler is plain
 * C.
 */
#ifndef ARCH_INTERRUPTS_H
#define ARCH_INTERRUPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/cpu/frame.h"

/* Vectors below 0x20 are the processor's faults. */
#define VECTOR_WAKE       0xe0 /* another processor queued work */
#define VECTOR_FLUSH      0xe1 /* another processor wants our TLB flushed */
#define VECTOR_STOP       0xe2 /* another processor crashed or ends */
#define VECTOR_APIC_TIMER 0xe3
#define VECTOR_SINT       0xe4 /* the SynIC: VMBus messages and events */
#define VECTOR_STIMER     0xe5 /* synthetic timer in direct mode */
#define VECTOR_SPURIOUS   0xff

/* A handler. What it changes in *frame is what the interrupted code goes on
 * with. */
typedef void interrupt_handler(struct cpu_frame *frame);

/**
 * Set the handler of a vector.
 *
 * @vector    0x20 or more (asserted)
 * @handler   NULL takes it away
 * @auto_eoi  true: the hypervisor acknowledges the interrupt; false: the
 *            dispatch writes EOI after the handler
 *
 * IRQL: any; in force at once on all processors.
 */
void interrupts_handle(uint8_t vector, interrupt_handler *handler,
                       bool auto_eoi);

/**
 * Build the table and connect this folder with arch/cpu: entries of vectors,
 * and deferred work when the level falls. Once, before the first processor
 * loads it.
 */
void interrupts_setup(void);

/** Load the table on the running processor, whose TSS must be set. */
void interrupts_load(void);

/** Register who reports a fault that nobody catches (arch/crash). Must not
 * return. Until then such a fault stops the processor. */
void interrupts_set_fault(void (*report)(struct cpu_frame *frame));

/**
 * Run probe(arg) and catch a general-protection fault in it. For registers
 * (MSRs) that may not exist.
 *
 * @return  true: the probe returned; false: the fault cut it short
 *
 * Interrupts are off meanwhile. Probes do not nest (asserted).
 */
bool interrupts_try(void (*probe)(void *), void *arg);

#endif
