/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers CPUID: the processor's own leaves without SVM, and the Hyper-V leaves
 * that the configuration gives. */
#include "minihv.h"

static struct cpuid_result hypervisor_leaf(uint32_t leaf)
{
    const struct config *c = &hv.config;

    switch (leaf) {
    case 0x40000000: /* "Microsoft Hv" */
        return (struct cpuid_result){c->leaf_max, 0x7263694D, 0x666F736F,
                                     0x76482074};
    case 0x40000001: /* "Hv#1" */
        return (struct cpuid_result){.eax = 0x31237648};
    case 0x40000002: /* build 20348 of version 10.0: Server 2022 */
        return (struct cpuid_result){.eax = 20348, .ebx = 10 << 16};
    case 0x40000003:
        return (struct cpuid_result){c->access, c->rights, 0, c->features};
    case 0x40000004: /* no AutoEOI, relaxed timing; never spin-notify */
        return (struct cpuid_result){(c->autoeoi ? 0 : 1 << 9) | 1 << 5,
                                     0xFFFFFFFF, 40, 0};
    case 0x40000005:
        return (struct cpuid_result){64, 64, 0, 0};
    case 0x4000000C:
        return (struct cpuid_result){.ebx = c->isolation};
    default: /* 6 to 0xB: all zero */
        return (struct cpuid_result){0};
    }
}

void exit_cpuid(struct vp *vp)
{
    enum {
        APIC = 1 << 9,
        X2APIC = 1 << 21,
        OSXSAVE = 1 << 27,
        HYPERVISOR = 1u << 31,
        SVM = 1 << 2,
        CR4_OSXSAVE_BIT = 18,
    };
    struct vmcb *b = vp->vmcb;
    uint32_t leaf = (uint32_t)b->rax;
    struct cpuid_result r = cpuid(leaf, (uint32_t)vp->regs.rcx);

    if (leaf == 1) {
        if (!(vp->apic_base & APIC_BASE_EN))
            r.edx &= ~(uint32_t)APIC;
        r.ecx &= ~((uint32_t)X2APIC | OSXSAVE | HYPERVISOR);
        if (b->cr4 >> CR4_OSXSAVE_BIT & 1)
            r.ecx |= OSXSAVE;
        if (hv.config.x2apic)
            r.ecx |= X2APIC;
        if (hv.config.hypervisor)
            r.ecx |= HYPERVISOR;
    } else if (leaf == 0x80000001) {
        r.ecx &= ~(uint32_t)SVM;
    } else if (leaf == 0x80000008) {
        r.eax = (r.eax & ~0xFFu) | GPA_BITS;
    } else if (leaf == 0x8000000A) {
        r = (struct cpuid_result){0};
    } else if (leaf >> 16 == 0x4000) {
        r = hv.config.hypervisor && leaf <= hv.config.leaf_max
                ? hypervisor_leaf(leaf)
                : (struct cpuid_result){0};
    }
    b->rax = r.eax;
    vp->regs.rbx = r.ebx;
    vp->regs.rcx = r.ecx;
    vp->regs.rdx = r.edx;
    skip_instruction(vp, 2);
}
