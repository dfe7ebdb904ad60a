/* Levels and locks: see irql.h. */
#include "arch/cpu/irql.h"

#include <stddef.h>

#include "arch/cpu/invariant.h"
#include "arch/cpu/cpu.h"
#include "arch/cpu/tlb.h"

static void (*run_deferred)(void);

void irql_set_deferred(void (*run)(void))
{
    run_deferred = run;
}

uint8_t irql_current(void)
{
    return *(volatile uint8_t *)&this_cpu()->irql;
}

uint8_t irql_raise(uint8_t level)
{
    volatile uint8_t *irql = &this_cpu()->irql;
    uint8_t old = *irql;

    ASSERT(level >= old, "irql_raise only raises; use irql_lower");
    *irql = level;
    return old;
}

bool irql_deferred_waiting(void)
{
    const struct cpu *cpu = this_cpu();

    return cpu->first ||
           __atomic_load_n(&cpu->incoming, __ATOMIC_RELAXED) != NULL;
}

/*
 * The level is stored before the queue is looked at: an interrupt before the
 * store leaves its work queued and is seen here; one after the store runs it
 * on its own return.
 */
void irql_lower(uint8_t level)
{
    volatile uint8_t *irql = &this_cpu()->irql;

    ASSERT(level <= *irql, "irql_lower only lowers; use irql_raise");
    __asm__ volatile("" : : : "memory");
    *irql = level;
    if (level < IRQL_DISPATCH && irql_deferred_waiting())
        run_deferred();
}

uint8_t spin_lock(struct spinlock *l)
{
    uint8_t irql = irql_current();
    uint32_t me = this_cpu()->index + 1;

    if (irql < IRQL_DISPATCH)
        irql_raise(IRQL_DISPATCH);
    ASSERT(irql <= IRQL_DISPATCH, "handlers only mark work; they lock nothing");
    ASSERT(__atomic_load_n(&l->owner, __ATOMIC_RELAXED) != me,
           "this processor holds the lock already");
    while (__atomic_exchange_n(&l->taken, 1, __ATOMIC_ACQUIRE)) {
        while (__atomic_load_n(&l->taken, __ATOMIC_RELAXED)) {
            tlb_serve();
            cpu_relax();
        }
    }
    __atomic_store_n(&l->owner, me, __ATOMIC_RELAXED);
    return irql;
}

void spin_unlock(struct spinlock *l, uint8_t irql)
{
    ASSERT(spin_held(l), "only the holder unlocks");
    __atomic_store_n(&l->owner, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&l->taken, 0, __ATOMIC_RELEASE);
    if (irql < IRQL_DISPATCH)
        irql_lower(irql);
}

bool spin_held(const struct spinlock *l)
{
    return __atomic_load_n(&l->owner, __ATOMIC_RELAXED) ==
           this_cpu()->index + 1;
}
