/*
 * Interrupts and faults of one machine: the IDT, shared by all processors.
 *
 * A handler runs at INTERRUPT with interrupts off and only marks work; the
 * stub has saved all registers, SSE state included, so it may be plain C.
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

typedef void interrupt_handler(struct cpu_frame *frame);

/*
 * Sets the handler of a vector from 0x20 up; NULL takes it away. With
 * `auto_eoi` the hypervisor acknowledges, else the stub writes EOI after the
 * handler. Any level; in force at once on all processors.
 */
void interrupts_handle(uint8_t vector, interrupt_handler *handler,
                       bool auto_eoi);

/* Interrupts at vectors without a handler: counted, acknowledged. */
uint64_t interrupts_unexpected(void);

/* Builds the table; once, before the first processor loads it. */
void interrupts_setup(void);

/* Loads the table on this processor. Its TSS must be set. */
void interrupts_load(void);

void interrupts_set_fault(void (*report)(struct cpu_frame *frame));

/*
 * Runs probe(arg) with faults at its instructions caught: false where a
 * general-protection fault cut it short. For MSRs that may not be there.
 */
bool interrupts_try(void (*probe)(void *), void *arg);

#endif
