/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IA32_APIC_BASE, and x2APIC's MSRs over the machine's xAPIC: TCG of QEMU 7.2
 * has no x2APIC. Which registers there are, and which of their bits may be
 * written: [SDM] 3A, "Extended xAPIC (x2APIC)". What may not raises #GP.
 *
 * The machine's own IA32_APIC_BASE never changes: minihv sends by its APIC.
 */
#include "minihv.h"

enum {
    MSR_FIRST = 0x800,
    MSR_LAST = 0x8FF,
    MSR_ID = 0x802,
    MSR_LDR = 0x80D,
    MSR_ICR = 0x830,
    MSR_SELF = 0x83F,
    LVT_MASKED = 0x10000,
    READ = 1,
    WRITE = 2,
    BOTH = 3,
    ICR_BITS = 0xCDFFF, /* bit 12 is the status of xAPIC mode, and ignored */
};

static const struct x2_register {
    uint16_t first, last, access;
    uint32_t bits; /* that may be written as 1 */
} registers[] = {
    {0x802, 0x803, READ, 0},          /* ID, version */
    {0x808, 0x808, BOTH, 0xFF},       /* TPR */
    {0x80A, 0x80A, READ, 0},          /* PPR */
    {0x80B, 0x80B, WRITE, 0},         /* EOI */
    {MSR_LDR, MSR_LDR, READ, 0},      /* logical destination */
    {0x80F, 0x80F, BOTH, 0x1FF},      /* spurious interrupt */
    {0x810, 0x827, READ, 0},          /* ISR, TMR, IRR */
    {0x828, 0x828, BOTH, 0},          /* error status */
    {0x832, 0x832, BOTH, 0x310FF},    /* LVT: timer */
    {0x833, 0x834, BOTH, 0x117FF},    /* thermal sensor, counters */
    {0x835, 0x836, BOTH, 0x1F7FF},    /* LINT0, LINT1 */
    {0x837, 0x837, BOTH, 0x110FF},    /* error */
    {0x838, 0x838, BOTH, UINT32_MAX}, /* the timer's initial count */
    {0x839, 0x839, READ, 0},          /* its current count */
    {0x83E, 0x83E, BOTH, 0xB},        /* its divider */
};

void x2apic_prepare(struct vp *vp)
{
    vp->apic_base =
        APIC_ADDRESS | APIC_BASE_EN | (vp->index ? 0 : APIC_BASE_BOOT);
    vp->dfr = UINT32_MAX;
}

static uint64_t mode(uint64_t base)
{
    return base & (APIC_BASE_EN | APIC_BASE_EXTD);
}

bool x2apic_is_on(const struct vp *vp)
{
    return mode(vp->apic_base) == (APIC_BASE_EN | APIC_BASE_EXTD);
}

bool xapic_is_on(const struct vp *vp)
{
    return mode(vp->apic_base) == APIC_BASE_EN;
}

static const struct x2_register *find(uint32_t number, uint16_t access)
{
    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++)
        if (number >= registers[i].first && number <= registers[i].last)
            return registers[i].access & access ? &registers[i] : NULL;
    return NULL;
}

static uint32_t id(void)
{
    return apic_read(APIC_ID) >> 24;
}

static bool read_register(struct vp *vp, uint32_t number, uint64_t *value)
{
    if (number == MSR_ICR) {
        *value = vp->icr;
        return true;
    }
    if (!find(number, READ))
        return false;
    if (number == MSR_ID)
        *value = id();
    else if (number == MSR_LDR) /* cluster of 16, bit in it */
        *value = id() >> 4 << 16 | 1u << (id() & 15);
    else
        *value = apic_read((number - MSR_FIRST) << 4);
    return true;
}

static bool write_icr(struct vp *vp, uint64_t value)
{
    if ((uint32_t)value & ~(uint32_t)ICR_BITS)
        return false;
    vp->icr = value & ~UINT64_C(0x1000);
    apic_guest_icr(vp, (uint32_t)value, (uint32_t)(value >> 32));
    return true;
}

static bool write_register(struct vp *vp, uint32_t number, uint64_t value)
{
    const struct x2_register *r = find(number, WRITE);

    if (number == MSR_ICR)
        return write_icr(vp, value);
    if (number == MSR_SELF && !(value & ~UINT64_C(0xFF))) {
        apic_interrupt(vp, (uint8_t)value);
        return true;
    }
    if (!r || value & ~(uint64_t)r->bits)
        return false;
    apic_guest_write(vp, (number - MSR_FIRST) << 4, (uint32_t)value);
    return true;
}

/* An APIC that goes off forgets what it was told: all is masked after it. */
static void forget_settings(struct vp *vp)
{
    for (uint32_t lvt = APIC_LVT_TIMER; lvt <= APIC_LVT_ERROR; lvt += 0x10)
        apic_write(lvt, LVT_MASKED);
    apic_write(APIC_TIMER_COUNT, 0);
    apic_write(APIC_TPR, 0);
    apic_write(APIC_SPURIOUS, 0xFF);
    apic_write(APIC_LDR, vp->ldr = 0);
    apic_write(APIC_DFR, vp->dfr = UINT32_MAX);
}

/* Legal are: off to xAPIC, xAPIC to x2APIC, and both of these to off. The base
 * address stays where it is; [TLFS] lets a hypervisor refuse another. */
static bool write_base(struct vp *vp, uint64_t value)
{
    uint64_t old = mode(vp->apic_base), new = mode(value);

    if ((value ^ vp->apic_base) &
        ~(uint64_t)(APIC_BASE_EN | APIC_BASE_EXTD | APIC_BASE_BOOT))
        return false;
    if (new &APIC_BASE_EXTD && (!(new &APIC_BASE_EN) || !old))
        return false;
    if (new &APIC_BASE_EXTD && !hv.config.x2apic)
        return false;
    if (old & APIC_BASE_EXTD && new == APIC_BASE_EN)
        return false;
    if (old && !new)
        forget_settings(vp);
    vp->apic_base = value;
    apic_update_watch(vp);
    return true;
}

bool x2apic_msr_read(struct vp *vp, uint32_t number, uint64_t *value)
{
    if (number == MSR_APIC_BASE) {
        *value = vp->apic_base;
        return true;
    }
    return number >= MSR_FIRST && number <= MSR_LAST && x2apic_is_on(vp) &&
           read_register(vp, number, value);
}

bool x2apic_msr_write(struct vp *vp, uint32_t number, uint64_t value)
{
    if (number == MSR_APIC_BASE)
        return write_base(vp, value);
    return number >= MSR_FIRST && number <= MSR_LAST && x2apic_is_on(vp) &&
           write_register(vp, number, value);
}
