/* SPDX-License-Identifier: BSD-2-Clause */
/* Levels and locks: see irql.h. They stand below memory and interrupts, because
 * both take locks; what has to run when the level falls is a hook. */
#include "arch/cpu/irql.h"

#include <stddef.h>

#include "arch/cpu/invariant.h"
#include "arch/cpu/cpu.h"
#include "arch/cpu/spin.h"
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

void irql_lower(uint8_t level)
{
    spin_lower(this_cpu(), level);
}

/* Far from the common way, where there is nothing to run. */
void spin_run_deferred(void)
{
    run_deferred();
}

/* Only read while it is taken, so that the waiters do not fight for the cache
 * line of the holder. */
uint8_t spin_wait(struct spinlock *l, uint32_t me, uint8_t irql)
{
    uint32_t holder;

    do {
        while ((holder = __atomic_load_n(&l->taken, __ATOMIC_RELAXED)) != 0) {
            ASSERT(holder != me, "this processor holds the lock already");
            /* The holder may be waiting for this processor's TLB. */
            tlb_serve();
            cpu_relax();
        }
    } while (!spin_try(l, me));
    return irql;
}

uint8_t spin_lock(struct spinlock *l)
{
    return spin_lock_inline(l);
}

void spin_unlock(struct spinlock *l, uint8_t irql)
{
    spin_unlock_inline(l, irql);
}

bool spin_held(const struct spinlock *l)
{
    return __atomic_load_n(&l->taken, __ATOMIC_RELAXED) ==
           spin_number(this_cpu());
}
