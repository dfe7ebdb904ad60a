/*
 * Interrupt request levels, as in WDM, per processor.
 *
 * PASSIVE is the application and everything that blocks. At DISPATCH
 * interrupts still arrive, but deferred work waits until the level falls.
 * INTERRUPT is inside a handler, with interrupts off.
 */
#ifndef ARCH_IRQL_H
#define ARCH_IRQL_H

#include <stdbool.h>
#include <stdint.h>

#define IRQL_PASSIVE   0
#define IRQL_DISPATCH  2
#define IRQL_INTERRUPT 12

uint8_t irql_current(void);

/* Raises to `level` (asserted: not below the present one) and returns the
 * level before, which goes to irql_lower. */
uint8_t irql_raise(uint8_t level);

/* Goes back to `level`; deferred work that came meanwhile runs at once when
 * the level falls below DISPATCH. */
void irql_lower(uint8_t level);

/**
 * Register who runs deferred work when the level falls below DISPATCH
 * (arch/interrupts, before there can be any).
 *
 * @run  called with the level below DISPATCH, when irql_deferred_waiting()
 */
void irql_set_deferred(void (*run)(void));

/** Is there deferred work for the running processor? IRQL: any. */
bool irql_deferred_waiting(void);

/*
 * A lock between processors. Taking it raises to DISPATCH, so that deferred
 * work of the same processor cannot want it meanwhile. Not recursive
 * (asserted). Zero is free. Never taken by interrupt handlers.
 */
struct spinlock {
    uint32_t taken;
    uint32_t owner; /* index + 1 of the processor that holds it */
};

uint8_t spin_lock(struct spinlock *l);
void spin_unlock(struct spinlock *l, uint8_t irql);
bool spin_held(const struct spinlock *l);

#endif
