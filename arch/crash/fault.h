/* From a fault or a broken invariant to the crash report. */
#ifndef ARCH_FAULT_H
#define ARCH_FAULT_H

#include "arch/cpu/frame.h"

/*
 * Stops the other processors and reports the fault of `frame`, with what the
 * faulting address is (stack guard, constants, page that went back, ...)
 * where that can be told. Any level.
 */
_Noreturn void fault_report(struct cpu_frame *frame);

#endif
