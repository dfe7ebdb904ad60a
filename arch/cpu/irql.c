/* SPDX-License-Identifier: BSD-2-Clause */
/* Levels and locks: see irql.h. They stand below memory and interrupts, because
 * both take locks; what has to run when the level falls is a hook. */
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

/* Volatile: the compiler must not keep the level in a register across a call
 * that changes it. */
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

/* Relaxed: work that another processor pushes right now comes with an interrupt
 * of its own. */
bool irql_deferred_waiting(void)
{
    const struct cpu *cpu = this_cpu();

    return cpu->first || __atomic_load_n(&cpu->incoming, __ATOMIC_RELAXED);
}

/*
 * Store the level first and look at the queue afterwards. An interrupt before
 * the store leaves its work queued, and it is seen here; an interrupt after the
 * store runs the work on its own return.
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

/* Raise the level before taking the lock: otherwise deferred work of this
 * processor could interrupt the holder and spin for the same lock for ever. */
uint8_t spin_lock(struct spinlock *l)
{
    uint8_t irql = irql_current();
    uint32_t me = this_cpu()->index + 1;

    if (irql < IRQL_DISPATCH)
        irql_raise(IRQL_DISPATCH);
    ASSERT(irql <= IRQL_DISPATCH, "handlers only mark work; they lock nothing");
    ASSERT(__atomic_load_n(&l->owner, __ATOMIC_RELAXED) != me,
           "this processor holds the lock already");
    /* Acquire: reads of what the lock protects come after it is taken. */
    while (__atomic_exchange_n(&l->taken, 1, __ATOMIC_ACQUIRE)) {
        /* Only read while it is taken, so that the waiters do not fight for the
         * cache line of the holder. */
        while (__atomic_load_n(&l->taken, __ATOMIC_RELAXED)) {
            /* The holder may be waiting for this processor's TLB. */
            tlb_serve();
            cpu_relax();
        }
    }
    __atomic_store_n(&l->owner, me, __ATOMIC_RELAXED);
    return irql;
}

/* Clear the owner before freeing the lock: afterwards the next owner may have
 * written its own number there. */
void spin_unlock(struct spinlock *l, uint8_t irql)
{
    ASSERT(spin_held(l), "only the holder unlocks");
    __atomic_store_n(&l->owner, 0, __ATOMIC_RELAXED);
    /* Release: what was written under the lock is visible before it is free. */
    __atomic_store_n(&l->taken, 0, __ATOMIC_RELEASE);
    if (irql < IRQL_DISPATCH)
        irql_lower(irql);
}

bool spin_held(const struct spinlock *l)
{
    return __atomic_load_n(&l->owner, __ATOMIC_RELAXED) ==
           this_cpu()->index + 1;
}
