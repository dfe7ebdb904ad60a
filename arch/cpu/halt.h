/* The last things a processor does. */
#ifndef ARCH_HALT_H
#define ARCH_HALT_H

/* From now on this processor takes no interrupts (NMI excepted). */
void halt_interrupts_off(void);

/* Interrupts off, HLT, for ever. */
_Noreturn void halt_forever(void);

/* Loads an empty interrupt table and faults: the processor resets. */
_Noreturn void halt_triple_fault(void);

#endif
