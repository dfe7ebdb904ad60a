/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Monotonic time from the ACPI power-management timer: for machines without a
 * hypervisor that tells the time, and for measuring other clocks. [ACPI 6.5,
 * 4.8.3.3]
 */
#include "arch/time/pm_clock.h"

#include <stddef.h>

#include "arch/cpu/cpu.h"
#include "arch/cpu/io.h"
#include "arch/cpu/irql.h"

#define PM_TIMER_HZ 3579545u
#define PORT_LAST   (UINT16_MAX - 3u) /* that four bytes can be read from */
/* How often the counter is read until it moves: some 1 ms. */
#define START_READS 1000u

static uint16_t port;
static uint32_t mask;
static struct spinlock lock;
static uint32_t last;
static uint64_t ticks;

static uint32_t read_timer(void)
{
    return inl(port) & mask;
}

/*
 * Each read carries the counter on, so it must be read at least once per turn
 * (4.6 s with 24 bits). Whoever sleeps wakes every second (PM_CLOCK_MAX_SLEEP).
 *
 * Interrupts are off, and the lock does not raise the level, because crash
 * paths tell the time, too. They must not find the lock held by the code that
 * they have interrupted.
 */
static uint64_t now(void)
{
    uint64_t flags = interrupts_off(), total;
    uint32_t t;

    /* A lock, because two processors must not both add the same ticks. */
    while (__atomic_exchange_n(&lock.taken, 1, __ATOMIC_ACQUIRE))
        cpu_relax();
    t = read_timer();
    ticks += (t - last) & mask;
    last = t;
    total = ticks;
    __atomic_store_n(&lock.taken, 0, __ATOMIC_RELEASE);
    interrupts_restore(flags);
    /* 128 bits: the product passes 64 bits after six days. */
    return (uint64_t)((unsigned __int128)total * CLOCK_UNITS_PER_S /
                      PM_TIMER_HZ);
}

/* Trust the table only as far as the counter moves. */
bool pm_clock_setup(const struct acpi_power *power)
{
    const struct acpi_register *r = &power->pm_timer;

    if (r->space != ACPI_SPACE_IO || r->address == 0 || r->address > PORT_LAST)
        return false;
    port = (uint16_t)r->address;
    mask = power->pm_timer_32 ? UINT32_MAX : 0xffffff;
    last = read_timer();
    /* A port without a timer reads all ones, for ever. */
    for (unsigned i = 0; i < START_READS; i++) {
        if (read_timer() != last) {
            clock_register(now);
            return true;
        }
    }
    return false;
}
