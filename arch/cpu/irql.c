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

uint8_t irql_raise(uint8_t level)
{
    volatile uint8_t *irql = &this_cpu()->irql;
    uint8_t old = *irql;

    ASSERT(level >= old, "irql_raise only raises; use irql_lower");
    *irql = level;
    return old;
}

/*
 * Store the level first and look at the queue afterwards. An interrupt before
 * the store leaves its work queued, and it is seen here; an interrupt after the
 * store runs the work on its own return.
 */
static inline void lower(struct cpu *cpu, uint8_t level)
{
    volatile uint8_t *irql = &cpu->irql;

    ASSERT(level <= *irql, "irql_lower only lowers; use irql_raise");
    __asm__ volatile("" : : : "memory");
    *irql = level;
    __asm__ volatile("" : : : "memory");
    if (level < IRQL_DISPATCH && irql_work_waits(cpu))
        run_deferred();
}

void irql_lower(uint8_t level)
{
    lower(this_cpu(), level);
}

/* The number by which a lock knows its holder: never 0, which is free. */
static inline uint32_t number_of(const struct cpu *cpu)
{
    return cpu->index + 1;
}

/* One attempt, in one locked instruction. Acquire: reads of what the lock
 * protects come after it is taken. */
static inline bool take(struct spinlock *l, uint32_t me)
{
    uint32_t nobody = 0;

    return __atomic_compare_exchange_n(&l->taken, &nobody, me, false,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Takes a lock that was not free. Only read while it is taken, so that the
 * waiters do not fight for the cache line of the holder. */
static __attribute__((noinline)) void spin(struct spinlock *l, uint32_t me)
{
    uint32_t holder;

    do {
        while ((holder = __atomic_load_n(&l->taken, __ATOMIC_RELAXED)) != 0) {
            ASSERT(holder != me, "this processor holds the lock already");
            /* The holder may be waiting for this processor's TLB. */
            tlb_serve();
            cpu_relax();
        }
    } while (!take(l, me));
}

/*
 * Raise the level before taking the lock: otherwise deferred work of this
 * processor could interrupt the holder and spin for the same lock for ever.
 *
 * Whether this processor holds the lock already is asked only when it is not
 * free: one that is free is held by nobody.
 */
uint8_t spin_lock(struct spinlock *l)
{
    struct cpu *cpu = this_cpu();
    volatile uint8_t *level = &cpu->irql;
    uint8_t irql = *level;
    uint32_t me = number_of(cpu);

    ASSERT(irql <= IRQL_DISPATCH, "handlers only mark work; they lock nothing");
    *level = IRQL_DISPATCH;
    if (__builtin_expect(!take(l, me), 0))
        spin(l, me);
    return irql;
}

/* Release: what was written under the lock is visible before it is free. */
void spin_unlock(struct spinlock *l, uint8_t irql)
{
    struct cpu *cpu = this_cpu();

    ASSERT(__atomic_load_n(&l->taken, __ATOMIC_RELAXED) == number_of(cpu),
           "only the holder unlocks");
    __atomic_store_n(&l->taken, 0, __ATOMIC_RELEASE);
    if (irql < IRQL_DISPATCH)
        lower(cpu, irql);
}

bool spin_held(const struct spinlock *l)
{
    return __atomic_load_n(&l->taken, __ATOMIC_RELAXED) ==
           number_of(this_cpu());
}
