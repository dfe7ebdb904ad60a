/* SPDX-License-Identifier: BSD-2-Clause */
/* Fills a VMCB: the intercepts, and the state in which a processor starts. */
#include "control.h"
#include "minihv.h"
#include "ps2.h"

static struct vmcb blocks[VP_MAX] __attribute__((aligned(PAGE_SIZE)));
static uint8_t msr_map[8192] __attribute__((aligned(PAGE_SIZE)));
static uint8_t io_map[12288] __attribute__((aligned(PAGE_SIZE)));

enum { MSRPM_LOW = 0, MSRPM_C000 = 0x800, SEGMENT_PRESENT = 0x80 };

/* The map has two bits for each MSR, read and write, in blocks of 8192 MSRs. An
 * MSR outside the blocks (0x4000xxxx) always exits. */
static void intercept_msr(uint32_t number)
{
    bool high = number >= 0xC0000000u;
    uint32_t index = number & 0x1FFF;
    uint8_t *block = msr_map + (high && number < 0xC0002000u ? MSRPM_C000
                                : high                       ? 0x1000
                                                             : MSRPM_LOW);

    block[index / 4] |= (uint8_t)(3 << index % 4 * 2);
}

static void intercept_port(uint16_t port)
{
    io_map[port / 8] |= (uint8_t)(1 << port % 8);
}

static void prepare_maps(void)
{
    intercept_msr(MSR_EFER);
    intercept_msr(MSR_APIC_BASE);
    for (uint32_t n = 0x800; n < 0x900; n++)
        intercept_msr(n);
    intercept_msr(0xC0010114u); /* VM_CR, VM_HSAVE_PA: SVM is hidden */
    intercept_msr(0xC0010117u);
    intercept_port(PORT_VERDICT);
    intercept_port(PORT_PM1_CONTROL);
    for (unsigned i = 0; i < PCI_PORTS; i++)
        intercept_port((uint16_t)(PORT_PCI_DATA + i));
    if (hv.config.devices & (DEVICE_KEYBOARD | DEVICE_MOUSE)) {
        intercept_port(PS2_DATA);
        intercept_port(PS2_COMMAND);
    }
    if (hv.config.control)
        for (unsigned i = 0; i < CONTROL_PORTS; i++)
            intercept_port((uint16_t)(CONTROL_PORT + i));
}

void vmcb_prepare(struct vp *vp)
{
    struct vmcb *b = &blocks[vp->index];

    prepare_maps();
    vp->vmcb = b;
    vp->vmcb_address = (uint64_t)b;
    b->intercept_1 = INTERCEPT_1_NMI | INTERCEPT_1_CPUID | INTERCEPT_1_IO |
                     INTERCEPT_1_MSR | INTERCEPT_1_SHUTDOWN;
    b->intercept_2 = INTERCEPT_2_SVM;
    b->iopm = (uint64_t)io_map;
    b->msrpm = (uint64_t)msr_map;
    b->asid = 1;
    b->tlb_control = 1;
    b->nested_paging = 1;
    b->nested_cr3 = npt_root(vp);
    b->dr6 = 0xFFFF0FF0;
    b->dr7 = 0x400;
    b->rflags = 2;
    b->pat = UINT64_C(0x0007040600070406);
}

static struct vmcb_segment segment_from_gdt(uint16_t selector,
                                            const struct table_register *gdt)
{
    struct vmcb_segment s = {.selector = selector};
    uint64_t d;

    if (!(selector & ~7))
        return s;
    d = *(const uint64_t *)(gdt->base + (selector & ~7u));
    s.attributes = (uint16_t)((d >> 40 & 0xFF) | (d >> 44 & 0xF00));
    s.limit = (uint32_t)((d & 0xFFFF) | (d >> 32 & 0xF0000));
    if (d >> 55 & 1)
        s.limit = s.limit << 12 | 0xFFF;
    s.base = (d >> 16 & 0xFFFFFF) | (d >> 32 & 0xFF000000);
    return s;
}

