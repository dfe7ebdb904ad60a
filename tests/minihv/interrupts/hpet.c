/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * minihv owns the HPET. It calibrates the TSC with it, and the HPET is the one
 * interrupt source that stops a guest with interrupts off. Timer 0 sends an MSI
 * (`-global hpet.msi=on`), an NMI to the boot processor, which makes the guest
 * exit.
 *
 * QEMU 7.2 supports only 32-bit accesses to the 64-bit registers.
 */
#include "minihv.h"

enum {
    CONFIG = 0x10,
    COUNTER = 0xF0,
    T0_CONFIG = 0x100,
    T0_COMPARE = 0x108,
    T0_MESSAGE = 0x110,
    ENABLE = 1,
    T_INTERRUPT = 1 << 2,
    T_MESSAGE = 1 << 14,
    T_CAN_MESSAGE = 1 << 15,
    DELIVER_NMI = 4 << 8,
    PERIOD_10_NS = 10000000, /* femtoseconds, in the upper half at 4 */
};

static uint64_t armed_for = UINT64_MAX; /* reference time */
static uint64_t compare = UINT64_MAX;   /* the same in HPET ticks */

/* The guest finds no HPET: its page reads as all ones. */
static uint8_t nothing[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

void hpet_prepare(void)
{
    if (mmio_read32(HPET_ADDRESS + 4) != PERIOD_10_NS)
        minihv_failed("no HPET of QEMU's at 0x%lx (period %u fs): start "
                      "QEMU with -machine q35",
                      HPET_ADDRESS, mmio_read32(HPET_ADDRESS + 4));
    if (!(mmio_read32(HPET_ADDRESS + T0_CONFIG) & T_CAN_MESSAGE))
        minihv_failed("the HPET sends no messages: start QEMU with "
                      "-global hpet.msi=on");
    mmio_write32(HPET_ADDRESS + CONFIG,
                 mmio_read32(HPET_ADDRESS + CONFIG) | ENABLE);
    mmio_write32(HPET_ADDRESS + T0_CONFIG, T_MESSAGE);
    mmio_write32(HPET_ADDRESS + T0_MESSAGE, DELIVER_NMI);
    mmio_write32(HPET_ADDRESS + T0_MESSAGE + 4,
                 (uint32_t)APIC_ADDRESS | hv.vp[0].apic_id << 12);
    memset(nothing, 0xFF, sizeof nothing);
    npt_map(HPET_ADDRESS, (uint64_t)nothing, NPT_WRITE);
}

uint64_t hpet_read(void)
{
    uint32_t high, low;

    do {
        high = mmio_read32(HPET_ADDRESS + COUNTER + 4);
        low = mmio_read32(HPET_ADDRESS + COUNTER);
    } while (high != mmio_read32(HPET_ADDRESS + COUNTER + 4));
    return low | (uint64_t)high << 32;
}

/* The timer is off before its counter is read: QEMU sends the NMI at any moment
 * up to the write that turns it off, and never after it. */
bool hpet_stop(void)
{
    bool was_due;

    mmio_write32(HPET_ADDRESS + T0_CONFIG, T_MESSAGE);
    was_due = hpet_read() >= compare;
    armed_for = UINT64_MAX;
    compare = UINT64_MAX;
    return was_due;
}

void hpet_nmi_at(uint64_t reference)
{
    enum { TICKS_PER_100NS = 10 };
    uint64_t now;

    if (reference == armed_for)
        return;
    if (hpet_stop())
        host_take_nmi();
    if (reference == UINT64_MAX)
        return;
    now = clock_now();
    armed_for = reference;
    compare =
        hpet_read() + (reference > now ? reference - now : 0) * TICKS_PER_100NS;
    mmio_write32(HPET_ADDRESS + T0_COMPARE + 4, (uint32_t)(compare >> 32));
    mmio_write32(HPET_ADDRESS + T0_COMPARE, (uint32_t)compare);
    mmio_write32(HPET_ADDRESS + T0_CONFIG, T_MESSAGE | T_INTERRUPT);
}

/* Sets the NMI for the next due work. If the host has its own processor, the
 * NMI comes only at the deadline. */
void schedule_nmi(void)
{
    uint64_t next = hv.deadline, t = bus_next();

    if (hv.has_host_cpu) {
        hpet_nmi_at(next);
        return;
    }
    if (t < next)
        next = t;
    for (uint32_t i = 0; i < hv.vp_count; i++)
        if (stimer_next(&hv.vp[i]) < next)
            next = stimer_next(&hv.vp[i]);
    hpet_nmi_at(next);
}
