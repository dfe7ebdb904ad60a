/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local APIC belongs to the guest. minihv only sends interrupts through it,
 * to its own processor or another.
 *
 * minihv watches the guest's writes only while they matter: EOI while a message
 * waits for its slot, and ICR while a processor can be started.
 */
#include "minihv.h"

enum { MODE_INIT = 5, MODE_STARTUP = 6 };

static uint8_t shadow[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/* What is at the APIC's page outside of xAPIC mode: nothing, which reads as
 * ones. */
static const uint8_t nothing[PAGE_SIZE]
    __attribute__((aligned(PAGE_SIZE))) = {[0 ... PAGE_SIZE - 1] = 0xFF};

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
    if (apic_read(APIC_ID) >> 24 == vp->apic_id) {
        apic_write(APIC_ICR_LOW, APIC_ICR_SELF | APIC_ICR_ASSERT | vector);
        return;
    }
    /* The guest may be between its own two writes of the ICR. */
    high = apic_read(APIC_ICR_HIGH);
    apic_write(APIC_ICR_HIGH, vp->apic_id << 24);
    apic_write(APIC_ICR_LOW, APIC_ICR_ASSERT | vector);
    apic_write(APIC_ICR_HIGH, high);
}

/* QEMU's VM exit changes the processor's pending interrupts without its lock,
 * so an interrupt from another processor can be lost at that moment. A write of
 * the TPR makes the APIC look at its requests again. */
void apic_recheck(void)
{
    apic_write(APIC_TPR, apic_read(APIC_TPR));
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
    uint32_t irr = highest(APIC_IRR);

    return irr >> 4 > apic_read(APIC_TPR) >> 4 &&
           irr >> 4 > highest(APIC_ISR) >> 4;
}

void apic_guest_eoi(struct vp *vp)
{
    apic_write(APIC_EOI, 0);
    synic_redeliver(vp);
}

void apic_guest_icr(struct vp *vp, uint32_t low, uint32_t apic_id)
{
    uint32_t mode = low >> 8 & 7;

    if (mode == MODE_INIT || mode == MODE_STARTUP)
        processors_init_sipi(vp, apic_id, low);
    else
        apic_write(APIC_ICR_LOW, low);
}

/* Handles a write of the guest to the APIC's page that faulted. */
void apic_guest_write(struct vp *vp, uint32_t offset, uint32_t value)
{
    if (offset == APIC_EOI)
        apic_guest_eoi(vp);
    else if (offset == APIC_ICR_LOW)
        apic_guest_icr(vp, value, apic_read(APIC_ICR_HIGH) >> 24);
    else
        apic_write(offset, value);
}

/* When another processor posts a message, a watch that it needs takes effect
 * only at the next exit. Until then the guest's EOM, which the slot's mark
 * requests, is enough. */
void apic_update_watch(struct vp *vp)
{
    bool watch = vp->eoi_watch || processors_can_start();

    if (xapic_is_on(vp)) {
        npt_map_for(vp, APIC_ADDRESS, APIC_ADDRESS,
                    watch ? NPT_READ : NPT_WRITE);
        return;
    }
    npt_map_for(vp, APIC_ADDRESS, (uint64_t)nothing, NPT_READ);
}

bool apic_msr_read(struct vp *vp, uint32_t number, uint64_t *value)
{
    switch (number) {
    case HV_ICR:
        *value = apic_read(APIC_ICR_LOW) | (uint64_t)apic_read(APIC_ICR_HIGH)
                                               << 32;
        return true;
    case HV_TPR:
        *value = apic_read(APIC_TPR);
        return true;
    case HV_VP_ASSIST:
        *value = vp->vp_assist;
        return true;
    default:
        return false; /* HV_EOI can only be written */
    }
}

/* Reserved bits must be zero. [TLFS] 10.2.1 */
bool apic_msr_write(struct vp *vp, uint32_t number, uint64_t value)
{
    switch (number) {
    case HV_EOI:
        if (value >> 32)
            return false;
        apic_guest_eoi(vp);
        return true;
    case HV_ICR:
        apic_write(APIC_ICR_HIGH, (uint32_t)(value >> 32));
        apic_guest_icr(vp, (uint32_t)value, (uint32_t)(value >> 56));
        return true;
    case HV_TPR:
        if (value & ~UINT64_C(0xFF))
            return false;
        apic_write(APIC_TPR, (uint32_t)value);
        return true;
    case HV_VP_ASSIST: /* minihv never sets its hint, so it ignores the page */
        vp->vp_assist = value;
        return true;
    default:
        return false;
    }
}
