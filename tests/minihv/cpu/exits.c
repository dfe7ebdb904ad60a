/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handles VM exits with one handler for each exit code. An exit that is not in
 * the table is a fault of the guest or of minihv and ends the run.
 */
#include "control.h"
#include "minihv.h"
#include "ps2.h"

/* TCG saves no next RIP. The instruction behind an STI's shadow has been
 * executed now. */
static void end_instruction(struct vp *vp, uint64_t next)
{
    struct vmcb *b = vp->vmcb;

    b->rip = next;
    b->interrupt_shadow = 0;
    if (b->rflags & RFLAGS_TF && !vmcb_injects(vp)) {
        b->dr6 |= DR6_BS;
        vmcb_inject(vp, VECTOR_DB);
    }
}

void skip_instruction(struct vp *vp, uint32_t length)
{
    end_instruction(vp, vp->vmcb->rip + length);
}

enum { IO_IN = 1, IO_STRING = 4, IO_8 = 0x10, IO_16 = 0x20 };

/* A generation-2 VM has no PS/2 controller and no PCI: a guest finds neither.
 * Until the boot services end, the firmware drives both.
 *
 * While a guest looks for PCI devices the machine's memory map changes with
 * every register, and QEMU 7.2 may then take another processor's access to the
 * APIC for one to another device: an interrupt is lost, or QEMU ends by a
 * fault. */
static bool is_hidden(uint16_t port)
{
    return hv.boot_services_over &&
           (port == PS2_DATA || port == PS2_COMMAND ||
            (port >= PORT_PCI_DATA && port < PORT_PCI_DATA + PCI_PORTS));
}

/* The control port is minihv's from the beginning: the firmware finds a serial
 * port that takes everything and gives nothing, a system none. */
static bool is_control(uint16_t port)
{
    return hv.config.control && port >= CONTROL_PORT &&
           port < CONTROL_PORT + CONTROL_PORTS;
}

static uint8_t control_read(uint16_t port)
{
    enum { LINE_STATUS = 5, EMPTY = 0x60 };

    return port == CONTROL_PORT + LINE_STATUS ? EMPTY : 0;
}

static void port_write(uint16_t port, uint32_t info, uint32_t value)
{
    if (is_hidden(port) || is_control(port))
        return;
    if (info & IO_8)
        port_out8(port, (uint8_t)value);
    else if (info & IO_16)
        port_out16(port, (uint16_t)value);
    else
        port_out32(port, value);
}

static uint64_t port_read(uint16_t port, uint32_t info, uint64_t rax)
{
    uint64_t mask = info & IO_8 ? 0xFF : info & IO_16 ? 0xFFFF : UINT32_MAX;

    if (is_hidden(port)) /* nothing is there, which reads as ones */
        return mask == UINT32_MAX ? mask : rax | mask;
    if (is_control(port))
        return (rax & ~UINT64_C(0xFF)) | control_read(port);
    if (info & IO_8)
        return (rax & ~mask) | port_in8(port);
    if (info & IO_16)
        return (rax & ~mask) | port_in16(port);
    return port_in32(port);
}

/* Handles a port access; one that ends the run is reported first. EXITINFO1 has
 * the port and the access, EXITINFO2 the next RIP. */
static void exit_io(struct vp *vp)
{
    enum { SLEEP_ENABLE = 1 << 13 };
    struct vmcb *b = vp->vmcb;
    uint32_t info = (uint32_t)b->exit_info_1, value = (uint32_t)b->rax;
    uint16_t port = (uint16_t)(info >> 16);

    if (info & IO_STRING)
        guest_misbehaved(vp, "string I/O at port 0x%x", port);
    if (info & IO_IN) {
        b->rax = port_read(port, info, b->rax);
    } else if (port == PORT_VERDICT) {
        say("minihv: the guest ends with verdict 0x%x\n", value & 0xFF);
        end_run((uint8_t)value);
    } else {
        if (port == PORT_PM1_CONTROL && value & SLEEP_ENABLE) {
            say("minihv: the guest powers off\n");
            say_counts();
        }
        port_write(port, info, value);
    }
    end_instruction(vp, b->exit_info_2);
}

