/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of an interrupt that the hypervisor spares. Writing the APIC's EOI
 * register leaves a guest whose APIC is not virtualised in hardware. A
 * hypervisor may say in memory, for each interrupt anew, that it needs to hear
 * nothing of its end.
 */
#ifndef ARCH_EOI_H
#define ARCH_EOI_H

#include <stdbool.h>

#include "arch/cpu/cpu.h"

/* Bit 0 of the hint: the interrupt in service needs no EOI. [TLFS] 10.3.5 */
#define EOI_SPARED 1u

/**
 * Ask whether the interrupt in service needs no EOI. Once for each, in place of
 * the EOI: the answer is taken back by asking.
 *
 * @cpu     the running processor; its `no_eoi` is NULL where there is no hint
 * @return  false: write the EOI
 *
 * Interrupts must be off.
 */
static inline bool eoi_is_spared(struct cpu *cpu)
{
    uint32_t *hint = cpu->no_eoi;

    if (!hint)
        return false;
    /* Test and clear it in one step: the hypervisor takes the hint back where
     * another interrupt begins to wait for this end. */
    if (!(__atomic_fetch_and(hint, ~EOI_SPARED, __ATOMIC_SEQ_CST) & EOI_SPARED))
        return false;
    cpu->eois_spared++;
    return true;
}

#endif
