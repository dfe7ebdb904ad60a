/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local APIC belongs to the guest. minihv only sends interrupts through it,
 * to its own processor or another. When configured, it also emulates x2APIC's
 * MSRs over it, which TCG of QEMU 7.2 lacks.
 *
 * minihv watches the guest's writes only while they matter: EOI while a message
 * waits for its slot, and ICR while a processor can be started.
 */
#include "minihv.h"

enum {
    ID = 0x20,
    TPR = 0x80,
    EOI = 0xB0,
    ISR = 0x100,
    IRR = 0x200,
    ICR_LOW = 0x300,
    ICR_HIGH = 0x310,
    ICR_ASSERT = 1 << 14,
    ICR_SELF = 1 << 18,
    MODE_INIT = 5,
    MODE_STARTUP = 6,
    X2_FIRST = 0x800,
    X2_LAST = 0x8FF,
    X2_ID = 0x802,
    X2_ICR = 0x830,
    X2_SELF = 0x83F,
    BASE_X2APIC = 1 << 10,
};

static uint8_t shadow[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

void *apic_shadow(void)
{
    return shadow;
}

uint32_t apic_read(uint32_t offset)
{
    return mmio_read32(APIC_ADDRESS + offset);
}

void apic_write(uint32_t offset, uint32_t value)
{
    mmio_write32(APIC_ADDRESS + offset, value);
}

void apic_interrupt(const struct vp *vp, uint8_t vector)
{
    uint32_t high;

    count(COUNT_INTERRUPTS);
    event(vp, "interrupt 0x%lx", vector, 0);
    if (apic_read(ID) >> 24 == vp->apic_id) {
        apic_write(ICR_LOW, ICR_SELF | ICR_ASSERT | vector);
        return;
    }
    /* The guest may be between its own two writes of the ICR. */
    high = apic_read(ICR_HIGH);
    apic_write(ICR_HIGH, vp->apic_id << 24);
    apic_write(ICR_LOW, ICR_ASSERT | vector);
    apic_write(ICR_HIGH, high);
}

/* QEMU's VM exit changes the processor's pending interrupts without its lock,
 * so an interrupt from another processor can be lost at that moment. A write of
 * the TPR makes the APIC look at its requests again. */
void apic_recheck(void)
{
    apic_write(TPR, apic_read(TPR));
}

static uint32_t highest(uint32_t bank)
{
    for (int i = 7; i >= 0; i--) {
        uint32_t word = apic_read(bank + 16 * (uint32_t)i);

        if (word)
            return (uint32_t)i * 32 + 31 - (uint32_t)__builtin_clz(word);
    }
    return 0;
}

/* Returns true if an interrupt is requested above the task priority. */
bool apic_interrupt_waits(void)
{
    uint32_t irr = highest(IRR);

    return irr >> 4 > apic_read(TPR) >> 4 && irr >> 4 > highest(ISR) >> 4;
}

void apic_guest_eoi(struct vp *vp)
{
    apic_write(EOI, 0);
    synic_redeliver(vp);
}

static void guest_icr(struct vp *vp, uint32_t low, uint32_t apic_id)
{
    uint32_t mode = low >> 8 & 7;

    if (mode == MODE_INIT || mode == MODE_STARTUP)
        processors_init_sipi(vp, apic_id, low);
    else
        apic_write(ICR_LOW, low);
}

/* Handles a write of the guest to the APIC's page that faulted. */
void apic_guest_write(struct vp *vp, uint32_t offset, uint32_t value)
{
    if (offset == EOI)
        apic_guest_eoi(vp);
    else if (offset == ICR_LOW)
        guest_icr(vp, value, apic_read(ICR_HIGH) >> 24);
    else
        apic_write(offset, value);
}

/* Makes the APIC's page read-only for this processor while a write matters.
 * When another processor posts a message, this takes effect only at the next
 * exit. Until then the guest's EOM, which the slot's mark requests, is enough.
 */
void apic_update_watch(struct vp *vp)
{
    bool watch = vp->eoi_watch || processors_can_start();

    npt_map_for(vp, APIC_ADDRESS, APIC_ADDRESS, watch ? NPT_READ : NPT_WRITE);
}

static bool x2_read(struct vp *vp, uint32_t number, uint64_t *value)
{
    if (!vp->x2apic || number == X2_SELF)
        return false;
    if (number == X2_ID)
        *value = apic_read(ID) >> 24;
    else if (number == X2_ICR)
        *value = apic_read(ICR_LOW) | (uint64_t)(apic_read(ICR_HIGH) >> 24)
                                          << 32;
    else
        *value = apic_read((number - X2_FIRST) << 4);
    return true;
}

static bool x2_write(struct vp *vp, uint32_t number, uint64_t value)
{
    if (!vp->x2apic || number == X2_ID)
        return false;
    if (number == X2_ICR) {
        apic_write(ICR_HIGH, (uint32_t)(value >> 32) << 24);
        guest_icr(vp, (uint32_t)value, (uint32_t)(value >> 32));
    } else if (number == X2_SELF) {
        apic_write(ICR_LOW, ICR_SELF | ICR_ASSERT | (value & 0xFF));
    } else {
        apic_guest_write(vp, (number - X2_FIRST) << 4, (uint32_t)value);
    }
    return true;
}

bool apic_msr_read(struct vp *vp, uint32_t number, uint64_t *value)
{
    switch (number) {
    case MSR_APIC_BASE:
        *value = msr_read(number) | (vp->x2apic ? BASE_X2APIC : 0);
        return true;
    case HV_ICR:
        *value = apic_read(ICR_LOW) | (uint64_t)apic_read(ICR_HIGH) << 32;
        return true;
    case HV_TPR:
        *value = apic_read(TPR);
        return true;
    case HV_VP_ASSIST:
        *value = vp->vp_assist;
        return true;
    default:
        return number >= X2_FIRST && number <= X2_LAST &&
               x2_read(vp, number, value);
    }
}

bool apic_msr_write(struct vp *vp, uint32_t number, uint64_t value)
{
    switch (number) {
    case MSR_APIC_BASE:
        if (value & BASE_X2APIC && !hv.config.x2apic)
            return false;
        vp->x2apic = value & BASE_X2APIC;
        msr_write(number, value & ~(uint64_t)BASE_X2APIC);
        return true;
    case HV_EOI:
        apic_guest_eoi(vp);
        return true;
    case HV_ICR:
        apic_write(ICR_HIGH, (uint32_t)(value >> 32));
        guest_icr(vp, (uint32_t)value, (uint32_t)(value >> 56));
        return true;
    case HV_TPR:
        apic_write(TPR, (uint32_t)value & 0xFF);
        return true;
    case HV_VP_ASSIST: /* minihv never sets its hint, so it ignores the page */
        vp->vp_assist = value;
        return true;
    default:
        return number >= X2_FIRST && number <= X2_LAST &&
               x2_write(vp, number, value);
    }
}
