/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handles hypercalls: VMMCALL from the page that the guest enabled. Registers,
 * limits and statuses are those of [TLFS]. An unknown call gets status 2 and
 * counts as a broken rule.
 */
#include "minihv.h"

struct call {
    struct vp *vp;
    uint64_t control, rdx, r8;
    bool fast;
};

static enum hv_status post_message(const struct call *c)
{
    enum { TYPE_RESERVED = 1u << 31 };
    const struct hv_post_input *in;
    struct hv_post_input copy;

    if (c->fast)
        return HV_INVALID_CODE; /* [TLFS] there is no fast form */
    if (c->rdx & 7)
        return HV_INVALID_ALIGNMENT;
    in = guest_pointer(c->rdx, sizeof *in);
    if (!in)
        return HV_INVALID_PARAMETER;
    memcpy(&copy, in, sizeof copy);
    if (copy.size > HV_PAYLOAD_MAX || !copy.type || copy.type & TYPE_RESERVED)
        return HV_INVALID_PARAMETER;
    count(COUNT_MESSAGES_IN);
    return bus_message(copy.connection & 0xFFFFFF, copy.type, copy.payload,
                       copy.size);
}

static enum hv_status signal_event(const struct call *c)
{
    uint64_t v = c->rdx;

    if (!c->fast) {
        const uint64_t *in;

        if (c->rdx & 7)
            return HV_INVALID_ALIGNMENT;
        in = guest_pointer(c->rdx, sizeof *in);
        if (!in)
            return HV_INVALID_PARAMETER;
        v = *in;
    }
    if (v >> 48)
        return HV_INVALID_INPUT;
    count(COUNT_SIGNALS_IN);
    return bus_signal((uint32_t)v, (uint16_t)(v >> 32));
}

static enum hv_status start_vp(const struct call *c)
{
    const struct hv_start_input *in;
    struct hv_start_input copy;

    if (c->fast)
        return HV_INVALID_CODE;
    if (c->rdx & 7)
        return HV_INVALID_ALIGNMENT;
    in = guest_pointer(c->rdx, sizeof *in);
    if (!in)
        return HV_INVALID_PARAMETER;
    memcpy(&copy, in, sizeof copy);
    return processors_start(c->vp, &copy);
}

/* A list of one APIC id; the answer is a list of one index. */
static enum hv_status vp_index(const struct call *c)
{
    const struct hv_index_input *in;
    uint32_t *out;

    if (c->fast)
        return HV_INVALID_CODE;
    if (c->rdx & 7 || c->r8 & 7)
        return HV_INVALID_ALIGNMENT;
    in = guest_pointer(c->rdx, sizeof *in);
    out = guest_pointer(c->r8, sizeof *out);
    if (!in || !out || in->vtl)
        return HV_INVALID_PARAMETER;
    if (in->partition != UINT64_MAX)
        return HV_INVALID_PARTITION;
    for (uint32_t i = 0; i < hv.vp_count; i++) {
        if (hv.vp[i].apic_id != in->apic_id)
            continue;
        *out = hv.vp[i].number;
        return HV_SUCCESS;
    }
    return HV_INVALID_PARAMETER;
}

static const struct hypercall {
    uint16_t code;
    uint32_t right; /* in CPUID 0x40000003 EBX, but see below */
    enum hv_status (*run)(const struct call *c);
} calls[] = {
    /* Some hosts show neither right and still serve both calls. */
    {HV_CALL_POST_MESSAGE, 0, post_message},
    {HV_CALL_SIGNAL_EVENT, 0, signal_event},
    {HV_CALL_START_VP, HV_RIGHT_START_VP, start_vp},
    {HV_CALL_VP_INDEX, HV_RIGHT_START_VP, vp_index},
};

static enum hv_status run_call(const struct call *c)
{
    const uint64_t ONE_ELEMENT = UINT64_C(1) << 32;
    enum { SIMPLE_BITS = 0x1FFFF };
    uint16_t code = (uint16_t)c->control;

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (calls[i].code != code)
            continue;
        if ((hv.config.rights & calls[i].right) != calls[i].right)
            return HV_ACCESS_DENIED;
        /* Neither list nor variable header, but for a list of one. */
        if (c->control & ~(uint64_t)SIMPLE_BITS &&
            (code != HV_CALL_VP_INDEX || c->control != (ONE_ELEMENT | code)))
            return HV_INVALID_INPUT;
        return calls[i].run(c);
    }
    rule_broken(c->vp, "unknown hypercall 0x%x (control 0x%lx)", code,
                c->control);
    return HV_INVALID_CODE;
}

void exit_hypercall(struct vp *vp)
{
    struct call c = {
        .vp = vp,
        .control = vp->regs.rcx,
        .rdx = vp->regs.rdx,
        .r8 = vp->regs.r8,
        .fast = vp->regs.rcx >> 16 & 1,
    };
    enum hv_status status;

    if (vp->regs.rcx == PRIVATE_CALL && !hv.boot_services_over) {
        hv.boot_services_over = true;
        mark(MARK_BOOT_SERVICES);
        processors_boot_services_over();
        skip_instruction(vp, 3);
        return;
    }
    if (!(hv.hypercall & 1) || vp->vmcb->cpl) {
        rule_broken(vp, "VMMCALL %s",
                    vp->vmcb->cpl ? "outside of CPL 0"
                                  : "without a hypercall page");
        vmcb_inject(vp, VECTOR_UD);
        return;
    }
    vp->left_work = true;
    status = run_call(&c);
    event(vp, "hypercall 0x%lx = status 0x%lx", c.control, status);
    vp->vmcb->rax = status;
    skip_instruction(vp, 3);
}
