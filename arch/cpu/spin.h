/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Levels and locks where they are used: what irql.c has as functions, for the
 * platform's seam, through which each packet passes several times. Others call
 * irql.h's functions.
 */
#ifndef ARCH_SPIN_H
#define ARCH_SPIN_H

#include "arch/cpu/cpu.h"
#include "arch/cpu/invariant.h"
#include "arch/cpu/irql.h"

/** Run the deferred work of the running processor. IRQL: below DISPATCH. */
void spin_run_deferred(void);

/** Wait for a lock that was not free, and take it, for processor @me. Returns
 * @irql, so that a caller which returns that too has nothing to keep. IRQL:
 * DISPATCH. */
uint8_t spin_wait(struct spinlock *l, uint32_t me, uint8_t irql);

/** irql_lower() for @cpu, the running processor. */
static inline void spin_lower(struct cpu *cpu, uint8_t level)
{
    volatile uint8_t *irql = &cpu->irql;

    ASSERT(level <= *irql, "irql_lower only lowers; use irql_raise");
    /* Store the level first and look at the queue afterwards. An interrupt
     * before the store leaves its work queued, and it is seen here; an
     * interrupt after the store runs the work on its own return. */
    __asm__ volatile("" : : : "memory");
    *irql = level;
    __asm__ volatile("" : : : "memory");
    if (level < IRQL_DISPATCH && irql_work_waits(cpu))
        spin_run_deferred();
}

/** The number by which a lock knows its holder: never 0, which is free. */
static inline uint32_t spin_number(const struct cpu *cpu)
{
    return cpu->index + 1;
}

/** One attempt to take @l for @me, in one locked instruction. Acquire: reads of
 * what the lock protects come after it is taken. Returns whether it was free.
 */
static inline bool spin_try(struct spinlock *l, uint32_t me)
{
    uint32_t nobody = 0;

    return __atomic_compare_exchange_n(&l->taken, &nobody, me, false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/** spin_lock() without a call. */
static inline uint8_t spin_lock_inline(struct spinlock *l)
{
    struct cpu *cpu = this_cpu();
    volatile uint8_t *level = &cpu->irql;
    uint8_t irql = *level;
    uint32_t me = spin_number(cpu);

    ASSERT(irql <= IRQL_DISPATCH, "handlers only mark work; they lock nothing");
    /* Raise the level before taking the lock: otherwise deferred work of this
     * processor could interrupt the holder and spin for the same lock for
     * ever. */
    *level = IRQL_DISPATCH;
    /* Whether this processor holds the lock already is asked only when it is
     * not free: one that is free is held by nobody. */
    if (__builtin_expect(!spin_try(l, me), 0))
        return spin_wait(l, me, irql);
    return irql;
}

/** spin_unlock() without a call. */
static inline void spin_unlock_inline(struct spinlock *l, uint8_t irql)
{
    struct cpu *cpu = this_cpu();

    ASSERT(__atomic_load_n(&l->taken, __ATOMIC_RELAXED) == spin_number(cpu),
           "only the holder unlocks");
    /* Release: what was written under the lock is visible before it is free. */
    __atomic_store_n(&l->taken, 0, __ATOMIC_RELEASE);
    if (irql < IRQL_DISPATCH)
        spin_lower(cpu, irql);
}

#endif