static void exit_nested_fault(struct vp *vp)
{
    enum { WRITE = 2 };
    uint64_t gpa = vp->vmcb->exit_info_2;
    bool write = vp->vmcb->exit_info_1 & WRITE;

    if (write && gpa >> 12 == APIC_ADDRESS >> 12) {
        step_apic_write(vp, (uint32_t)gpa & 0xFFF);
        return;
    }
    if (write && overlay_covers(gpa)) {
        rule_broken(vp, "write to the read-only overlay page at 0x%lx", gpa);
        vmcb_inject(vp, VECTOR_GP);
        return;
    }
    guest_misbehaved(vp, "%s 0x%lx, where nothing is that a guest may use",
                     write ? "write to" : "access to", gpa);
}

static void exit_shutdown(struct vp *vp)
{
    guest_misbehaved(vp, "triple fault");
}

/* The guest has no SVM: CPUID does not show it. */
static void exit_svm(struct vp *vp)
{
    rule_broken(vp, "SVM instruction, exit 0x%lx", vp->vmcb->exit_code);
    vmcb_inject(vp, VECTOR_UD);
}

static void exit_step(struct vp *vp)
{
    (void)vp; /* step_end() has done it, or autoeoi_deliver() does */
}

static const struct exit_handler {
    uint32_t code;
    enum counter counter;
    void (*run)(struct vp *vp);
} handlers[] = {
    {EXIT_MSR, COUNT_MSR, exit_msr},
    {EXIT_CPUID, COUNT_CPUID, exit_cpuid},
    {EXIT_VMMCALL, COUNT_HYPERCALL, exit_hypercall},
    {EXIT_NMI, COUNT_NMI, exit_nmi},
    {EXIT_NPF, COUNT_NESTED_FAULT, exit_nested_fault},
    {EXIT_EXCEPTION_DB, COUNT_STEP, exit_step},
    {EXIT_VINTR, COUNT_STEP, exit_step},
    {EXIT_IRET, COUNT_STEP, exit_iret},
    {EXIT_HLT, COUNT_STEP, exit_step},
    {EXIT_IO, COUNT_IO, exit_io},
    {EXIT_SHUTDOWN, COUNT_STEP, exit_shutdown},
};

static void dispatch(struct vp *vp)
{
    uint64_t code = vp->vmcb->exit_code;

    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
        if (handlers[i].code == code) {
            count(handlers[i].counter);
            handlers[i].run(vp);
            return;
        }
    if (code >= EXIT_VMRUN && code <= EXIT_SKINIT)
        exit_svm(vp);
    else
        guest_misbehaved(vp, "exit 0x%lx, information 0x%lx 0x%lx", code,
                         vp->vmcb->exit_info_1, vp->vmcb->exit_info_2);
}

void host_pump(void)
{
    for (uint32_t i = 0; i < hv.vp_count; i++)
        stimer_expire(&hv.vp[i]);
    while (bus_pump())
        ;
}

/* Does the work of the host half after an exit of the boot processor, which
 * another one kicks when it has left some. If the host has its own processor,
 * that one does it instead. */
static void host_work(struct vp *vp)
{
    stimer_expire(vp);
    if (vp->index) {
        if (vp->left_work && !hv.has_host_cpu)
            vp_kick(&hv.vp[0]);
        return;
    }
    if (!hv.has_host_cpu)
        host_pump();
    check_deadline(vp);
    schedule_nmi();
}

/* The guest cannot know where minihv's page tables are: their memory is hidden
 * from it. With QEMU 7.2, about once in a hundred runs where two processors
 * exit often, the guest all the same faulted at their root, as a processor does
 * that runs the guest with the host's CR3. Only the emulator can have put that
 * there. */
static void check_guest_state(struct vp *vp)
{
    const struct vmcb *b = vp->vmcb;
    bool at_root = b->exit_code == EXIT_NPF &&
                   b->exit_info_2 / PAGE_SIZE == tables_root() / PAGE_SIZE;

    if (at_root || b->cr3 == tables_root())
        qemu_failed(vp, "the guest runs with the host's page tables");
}

void vp_exit(struct vp *vp)
{
    uint64_t began = tsc_read();
    struct vmcb *b = vp->vmcb;

    vp->exits++;
    check_guest_state(vp);
    if (hv.cpus_up > 1)
        apic_recheck();
    vp->left_work = false;
    step_end(vp);
    dispatch(vp);
    host_work(vp);
    if (vp->init_waits)
        processors_stop(vp);
    nmi_deliver(vp);
    autoeoi_deliver(vp);
    b->tlb_control = vp->npt_seen != hv.npt_generation;
    vp->npt_seen = hv.npt_generation;
    if (hv.config.exact)
        b->tsc_offset -= tsc_read() - began;
}
