/* SPDX-License-Identifier: BSD-2-Clause */
/* The last things that a processor does. */
#ifndef ARCH_HALT_H
#define ARCH_HALT_H

/** Take no interrupts on this processor from now on (NMI excepted). IRQL: any.
 */
void halt_interrupts_off(void);

/** Stop this processor: interrupts off and HLT, again and again. IRQL: any. */
_Noreturn void halt_forever(void);

/**
 * Reset the machine by a fault that no handler can take: the last way, which
 * needs no device. Where even that does not reset it, the processor stops.
 * IRQL: any.
 */
_Noreturn void halt_triple_fault(void);

#endif
