/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local APIC belongs to the guest. minihv only sends interrupts through it,
 * to its own processor or another.
 *
 * After the boot services minihv sees each of the guest's writes: an ICR may
 * address the host's processor, and an EOI lets a message into its slot.
 */
#include "minihv.h"

/* One per processor: two may write their APICs at the same time. */
static uint8_t shadow[VP_MAX][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/* What is at the APIC's page outside of xAPIC mode: nothing, which reads as
 * ones. */
static const uint8_t nothing[PAGE_SIZE]
    __attribute__((aligned(PAGE_SIZE))) = {[0 ... PAGE_SIZE - 1] = 0xFF};

void *apic_shadow(const struct vp *vp)
{
    return shadow[vp->index];
}

uint32_t apic_read(uint32_t offset)
{
    return mmio_read32(APIC_ADDRESS + offset);
}

void apic_write(uint32_t offset, uint32_t value)
{
    mmio_write32(APIC_ADDRESS + offset, value);
}

void apic_send(const struct vp *vp, uint32_t command)
{
    uint32_t high = apic_read(APIC_ICR_HIGH);

    apic_write(APIC_ICR_HIGH, vp->apic_id << 24);
    apic_write(APIC_ICR_LOW, command);
    apic_write(APIC_ICR_HIGH, high);
}

static bool holds(uint32_t bank, uint8_t vector)
{
    return apic_read(bank + 16 * (vector / 32u)) >> vector % 32 & 1;
}

bool apic_in_service(uint8_t vector)
{
    return holds(APIC_ISR, vector);
}

/* While one processor changes the machine's memory map, QEMU 7.2 may take
 * another's write to its APIC for one to another device. A guest finds no PCI
 * and so hardly changes the map (exits.c). The processor takes no interrupt
 * here, so the request must be there. */
static void make_sure(const struct vp *vp, uint8_t vector)
{
    enum { ATTEMPTS = 5 };

    for (int i = 0; i < ATTEMPTS && !holds(APIC_IRR, vector); i++) {
        count(COUNT_REPEATED);
        event(vp, "interrupt 0x%lx is sent again", vector, 0);
        apic_send(vp, APIC_ICR_ASSERT | vector);
    }
}

void apic_interrupt(const struct vp *vp, uint8_t vector)
{
    count(COUNT_INTERRUPTS);
    event(vp, "interrupt 0x%lx", vector, 0);
    apic_send(vp, APIC_ICR_ASSERT | vector);
    if (hv.cpus_up > 1 && apic_read(APIC_ID) >> 24 == vp->apic_id)
        make_sure(vp, vector);
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
    stimer_eoi(vp);
    apic_write(APIC_EOI, 0);
    synic_redeliver(vp);
}

/* The registers of the page that may be written. Not the id, by which minihv
 * sends; and QEMU takes a write of any other for a message of a device. */
static bool is_writable(uint32_t offset)
{
    switch (offset) {
    case APIC_TPR:
    case APIC_SPURIOUS:
    case APIC_ERROR:
    case APIC_ICR_HIGH:
    case APIC_TIMER_COUNT:
    case APIC_TIMER_DIVIDE:
        return true;
    default:
        return offset >= APIC_LVT_TIMER && offset <= APIC_LVT_ERROR &&
               !(offset & 15);
    }
}

/* Handles a write of the guest to the APIC's page that faulted. */
void apic_guest_write(struct vp *vp, uint32_t offset, uint32_t value)
{
    if (offset == APIC_EOI) {
        apic_guest_eoi(vp);
    } else if (offset == APIC_ICR_LOW) {
        apic_guest_icr(vp, value, apic_read(APIC_ICR_HIGH) >> 24);
    } else if (offset == APIC_LDR) {
        vp->ldr = value;
        apic_write(offset, value);
    } else if (offset == APIC_DFR) {
        vp->dfr = value;
        apic_write(offset, value);
    } else if (is_writable(offset)) {
        apic_write(offset, value);
    }
}

void apic_update_watch(struct vp *vp)
{
    uint32_t access = hv.boot_services_over ? NPT_READ : NPT_WRITE;

    if (xapic_is_on(vp))
        npt_map_for(vp, APIC_ADDRESS, APIC_ADDRESS, access);
    else
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
        apic_guest_icr(vp, (uint32_t)value,
                       (uint32_t)(value >> (x2apic_is_on(vp) ? 32 : 56)));
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