#define SELECTOR(register_)                                             \
    ({                                                                  \
        uint16_t selector_;                                             \
        __asm__ volatile("mov %%" #register_ ", %0" : "=r"(selector_)); \
        selector_;                                                      \
    })

/* The guest continues with the firmware's state at rip and rsp. VMRUN does not
 * switch FS, GS, TR, LDTR and the syscall MSRs. minihv never changes them, so
 * they already are the guest's. */
void vmcb_from_here(struct vp *vp, uint64_t rip, uint64_t rsp)
{
    struct vmcb *b = vp->vmcb;
    struct table_register gdt, idt;

    __asm__ volatile("sgdt %0" : "=m"(gdt));
    __asm__ volatile("sidt %0" : "=m"(idt));
    b->es = segment_from_gdt(SELECTOR(es), &gdt);
    b->cs = segment_from_gdt(SELECTOR(cs), &gdt);
    b->ss = segment_from_gdt(SELECTOR(ss), &gdt);
    b->ds = segment_from_gdt(SELECTOR(ds), &gdt);
    b->gdtr.base = gdt.base;
    b->gdtr.limit = gdt.limit;
    b->idtr.base = idt.base;
    b->idtr.limit = idt.limit;
    b->efer = msr_read(MSR_EFER) | EFER_SVME;
    b->cr0 = CR_READ(0);
    b->cr2 = CR_READ(2);
    b->cr3 = CR_READ(3);
    b->cr4 = CR_READ(4);
    b->pat = msr_read(MSR_PAT);
    b->rip = rip;
    b->rsp = rsp;
}

/* The processor starts in real mode at vector * 4096, as after INIT and SIPI.
 */
void vmcb_from_sipi(struct vp *vp, uint8_t vector)
{
    struct vmcb *b = vp->vmcb;
    struct vmcb_segment data = {.attributes = 0x93, .limit = 0xFFFF};

    b->es = b->ss = b->ds = b->fs = b->gs = data;
    b->cs = (struct vmcb_segment){.selector = (uint16_t)(vector << 8),
                                  .attributes = 0x9B,
                                  .limit = 0xFFFF,
                                  .base = (uint64_t)vector << 12};
    b->gdtr = b->idtr = (struct vmcb_segment){.limit = 0xFFFF};
    b->ldtr = (struct vmcb_segment){.attributes = 0x82, .limit = 0xFFFF};
    b->tr = (struct vmcb_segment){.attributes = 0x8B, .limit = 0xFFFF};
    b->cr0 = 0x60000010;
    b->cr3 = b->cr4 = 0;
    b->efer = EFER_SVME;
    b->rip = b->rsp = 0;
    b->rflags = 2;
    b->dr6 = 0xFFFF0FF0;
    b->dr7 = 0x400;
    b->interrupt_shadow = b->event_injection = 0;
    memset(&vp->regs, 0, sizeof vp->regs);
}

/* [TLFS] attributes have 4 unused bits between the two halves. */
static struct vmcb_segment segment_from_tlfs(struct hv_segment s)
{
    return (struct vmcb_segment){
        .selector = s.selector,
        .attributes =
            (uint16_t)((s.attributes & 0xFF) | (s.attributes >> 4 & 0xF00)),
        .limit = s.limit,
        .base = s.base,
    };
}

void vmcb_from_context(struct vp *vp, const struct hv_start_input *in)
{
    struct vmcb *b = vp->vmcb;

    b->cs = segment_from_tlfs(in->cs);
    b->ds = segment_from_tlfs(in->ds);
    b->es = segment_from_tlfs(in->es);
    b->ss = segment_from_tlfs(in->ss);
    b->fs = segment_from_tlfs(in->fs);
    b->gs = segment_from_tlfs(in->gs);
    b->tr = segment_from_tlfs(in->tr);
    b->ldtr = segment_from_tlfs(in->ldtr);
    b->gdtr.base = in->gdtr.base;
    b->gdtr.limit = in->gdtr.limit;
    b->idtr.base = in->idtr.base;
    b->idtr.limit = in->idtr.limit;
    b->efer = in->efer | EFER_SVME;
    b->cr0 = in->cr0;
    b->cr3 = in->cr3;
    b->cr4 = in->cr4;
    b->pat = in->pat;
    b->rip = in->rip;
    b->rsp = in->rsp;
    b->rflags = in->rflags | 2;
}

void vmcb_inject(struct vp *vp, uint32_t vector)
{
    enum { TYPE_NMI = 2 << 8, TYPE_EXCEPTION = 3 << 8, HAS_ERROR = 1 << 11 };
    uint64_t e = vector | UINT64_C(1) << 31;

    if (vector == VECTOR_NMI)
        e |= TYPE_NMI;
    else
        e |= TYPE_EXCEPTION | (vector == VECTOR_GP ? HAS_ERROR : 0);
    vp->vmcb->event_injection = e;
}

void vmcb_inject_interrupt(struct vp *vp, uint8_t vector)
{
    vp->vmcb->event_injection = vector | UINT64_C(1) << 31;
}

bool vmcb_injects(const struct vp *vp)
{
    return vp->vmcb->event_injection >> 31 & 1;
}
