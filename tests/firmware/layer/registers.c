/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers as earlier software may leave them, each only where the processor
 * has it. The console says what was set. */
#include "layer.h"

#define EFER_SCE       (UINT64_C(1) << 0)
#define CR4_DE         (UINT64_C(1) << 3)
#define CR4_PGE        (UINT64_C(1) << 7)
#define CR4_UMIP       (UINT64_C(1) << 11)
#define CR4_FSGSBASE   (UINT64_C(1) << 16)
#define CR4_PCIDE      (UINT64_C(1) << 17)
#define CR4_SMEP       (UINT64_C(1) << 20)
#define CR4_SMAP       (UINT64_C(1) << 21)
#define CR4_CET        (UINT64_C(1) << 23)
#define MSR_MTRR_TYPE  0x2ffu
#define MSR_X2_EOI     0x80bu
#define APIC_PAGE      UINT64_C(0xfee00000)
#define APIC_ICR       0x300u
#define APIC_SPURIOUS  0x0f0u
#define VECTOR_PENDING 0x46u
#define VECTOR_SERVED  0xf6u
#define BASE_X2        (UINT64_C(1) << 10)
#define BASE_ENABLE    (UINT64_C(1) << 11)
#define SELF           0x40000u

/* Bit `bit` of a word of CPUID says that the processor has what `flag` of CR4
 * switches on. */
static uint64_t if_offered(uint32_t word, unsigned bit, uint64_t flag)
{
    return word >> bit & 1 ? flag : 0;
}

static void set_control_bits(void)
{
    struct cpuid_result one = cpuid(1, 0), seven = cpuid(7, 0);
    uint64_t cr4 = CR_READ(4);

    cr4 |= CR4_DE;
    cr4 |= if_offered(one.edx, 13, CR4_PGE);
    cr4 |= if_offered(one.ecx, 17, CR4_PCIDE);
    cr4 |= if_offered(seven.ebx, 0, CR4_FSGSBASE);
    cr4 |= if_offered(seven.ebx, 7, CR4_SMEP);
    cr4 |= if_offered(seven.ebx, 20, CR4_SMAP);
    cr4 |= if_offered(seven.ecx, 2, CR4_UMIP);
    cr4 |= if_offered(seven.ecx, 7, CR4_CET);
    msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SCE);
    __asm__ volatile("movq %0, %%cr4" : : "r"(cr4) : "memory");
    layer_say_number("layer: CR4 is", CR_READ(4));
}

/* Memory types: every page uncached, by both ways. */
static void set_memory_types(void)
{
    msr_write(MSR_PAT, 0);
    msr_write(MSR_MTRR_TYPE, 0);
    layer_say_number("layer: PAT is", msr_read(MSR_PAT));
    layer_say_number("layer: the MTRRs' default type is",
                     msr_read(MSR_MTRR_TYPE));
}

/* A breakpoint on the image's every first store into its data: DR7's type is
 * "write", of 8 bytes at the image's end, which lies in its bss. */
static void arm_breakpoints(void)
{
    __asm__ volatile("movq %0, %%dr0\n\t"
                     "movq %1, %%dr1\n\t"
                     "movq %2, %%dr7"
                     :
                     : "r"(layer_payload.to - PAGE), "r"(layer_payload.from),
                       "r"(UINT64_C(0xb000f)));
    layer_say("layer: breakpoints are armed\n");
}

/* ---- interrupts ---------------------------------------------------------- */

static void send_to_self(uint8_t vector)
{
    if (msr_read(MSR_APIC_BASE) & BASE_X2)
        msr_write(0x830, SELF | vector);
    else
        mmio_write32(APIC_PAGE + APIC_ICR, SELF | vector);
}

static volatile uint32_t served;

/* Never acknowledged: its bit stays in service. */
__attribute__((interrupt, target("general-regs-only"))) static void
unserved(void *frame)
{
    (void)frame;
    served++;
}

struct gate {
    uint16_t offset_0, selector;
    uint8_t ist, attributes;
    uint16_t offset_1;
    uint32_t offset_2, reserved;
};

static void set_gate(uint8_t vector, void (*handler)(void *))
{
    uint64_t a = (uint64_t)(uintptr_t)handler;
    struct table_register idt;
    uint16_t code;

    __asm__ volatile("sidt %0" : "=m"(idt));
    __asm__ volatile("mov %%cs, %0" : "=r"(code));
    ((struct gate *)(uintptr_t)idt.base)[vector] = (struct gate){
        .offset_0 = (uint16_t)a,
        .selector = code,
        .attributes = 0x8e,
        .offset_1 = (uint16_t)(a >> 16),
        .offset_2 = (uint32_t)(a >> 32),
    };
}

/* One interrupt of a high priority in service, one that waits. */
static void leave_interrupts(void)
{
    if (!(msr_read(MSR_APIC_BASE) & BASE_X2))
        mmio_write32(APIC_PAGE + APIC_SPURIOUS, 0x1ff);
    set_gate(VECTOR_SERVED, unserved);
    send_to_self(VECTOR_SERVED);
    __asm__ volatile("sti; nop; nop" : : : "memory");
    for (int i = 0; i < 1000000 && !served; i++)
        cpu_relax();
    __asm__ volatile("cli" : : : "memory");
    if (!served)
        layer_fail("the APIC delivers no interrupt");
    send_to_self(VECTOR_PENDING);
    layer_say("layer: one interrupt is in service, one waits\n");
}

/* Off by its global enable bit, from which x2APIC mode is two steps away. */
static void switch_apic_off(void)
{
    msr_write(MSR_APIC_BASE,
              msr_read(MSR_APIC_BASE) & ~(BASE_ENABLE | BASE_X2));
    layer_say_number("layer: IA32_APIC_BASE is", msr_read(MSR_APIC_BASE));
}

void layer_set_registers(void)
{
    if (layer_wants("control"))
        set_control_bits();
    if (layer_wants("types"))
        set_memory_types();
    if (layer_wants("debug"))
        arm_breakpoints();
    if (layer_wants("interrupts"))
        leave_interrupts();
    if (layer_wants("apic-off"))
        switch_apic_off();
    if (layer_wants("priority"))
        __asm__ volatile("movq %0, %%cr8" : : "r"(UINT64_C(15)));
}
