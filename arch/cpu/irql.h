/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt request levels, as in Microsoft's WDM, one per processor.
 *
 * PASSIVE is the level of the application and of everything that blocks. At
 * DISPATCH interrupts still arrive, but deferred work waits until the level
 * falls. INTERRUPT is the level inside an interrupt handler, with interrupts
 * off.
 *
 * The level is a number in struct cpu; the APIC knows nothing of it.
 */
#ifndef ARCH_IRQL_H
#define ARCH_IRQL_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/cpu/cpu.h"

#define IRQL_PASSIVE   0
#define IRQL_DISPATCH  2
#define IRQL_INTERRUPT 12

/** The level of the running processor. Read from memory each time, because a
 * call may have changed it. IRQL: any. */
static inline uint8_t irql_current(void)
{
    return *(volatile uint8_t *)&this_cpu()->irql;
}

/**
 * Raise the level of the running processor.
 *
 * @level   not below the present one (asserted)
 * @return  the level before, for irql_lower()
 */
uint8_t irql_raise(uint8_t level);

/**
 * Go back to a lower level. Deferred work that came meanwhile runs before this
 * returns, if the level falls below DISPATCH.
 *
 * @level  what irql_raise() returned; not above the present one (asserted)
 */
void irql_lower(uint8_t level);

/**
 * Register who runs deferred work when the level falls below DISPATCH
 * (arch/interrupts, before there can be any).
 *
 * @run  called with the level below DISPATCH, when irql_deferred_waiting()
 */
void irql_set_deferred(void (*run)(void));

/**
 * Is there deferred work for @cpu, the running processor? IRQL: any.
 *
 * Relaxed: work that another processor pushes right now comes with an interrupt
 * of its own.
 */
static inline bool irql_work_waits(const struct cpu *cpu)
{
    return cpu->first || __atomic_load_n(&cpu->incoming, __ATOMIC_RELAXED);
}

/** Is there deferred work for the running processor? IRQL: any. */
static inline bool irql_deferred_waiting(void)
{
    return irql_work_waits(this_cpu());
}

/*
 * A lock between processors. Taking it raises to DISPATCH, so that deferred
 * work of the same processor cannot want it meanwhile. Not recursive
 * (asserted). Zero is free. Never taken by interrupt handlers.
 */
struct spinlock {
    uint32_t taken; /* index + 1 of the processor that holds it */
};

/**
 * Take a lock: raise to DISPATCH and spin until it is free.
 *
 * @l       zero before the first use; not held by this processor (asserted)
 * @return  the level before, for spin_unlock()
 *
 * IRQL: <= DISPATCH (asserted).
 */
uint8_t spin_lock(struct spinlock *l);

/**
 * Free a lock, and go back to the level before it was taken.
 *
 * @l     held by this processor (asserted)
 * @irql  what spin_lock() returned
 */
void spin_unlock(struct spinlock *l, uint8_t irql);

/** Does the running processor hold this lock? IRQL: any. */
bool spin_held(const struct spinlock *l);

#endif
