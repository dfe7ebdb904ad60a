/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs one guest instruction under the trap flag. Two cases need it:
 *
 * STEP_APIC_WRITE: minihv has no instruction decoder. While a guest's write to
 * the APIC matters, the APIC's page is read-only. The write faults, runs once
 * on a shadow page, and minihv reads its value there.
 *
 * STEP_SHADOW: QEMU's VMRUN loses the interrupt shadow of an STI. If the NMI of
 * a host timer comes between STI and HLT, the pending interrupt would be taken
 * before the HLT, which then sleeps forever. So the instruction runs with IF
 * clear, and a HLT counts as done.
 */
#include "minihv.h"

enum { INTERCEPT_DB = 1 << 1, DR6_BS = 1 << 14 };

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
    *(uint32_t *)((uint8_t *)apic_shadow() + offset) = 0;
    npt_map_for(vp, APIC_ADDRESS, (uint64_t)apic_shadow(), NPT_WRITE);
    begin(vp, STEP_APIC_WRITE);
}

void step_shadow(struct vp *vp)
{
    begin(vp, STEP_SHADOW);
    vp->vmcb->intercept_1 |= INTERCEPT_1_HLT;
}

static void finish_apic_write(struct vp *vp, bool executed)
{
    uint32_t offset = vp->step.offset, value;

    value = *(uint32_t *)((uint8_t *)apic_shadow() + offset);
    apic_update_watch(vp);
    if (executed && xapic_is_on(vp))
        apic_guest_write(vp, offset, value);
}

void step_end(struct vp *vp)
{
    struct vmcb *b = vp->vmcb;
    enum step_reason reason = vp->step.reason;

    if (reason == STEP_NONE)
        return;
    vp->step.reason = STEP_NONE;
    b->rflags &= ~(uint64_t)(RFLAGS_TF | RFLAGS_IF);
    b->rflags |= vp->step.flags;
    b->dr6 &= ~(uint64_t)DR6_BS;
    b->intercept_exceptions &= ~(uint32_t)INTERCEPT_DB;
    b->intercept_1 &= ~(uint32_t)INTERCEPT_1_HLT;
    if (reason == STEP_APIC_WRITE)
        finish_apic_write(vp, b->exit_code == EXIT_EXCEPTION_DB);
    else if (b->exit_code == EXIT_HLT)
        skip_instruction(vp, 1);
}
