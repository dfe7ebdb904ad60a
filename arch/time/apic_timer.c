/* SPDX-License-Identifier: BSD-2-Clause */
/* One-shot interrupts from the APIC's counter: see apic_timer.h. */
#include "arch/time/apic_timer.h"

#include "arch/interrupts/apic.h"
#include "arch/time/clock.h"
#include "arch/cpu/cpu.h"
#include "arch/interrupts/interrupts.h"
#include "arch/console/log.h"
#include "arch/time/timer.h"

#define DIVIDER    16
#define MEASURING  (CLOCK_UNITS_PER_S / 100)
#define SLEEP_MOST (3600 * CLOCK_UNITS_PER_S)

static uint64_t frequency; /* Hz before the divider; 0: not yet known */
static uint64_t longest_sleep;

/* Interrupts stay as they are: a read that comes late is measured with the time
 * at which it came. */
static uint64_t measure(void)
{
    uint64_t from = clock_now(), to;
    uint32_t left;

    /* Without a vector. KVM keeps the expiry of an earlier stop and delivers it
     * as soon as there is a vector, whichever it is. */
    apic_timer_start(UINT32_MAX, 0);
    do {
        left = apic_timer_left();
        to = clock_now();
    } while (to - from < MEASURING);
    apic_timer_start(0, 0);
    return (uint64_t)(UINT32_MAX - left) * DIVIDER * CLOCK_UNITS_PER_S /
           (to - from);
}

/* Asks for one tick more than the time has, so that the interrupt is never
 * early by rounding. A longer sleep ends early and is armed again. */
static void arm(uint64_t due)
{
    uint64_t now, units, ticks;

    if (due == 0) {
        apic_timer_start(0, VECTOR_APIC_TIMER);
        return;
    }
    /* Measured at the first timer: the start shall not wait for it. */
    if (!frequency) {
        frequency = measure();
        log_printf(LOG_INFO, "apic: timer clock measured, %lu Hz",
                   (unsigned long)frequency);
    }
    now = clock_now();
    /* A time that has passed fires at once. */
    units = due > now ? due - now : 0;
    if (units > longest_sleep)
        units = longest_sleep;
    ticks = units * (frequency / DIVIDER) / CLOCK_UNITS_PER_S + 1;
    apic_timer_start(ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks,
                     VECTOR_APIC_TIMER);
}

static void interrupt(struct cpu_frame *frame)
{
    (void)frame;
    timer_interrupt();
}

void apic_timer_setup(uint64_t hz, uint64_t longest)
{
    frequency = hz;
    /* An hour keeps the product of arm() within 64 bits. */
    longest_sleep = longest ? longest : SLEEP_MOST;
    interrupts_handle(VECTOR_APIC_TIMER, interrupt, false);
    timer_set_device(arm, "APIC timer");
}
