/* SPDX-License-Identifier: BSD-2-Clause */
/* From a fault or a broken invariant to the crash report. */
#ifndef ARCH_FAULT_H
#define ARCH_FAULT_H

/**
 * Register this folder as the end of faults (with arch/interrupts) and of
 * broken invariants (with arch/cpu). Once, at start.
 *
 * Both stop the other processors first. The report of a page fault says what
 * lies at the faulting address: stack guard, constants, page that went back.
 */
void fault_setup(void);

#endif
