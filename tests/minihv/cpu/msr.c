/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handles MSR accesses. A Hyper-V MSR exists if CPUID shows its access bit. Any
 * other raises #GP, as on Hyper-V, and counts as a broken rule.
 */
#include "minihv.h"

/* Which access bit (or, for crash and idle, feature) opens which MSRs. */
static const struct msr_group {
    uint32_t first, last, access, features;
} groups[] = {
    {HV_GUEST_OS_ID, HV_HYPERCALL, HV_ACCESS_HYPERCALL, 0},
    {HV_VP_INDEX, HV_VP_INDEX, HV_ACCESS_VP_INDEX, 0},
    {HV_RESET, HV_RESET, HV_ACCESS_RESET, 0},
    {HV_VP_RUNTIME, HV_VP_RUNTIME, HV_ACCESS_RUNTIME, 0},
    {HV_TIME_REF, HV_TIME_REF, HV_ACCESS_TIME_REF, 0},
    {HV_REFERENCE_TSC, HV_REFERENCE_TSC, HV_ACCESS_REF_TSC, 0},
    {HV_TSC_FREQUENCY, HV_APIC_FREQUENCY, HV_ACCESS_FREQUENCY,
     HV_FEATURE_FREQUENCY},
    {HV_EOI, HV_VP_ASSIST, HV_ACCESS_INTR_CTRL, 0},
    {HV_SCONTROL, HV_EOM, HV_ACCESS_SYNIC, 0},
    {HV_SINT0, HV_SINT15, HV_ACCESS_SYNIC, 0},
    {HV_STIMER0_CONFIG, HV_STIMER3_COUNT, HV_ACCESS_STIMER, 0},
    {HV_GUEST_IDLE, HV_GUEST_IDLE, HV_ACCESS_GUEST_IDLE, HV_FEATURE_IDLE},
    {HV_CRASH_P0, HV_CRASH_CTL, 0, HV_FEATURE_CRASH},
};

static bool is_shown(uint32_t number)
{
    if (!hv.config.hypervisor)
        return false;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (number >= groups[i].first && number <= groups[i].last)
            return (hv.config.access & groups[i].access) == groups[i].access &&
                   (hv.config.features & groups[i].features) ==
                       groups[i].features;
    return false;
}

/* Lets the guest idle until an interrupt is pending, even a masked one. */
static void guest_idle(struct vp *vp)
{
    uint64_t begin = clock_now();

    while (!apic_interrupt_waits()) {
        stimer_expire(vp);
        if (!hv.has_host_cpu && !vp->index)
            host_pump();
        if (vp->nmi_waits || vp->init_waits || autoeoi_waits(vp))
            break;
        check_deadline(vp);
        if (clock_now() - begin > 10000000) /* [TLFS] may end early: 1 s */
            break;
        cpu_relax();
    }
}

static bool partition_read(struct vp *vp, uint32_t number, uint64_t *value)
{
    switch (number) {
    case HV_GUEST_OS_ID:
        *value = hv.os_id;
        return true;
    case HV_HYPERCALL:
        *value = hv.hypercall;
        return true;
    case HV_VP_INDEX:
        *value = vp->number;
        return true;
    case HV_RESET:
        *value = 0;
        return true;
    case HV_TIME_REF:
        clock_sleep(hv.config.slow * UINT64_C(10));
        *value = clock_now();
        return true;
    case HV_VP_RUNTIME:
        *value = clock_now();
        return true;
    case HV_REFERENCE_TSC:
        *value = hv.reference_tsc;
        return true;
    case HV_TSC_FREQUENCY:
        *value = hv.tsc_frequency;
        return true;
    case HV_APIC_FREQUENCY: /* QEMU's local APIC timer counts in ns */
        *value = 1000000000;
        return true;
    case HV_GUEST_IDLE:
        guest_idle(vp);
        *value = 0;
        return true;
    case HV_CRASH_CTL: /* what the host supports: notify, and message */
        *value = UINT64_C(1) << 63 | (uint64_t)(hv.config.mute ? 0 : 1) << 62;
        return true;
    default:
        if (number < HV_CRASH_P0 || number > HV_CRASH_P4)
            return false;
        *value = hv.crash[number - HV_CRASH_P0];
        return true;
    }
}

static bool write_hypercall(uint64_t value)
{
    static const uint8_t vmmcall_ret[] = {0x0F, 0x01, 0xD9, 0xC3};
    static uint8_t page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

    if (!hv.os_id)
        value &= ~UINT64_C(1); /* [TLFS] the bit does not stick */
    if (value & 1 && value >= GPA_END)
        return false; /* [TLFS] beyond the guest's addresses: #GP */
    if (!overlay_move(hv.hypercall, value, page, NPT_READ))
        return false;
    for (size_t i = 0; i < sizeof vmmcall_ret; i++)
        page[i] = vmmcall_ret[i];
    hv.hypercall = value;
    return true;
}

