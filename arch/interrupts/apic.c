/* SPDX-License-Identifier: BSD-2-Clause */
/* The local APIC: see apic.h. [Intel SDM 3A 10] */
#include "arch/interrupts/apic.h"

#include "arch/cpu/cpu.h"
#include "arch/interrupts/interrupts.h"
#include "arch/cpu/io.h"
#include "arch/memory/pages.h"

#define MSR_APIC_BASE 0x1bu
#define BASE_ENABLE   (UINT64_C(1) << 11)
#define BASE_X2       (UINT64_C(1) << 10)
#define BASE_ADDRESS  UINT64_C(0x000ffffffffff000)

#define MSR_X2_FIRST 0x800u

/* Registers as offsets of the page; an x2APIC MSR is 0x800 + offset / 16. */
#define REG_ID            0x020
#define REG_EOI           0x0b0
#define REG_SPURIOUS      0x0f0
#define REG_IN_SERVICE    0x100 /* eight registers of 32 vectors */
#define REG_ICR_LOW       0x300
#define REG_ICR_HIGH      0x310
#define REG_TIMER         0x320
#define REG_LINT0         0x350
#define REG_LINT1         0x360
#define REG_TIMER_INITIAL 0x380
#define REG_TIMER_CURRENT 0x390
#define REG_TIMER_DIVIDE  0x3e0

#define SPURIOUS_ENABLE 0x100u
#define LVT_MASKED      0x10000u
#define ICR_INIT        0x4500u
#define ICR_STARTUP     0x4600u
#define ICR_FIXED       0x4000u
#define ICR_PENDING     0x1000u
#define DIVIDE_BY_16    0x3u

/*
 * How often the delivery status is read before the send goes on all the same:
 * some 10 ms at worst. An interrupt that is lost then costs a wait with a
 * deadline, never an endless one.
 */
#define ICR_POLLS 100000

static volatile uint8_t *page; /* NULL: x2APIC mode */

/* A register lies at the same number in both modes; only the access differs. */
static uint32_t reg_read(uint32_t reg)
{
    if (page)
        return *(volatile uint32_t *)(page + reg);
    return (uint32_t)msr_read(MSR_X2_FIRST + reg / 16);
}

static void reg_write(uint32_t reg, uint32_t value)
{
    if (page)
        *(volatile uint32_t *)(page + reg) = value;
    else
        msr_write(MSR_X2_FIRST + reg / 16, value);
}

/*
 * The 8259 pair of QEMU's machines may be unmasked, and its vectors would look
 * like processor faults. On a generation-2 VM nothing decodes these ports, and
 * the writes are lost.
 */
static void mask_legacy_controller(void)
{
    outb(0x21, 0xff);
    outb(0xa1, 0xff);
}

/* The firmware may have switched to x2APIC mode already. There is no way back
 * from it without disabling the APIC, so it stays. */
void apic_setup(void)
{
    uint64_t base = msr_read(MSR_APIC_BASE);
    bool offered = (cpuid(1, 0).ecx >> 21 & 1) != 0;

    mask_legacy_controller();
    if (!offered && !(base & BASE_X2))
        page = pages_map_device(base & BASE_ADDRESS, PAGE_SIZE);
}

bool apic_is_x2(void)
{
    return page == 0;
}

/*
 * An interrupt that was taken before us and never acknowledged blocks all of
 * the same or a lower priority for ever. Each acknowledgement ends the highest
 * one; as many can be in service as there are classes of vectors.
 */
static void end_left_interrupts(void)
{
    for (uint32_t turn = 0; turn < 16; turn++) {
        uint32_t any = 0;

        for (uint32_t i = 0; i < 8; i++)
            any |= reg_read(REG_IN_SERVICE + 16 * i);
        if (!any)
            return;
        apic_eoi();
    }
}

/* An APIC that is off must not go to x2APIC mode at once: that raises #GP. It
 * goes by way of xAPIC mode. [Intel SDM 3A 10.12.5] */
static void switch_on(void)
{
    uint64_t base = msr_read(MSR_APIC_BASE);

    if (!(base & BASE_ENABLE))
        msr_write(MSR_APIC_BASE, base | BASE_ENABLE);
    if (!page && !(base & BASE_X2))
        msr_write(MSR_APIC_BASE, base | BASE_ENABLE | BASE_X2);
}

/* The enable bits come first: registers may be written afterwards only. */
void apic_enable(void)
{
    switch_on();
    /* Mask what could raise an interrupt of its own. */
    reg_write(REG_LINT0, LVT_MASKED);
    reg_write(REG_TIMER, LVT_MASKED);
    reg_write(REG_TIMER_DIVIDE, DIVIDE_BY_16);
    /* This software enable must come last; while it is off, every entry of the
     * local vector table reads as masked. [Intel SDM 3A 10.4.7.2] */
    reg_write(REG_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
    end_left_interrupts();
}

/* In memory mode the id is in the highest byte. */
uint32_t apic_id(void)
{
    return page ? reg_read(REG_ID) >> 24 : reg_read(REG_ID);
}

void apic_eoi(void)
{
    reg_write(REG_EOI, 0);
}

/* In memory mode a command is written to two registers. A handler that sends in
 * between would tear it, so interrupts stay off. */
static void command(uint32_t id, uint32_t what)
{
    uint64_t flags;

    if (!page) {
        msr_write(MSR_X2_FIRST + REG_ICR_LOW / 16, (uint64_t)id << 32 | what);
        return;
    }
    flags = interrupts_off();
    for (int i = 0; i < ICR_POLLS && (reg_read(REG_ICR_LOW) & ICR_PENDING); i++)
        cpu_relax();
    reg_write(REG_ICR_HIGH, id << 24);
    reg_write(REG_ICR_LOW, what);
    interrupts_restore(flags);
}

/*
 * A write to an x2APIC register is not ordered after earlier stores [Intel SDM
 * 3A 10.12.3]. The fence makes what the interrupt is about visible before it
 * arrives.
 */
void apic_send(uint32_t id, uint8_t vector)
{
    __asm__ volatile("mfence; lfence" : : : "memory");
    command(id, ICR_FIXED | vector);
}

void apic_send_init(uint32_t id)
{
    command(id, ICR_INIT);
}

void apic_send_startup(uint32_t id, uint8_t start)
{
    command(id, ICR_STARTUP | start);
}

void apic_timer_start(uint32_t ticks, uint8_t vector)
{
    reg_write(REG_TIMER, ticks && vector ? vector : LVT_MASKED);
    /* Writing the count starts the timer, so it comes after the vector. */
    reg_write(REG_TIMER_INITIAL, ticks);
}

uint32_t apic_timer_left(void)
{
    return reg_read(REG_TIMER_CURRENT);
}
