/* SPDX-License-Identifier: BSD-2-Clause */
/* One-shot timers. A timer runs as deferred work of the processor that set it.
 * The interrupt comes from the device that hv/ or apic_timer.c registers. */
#ifndef ARCH_TIMER_H
#define ARCH_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/* The storage is the caller's; zero before the first use. The caller sets `run`
 * and `arg`. */
struct timer {
    struct timer *next;
    uint64_t due; /* monotonic, 100 ns */
    void (*run)(void *arg);
    void *arg;
    bool armed;
};

/**
 * Arm a timer: `run` is called at DISPATCH on this processor, at or after @due.
 *
 * @t    kept until it runs or is cancelled. A timer that is armed is moved,
 *       also from another processor.
 * @due  monotonic, 100 ns
 *
 * IRQL: <= DISPATCH.
 */
void timer_set(struct timer *t, uint64_t due);

/**
 * Disarm a timer.
 *
 * @return  true: it was armed and will not run; false: it was not armed, and on
 *          another processor it may be running now
 *
 * IRQL: <= DISPATCH.
 */
bool timer_cancel(struct timer *t);

/**
 * Register the device.
 *
 * @arm   arm(due) asks for one interrupt on the running processor at or after
 *        `due`, arm(0) for none. Interrupts that come early or are not needed
 *        do no harm. Called with the timers' lock held.
 * @name  for the log; constant
 */
void timer_set_device(void (*arm)(uint64_t due), const char *name);

/** The name of the device, "none" until one is registered. */
const char *timer_device_name(void);

/** Say that timers of the running processor may be due. For the device's
 * interrupt handler. */
void timer_interrupt(void);

#endif