static void write_os_id(uint64_t value)
{
    hv.os_id = value;
    if (!value)
        write_hypercall(hv.hypercall & ~UINT64_C(1));
}

static void write_crash_control(uint64_t value)
{
    enum { MESSAGE_MAX = 4096 };
    const char *text;

    if (!(value >> 63))
        return;
    if (hv.config.mute && value >> 62 & 1)
        say("minihv: the guest sets bit 62 of CRASH_CTL, which is not there\n");
    say("minihv: the guest reports a crash: 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx\n",
        hv.crash[0], hv.crash[1], hv.crash[2], hv.crash[3], hv.crash[4]);
    if (!(value >> 62 & 1) || hv.crash[4] > MESSAGE_MAX ||
        !guest_owns(hv.crash[3], hv.crash[4]))
        return;
    text = (const char *)hv.crash[3];
    say("minihv: its message: ");
    for (uint64_t i = 0; i < hv.crash[4] && text[i]; i++)
        say("%c", text[i]);
    say("\n");
}

static bool partition_write(uint32_t number, uint64_t value)
{
    switch (number) {
    case HV_GUEST_OS_ID:
        write_os_id(value);
        return true;
    case HV_HYPERCALL:
        return write_hypercall(value);
    case HV_RESET:
        if (value & 1) {
            say("minihv: the guest resets through its MSR\n");
            say_counts();
            port_out8(PORT_RESET, 6);
        }
        return true;
    case HV_REFERENCE_TSC:
        return clock_page_write(value);
    case HV_CRASH_CTL:
        write_crash_control(value);
        return true;
    default:
        if (number < HV_CRASH_P0 || number > HV_CRASH_P4)
            return false;
        hv.crash[number - HV_CRASH_P0] = value;
        return true;
    }
}

bool hv_msr_read(struct vp *vp, uint32_t number, uint64_t *value)
{
    return is_shown(number) &&
           (partition_read(vp, number, value) ||
            synic_read(vp, number, value) || stimer_read(vp, number, value) ||
            apic_msr_read(vp, number, value));
}

bool hv_msr_write(struct vp *vp, uint32_t number, uint64_t value)
{
    return is_shown(number) &&
           (partition_write(number, value) || synic_write(vp, number, value) ||
            stimer_write(vp, number, value) ||
            apic_msr_write(vp, number, value));
}

/* The real EFER keeps SVME set, which the guest does not see. LMA is set by the
 * processor. */
static bool efer_write(struct vp *vp, uint64_t value)
{
    uint64_t kept = vp->vmcb->efer & (EFER_LMA | EFER_SVME);

    vp->vmcb->efer = (value & ~(uint64_t)(EFER_LMA | EFER_SVME)) | kept;
    return true;
}

static bool read_msr(struct vp *vp, uint32_t number, uint64_t *value)
{
    if (number >= HV_MSR_FIRST && number <= HV_MSR_LAST)
        return hv_msr_read(vp, number, value);
    if (number == MSR_EFER) {
        *value = vp->vmcb->efer & ~(uint64_t)EFER_SVME;
        return true;
    }
    return x2apic_msr_read(vp, number, value);
}

static bool write_msr(struct vp *vp, uint32_t number, uint64_t value)
{
    if (number >= HV_MSR_FIRST && number <= HV_MSR_LAST)
        return hv_msr_write(vp, number, value);
    if (number == MSR_EFER)
        return efer_write(vp, value);
    return x2apic_msr_write(vp, number, value);
}

void exit_msr(struct vp *vp)
{
    struct vmcb *b = vp->vmcb;
    uint32_t number = (uint32_t)vp->regs.rcx;
    bool write = b->exit_info_1 & 1, done;
    uint64_t value = (uint32_t)b->rax | vp->regs.rdx << 32;

    done = write ? write_msr(vp, number, value) : read_msr(vp, number, &value);
    if (write)
        event(vp, "wrmsr 0x%lx = 0x%lx", number, value);
    if (!done) {
        if (number >= HV_MSR_FIRST && number <= HV_MSR_LAST)
            rule_broken(vp,
                        "%s of MSR 0x%x (value 0x%lx): Hyper-V answers "
                        "with #GP",
                        write ? "write" : "read", number, value);
        vmcb_inject(vp, VECTOR_GP);
        return;
    }
    if (!write) {
        b->rax = (uint32_t)value;
        vp->regs.rdx = value >> 32;
    }
    skip_instruction(vp, 2);
}
