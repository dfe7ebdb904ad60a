/* TLB flushes on all processors: paging.h. */
#include "arch/interrupts/apic.h"
#include "arch/time/clock.h"
#include "arch/cpu/cpu.h"
#include "arch/interrupts/deferred.h"
#include "arch/interrupts/interrupts.h"
#include "arch/invariant.h"
#include "arch/memory/paging.h"

#define FLUSH_DEADLINE (10 * CLOCK_UNITS_PER_S)

/* Interrupts are off for microseconds at most, and who spins for a lock
 * serves flushes: a processor that stays silent is broken. */
static void await_flush(const struct cpu *cpu)
{
    uint64_t until = clock_now() + FLUSH_DEADLINE;

    while (__atomic_load_n(&cpu->flush, __ATOMIC_ACQUIRE)) {
        deferred_serve_flush();
        cpu_relax();
        ASSERT(clock_now() < until, "a processor does not answer a TLB flush");
    }
}

/* Full flushes: unmapping is rare, and one reload is simpler than lists. */
void paging_flush(void)
{
    struct cpu *me = this_cpu();

    paging_flush_local(me);
    for (uint32_t i = 0; i < cpu_count(); i++) {
        struct cpu *cpu = cpu_of(i);

        if (cpu == me || !cpu->online)
            continue;
        __atomic_store_n(&cpu->flush, 1, __ATOMIC_RELEASE);
        apic_send(cpu->apic_id, VECTOR_FLUSH);
    }
    for (uint32_t i = 0; i < cpu_count(); i++) {
        if (cpu_of(i)->online)
            await_flush(cpu_of(i));
    }
}
