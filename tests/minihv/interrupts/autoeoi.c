/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts of SINTs with AutoEOI: acknowledged when they are delivered.
 * [TLFS] 11.8 They bypass the APIC, which would wait for an EOI: minihv injects
 * them when the guest's flags and the APIC's priorities allow it. Until then
 * SVM's virtual interrupt makes the guest exit as soon as it takes interrupts.
 *
 * A guest that lowers its priority by CR8 alone gets what waits at its next
 * exit.
 */
#include "minihv.h"

enum {
    PPR = 0xA0,
    V_IRQ = 1 << 8,
    V_PRIORITY = 15 << 16,
    V_IGNORE_TPR = 1 << 20,
};

static uint32_t highest(struct vp *vp)
{
    for (int i = 3; i >= 0; i--) {
        uint64_t word = __atomic_load_n(&vp->auto_waits[i], __ATOMIC_SEQ_CST);

        if (word)
            return (uint32_t)i * 64 + 63 - (uint32_t)__builtin_clzll(word);
    }
    return 0;
}

/* The highest vector that waits and is above the priority of what the processor
 * does, or 0. */
static uint32_t next_vector(struct vp *vp)
{
    uint32_t vector = highest(vp);

    return vector >> 4 > apic_read(PPR) >> 4 ? vector : 0;
}

bool autoeoi_waits(struct vp *vp)
{
    return next_vector(vp) != 0;
}

void autoeoi_raise(struct vp *vp, uint8_t vector)
{
    count(COUNT_AUTO_EOI);
    event(vp, "interrupt 0x%lx with AutoEOI", vector, 0);
    __atomic_fetch_or(&vp->auto_waits[vector / 64], UINT64_C(1) << vector % 64,
                      __ATOMIC_SEQ_CST);
    if (vp->state == VP_RUNS && apic_read(APIC_ID) >> 24 != vp->apic_id)
        vp_kick(vp);
}

static bool can_take(const struct vp *vp)
{
    const struct vmcb *b = vp->vmcb;

    return b->rflags & RFLAGS_IF && !(b->interrupt_shadow & 1) &&
           vp->step.reason == STEP_NONE && !vmcb_injects(vp);
}

void autoeoi_deliver(struct vp *vp)
{
    struct vmcb *b = vp->vmcb;
    uint32_t vector = next_vector(vp);

    if (vector && can_take(vp)) {
        __atomic_fetch_and(&vp->auto_waits[vector / 64],
                           ~(UINT64_C(1) << vector % 64), __ATOMIC_SEQ_CST);
        vmcb_inject_interrupt(vp, (uint8_t)vector);
        vector = next_vector(vp);
    }
    b->intercept_1 &= ~(uint32_t)INTERCEPT_1_VINTR;
    b->interrupt_control = 0;
    if (!vector)
        return;
    b->intercept_1 |= INTERCEPT_1_VINTR;
    b->interrupt_control = V_IRQ | V_PRIORITY | V_IGNORE_TPR;
}

void autoeoi_forget(struct vp *vp)
{
    memset(vp->auto_waits, 0, sizeof vp->auto_waits);
    vp->vmcb->intercept_1 &= ~(uint32_t)INTERCEPT_1_VINTR;
    vp->vmcb->interrupt_control = 0;
}
