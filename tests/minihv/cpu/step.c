/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs one guest instruction under the trap flag. Three cases need it:
 *
 * STEP_APIC_WRITE: minihv has no instruction decoder. While a guest's write to
 * the APIC matters, the APIC's page is read-only. The write faults, runs once
 * on a shadow page, and minihv reads its value there.
 *
 * STEP_SHADOW: QEMU's VMRUN loses the interrupt shadow of an STI. If the NMI of
 * a host timer comes between STI and HLT, the pending interrupt would be taken
 * before the HLT, which then sleeps forever. So the instruction runs with IF
 * clear, and a HLT counts as done.
 *
 * STEP_IRET: an NMI waits for the end of the IRET, which ends the handler of
 * the one before. It loads TF and IF, so they are not restored.
 */
#include "minihv.h"

enum { INTERCEPT_DB = 1 << 1, DR6_BREAKPOINTS = 15 };

static void begin(struct vp *vp, enum step_reason reason)
{
    struct vmcb *b = vp->vmcb;

    vp->step.reason = reason;
    vp->step.flags = b->rflags & (RFLAGS_TF | RFLAGS_IF);
    b->rflags = (b->rflags | RFLAGS_TF) & ~(uint64_t)RFLAGS_IF;
    b->intercept_exceptions |= INTERCEPT_DB;
}

void step_apic_write(struct vp *vp, uint32_t offset)
{
    vp->step.offset = offset;
    *(uint32_t *)((uint8_t *)apic_shadow(vp) + offset) = 0;
    npt_map_for(vp, APIC_ADDRESS, (uint64_t)apic_shadow(vp), NPT_WRITE);
    begin(vp, STEP_APIC_WRITE);
}

void step_shadow(struct vp *vp)
{
    begin(vp, STEP_SHADOW);
    vp->vmcb->intercept_1 |= INTERCEPT_1_HLT;
}

void step_iret(struct vp *vp)
{
    begin(vp, STEP_IRET);
}

static void finish_apic_write(struct vp *vp, bool executed)
{
    uint32_t offset = vp->step.offset, value;

    value = *(uint32_t *)((uint8_t *)apic_shadow(vp) + offset);
    apic_update_watch(vp);
    if (executed && xapic_is_on(vp))
        apic_guest_write(vp, offset, value);
}

/* The #DB that ended the step is the guest's own too, if it stepped itself or
 * had a breakpoint there. */
static void pass_on(struct vp *vp, bool guest_steps)
{
    struct vmcb *b = vp->vmcb;

    if (!guest_steps)
        b->dr6 &= ~(uint64_t)DR6_BS;
    if (guest_steps || b->dr6 & DR6_BREAKPOINTS)
        vmcb_inject(vp, VECTOR_DB);
}

void step_end(struct vp *vp)
{
    struct vmcb *b = vp->vmcb;
    enum step_reason reason = vp->step.reason;
    bool executed = b->exit_code == EXIT_EXCEPTION_DB;

    if (reason == STEP_NONE)
        return;
    vp->step.reason = STEP_NONE;
    if (reason != STEP_IRET || !executed) {
        b->rflags &= ~(uint64_t)(RFLAGS_TF | RFLAGS_IF);
        b->rflags |= vp->step.flags;
    }
    b->intercept_exceptions &= ~(uint32_t)INTERCEPT_DB;
    b->intercept_1 &= ~(uint32_t)INTERCEPT_1_HLT;
    if (executed)
        pass_on(vp, vp->step.flags & RFLAGS_TF);
    if (reason == STEP_APIC_WRITE)
        finish_apic_write(vp, executed);
    else if (b->exit_code == EXIT_HLT)
        skip_instruction(vp, 1);
}
