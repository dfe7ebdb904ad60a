/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NMIs. Each NMI of the machine makes the guest exit. It is minihv's own (its
 * timer's, or a kick, which makes another processor look at what it has to do)
 * or the guest's, which is then injected. While the guest handles an NMI the
 * next one waits for its IRET, and there is at most one that waits.
 */
#include "minihv.h"

enum kick { KICK_NONE, KICK_BEGINS, KICK_SENT };
enum { SEND_NMI = 0x4400 };

/* One NMI is under way at most: the processor that takes it looks at all that
 * it has to do. */
void vp_kick(struct vp *vp)
{
    uint32_t none = KICK_NONE;

    if (!__atomic_compare_exchange_n(&vp->kick, &none, KICK_BEGINS, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return;
    apic_send(vp, SEND_NMI);
    __atomic_store_n(&vp->kick, KICK_SENT, __ATOMIC_SEQ_CST);
}

/* A stopped processor may have a kick that it never took, and INIT drops its
 * NMI. Until the processor runs nobody may send it another. */
void vp_hold_kicks(struct vp *vp)
{
    uint32_t found;

    do
        found = __atomic_load_n(&vp->kick, __ATOMIC_SEQ_CST);
    while (found == KICK_BEGINS ||
           !__atomic_compare_exchange_n(&vp->kick, &found, KICK_BEGINS, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
}

void vp_let_kicks(struct vp *vp)
{
    __atomic_store_n(&vp->kick, KICK_NONE, __ATOMIC_SEQ_CST);
}

/* Takes the NMI that is pending. Returns true if it was a kick's. */
static bool take_kick(struct vp *vp)
{
    bool kicked = false;

    while (__atomic_load_n(&vp->kick, __ATOMIC_SEQ_CST) != KICK_NONE) {
        kicked = true;
        if (__atomic_load_n(&vp->kick, __ATOMIC_SEQ_CST) == KICK_SENT) {
            host_take_nmi();
            __atomic_store_n(&vp->kick, KICK_NONE, __ATOMIC_SEQ_CST);
        }
    }
    return kicked;
}

/* An NMI that minihv's timer can have sent is never the guest's: the timer,
 * which has only the boot processor as its target, is off before the NMI is
 * taken, so none of it comes later. Another that comes together with one of
 * minihv's own is lost, as NMIs are when one is pending; those that the guest
 * sends are remembered and never lost. */
void exit_nmi(struct vp *vp)
{
    bool shadow = vp->vmcb->interrupt_shadow & 1;
    bool ours = vp->index == 0 && hpet_stop();

    host_take_nmi();
    if (take_kick(vp))
        ours = true;
    if (!ours)
        __atomic_store_n(&vp->nmi_waits, true, __ATOMIC_SEQ_CST);
    else if (shadow)
        step_shadow(vp);
}

void nmi_send(struct vp *vp)
{
    __atomic_store_n(&vp->nmi_waits, true, __ATOMIC_SEQ_CST);
    vp_kick(vp);
}

void nmi_deliver(struct vp *vp)
{
    struct vmcb *b = vp->vmcb;

    if (vp->nmi_blocked || vp->step.reason != STEP_NONE)
        return; /* the IRET exits, and so does the end of the step */
    if (!__atomic_load_n(&vp->nmi_waits, __ATOMIC_SEQ_CST))
        return;
    if (vmcb_injects(vp)) { /* an exception comes first */
        vp_kick(vp);
        return;
    }
    __atomic_store_n(&vp->nmi_waits, false, __ATOMIC_SEQ_CST);
    vmcb_inject(vp, VECTOR_NMI);
    vp->nmi_blocked = true;
    b->intercept_1 |= INTERCEPT_1_IRET;
}

void exit_iret(struct vp *vp)
{
    vp->nmi_blocked = false;
    vp->vmcb->intercept_1 &= ~(uint32_t)INTERCEPT_1_IRET;
    if (__atomic_load_n(&vp->nmi_waits, __ATOMIC_SEQ_CST))
        step_iret(vp);
}

void nmi_forget(struct vp *vp)
{
    vp->nmi_blocked = false;
    vp->nmi_waits = false;
    vp->vmcb->intercept_1 &= ~(uint32_t)INTERCEPT_1_IRET;
}
