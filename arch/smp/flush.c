/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLB flushes on all processors: see flush.h.
 *
 * Full flushes only: unmapping is rare, and one reload is simpler than lists.
 */
#include "arch/smp/flush.h"

#include "arch/interrupts/apic.h"
#include "arch/time/clock.h"
#include "arch/cpu/cpu.h"
#include "arch/cpu/tlb.h"
#include "arch/interrupts/interrupts.h"
#include "arch/cpu/invariant.h"
#include "arch/memory/paging.h"

/* Interrupts are off for microseconds at most, and whoever spins for a lock
 * serves flushes: a processor that stays silent for so long is broken. */
#define FLUSH_DEADLINE (10 * CLOCK_UNITS_PER_S)

/* Serves flushes itself meanwhile: two processors may each wait for the other.
 */
static void await_flush(const struct cpu *cpu)
{
    uint64_t until = clock_now() + FLUSH_DEADLINE;

    while (__atomic_load_n(&cpu->flush, __ATOMIC_ACQUIRE)) {
        tlb_serve();
        cpu_relax();
        ASSERT(clock_now() < until, "a processor does not answer a TLB flush");
    }
}

/* Ask all of them first, then wait: they flush at the same time. */
static void flush_others(void)
{
    struct cpu *me = this_cpu();

    for (uint32_t i = 0; i < cpu_count(); i++) {
        struct cpu *cpu = cpu_of(i);

        if (cpu == me || !cpu->online)
            continue;
        /* Release: the changed page table entries are visible before the mark.
         */
        __atomic_store_n(&cpu->flush, 1, __ATOMIC_RELEASE);
        apic_send(cpu->apic_id, VECTOR_FLUSH);
    }
    for (uint32_t i = 0; i < cpu_count(); i++) {
        if (cpu_of(i)->online)
            await_flush(cpu_of(i));
    }
}

/* The mark may be gone already: a spinning processor serves without an
 * interrupt. */
static void asked(struct cpu_frame *frame)
{
    (void)frame;
    tlb_serve();
}

void smp_flush_setup(void)
{
    interrupts_handle(VECTOR_FLUSH, asked, false);
    paging_set_flush_others(flush_others);
}
