/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a processor ours: segments, task state, control registers. Nothing that
 * the firmware or the hypervisor left in these registers is relied on. */
#include "arch/cpu/cpu.h"

#include <stddef.h>

#define MSR_EFER    0xc0000080u
#define MSR_GS_BASE 0xc0000101u
#define MSR_PAT     0x277u

#define CPUID_MTRR      (1u << 12) /* EDX of leaf 1 */
#define MSR_MTRR_TYPE   0x2ffu
#define MTRR_ENABLED    (UINT64_C(1) << 11)
#define MTRR_WRITE_BACK UINT64_C(6)

#define EFER_SCE   (1u << 0)
#define EFER_NXE   (1u << 11)
#define EFER_FFXSR (1u << 14)

/* PG, WP, NE, ET, MP, PE. */
#define CR0_VALUE UINT64_C(0x80010033)

#define DR7_NONE UINT64_C(0x400) /* bit 10 reads as 1 */

/*
 * The page attribute table. Slots: 0 write-back, 1 write-combining (its reset
 * value is write-through), 2 uncached-minus, 3 uncached, and the same four
 * again. Slot 1 is chosen by the PWT bit alone, which lies at the same place in
 * entries of 4 KiB and of 2 MiB. [Intel SDM 3A 11.12]
 */
#define PAT_VALUE UINT64_C(0x0007010600070106)

_Static_assert(offsetof(struct cpu, self) == 0, "this_cpu() reads gs:0");

/* Present, ring 0, 64-bit code. The processor ignores base and limit in 64-bit
 * mode. [Intel SDM 3A 3.4.5] */
static uint64_t code_descriptor(void)
{
    return UINT64_C(0x00af9b000000ffff); /* 64-bit code, ring 0 */
}

/* Present, ring 0, writable data: what SS, DS and ES need to hold. */
static uint64_t data_descriptor(void)
{
    return UINT64_C(0x00cf93000000ffff);
}

/*
 * A system descriptor has two entries: the base is spread over three fields of
 * the first, its high half is the second. Type 9: an available 64-bit TSS.
 * [Intel SDM 3A 8.2.3]
 */
static void set_tss_descriptor(uint64_t *slot, const struct tss *tss)
{
    uint64_t base = (uint64_t)(uintptr_t)tss;

    slot[0] = (sizeof(*tss) - 1) | (base & 0xffffff) << 16 |
              UINT64_C(0x89) << 40 | (base >> 24 & 0xff) << 56;
    slot[1] = base >> 32;
}

/*
 * Load our descriptor table and every segment register from it. CS can be
 * loaded by a far return only. The firmware's selectors would be invalid in
 * this table, and an interrupt that returns to one would fault.
 */
static void load_segments(struct cpu *cpu)
{
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) gdtr = {
        .limit = sizeof(cpu->gdt) - 1,
        .base = (uint64_t)(uintptr_t)cpu->gdt,
    };

    cpu->gdt[0] = 0;
    cpu->gdt[1] = code_descriptor();
    cpu->gdt[2] = data_descriptor();
    set_tss_descriptor(&cpu->gdt[3], &cpu->tss);
    /* No I/O permission bitmap: an offset past the limit says so. */
    cpu->tss.iomap_base = sizeof(cpu->tss);
    __asm__ volatile("lgdt %0\n\t"
                     "pushq %1\n\t"
                     "leaq 1f(%%rip), %%rax\n\t"
                     "pushq %%rax\n\t"
                     "lretq\n"
                     "1:\n\t"
                     "movl %2, %%eax\n\t"
                     "movl %%eax, %%ds\n\t"
                     "movl %%eax, %%es\n\t"
                     "movl %%eax, %%ss\n\t"
                     "xorl %%eax, %%eax\n\t"
                     "movl %%eax, %%fs\n\t"
                     "movl %%eax, %%gs\n\t"
                     "ltr %w3"
                     :
                     : "m"(gdtr), "i"((uint64_t)GDT_CODE), "i"(GDT_DATA),
                       "r"(GDT_TSS)
                     : "rax", "memory");
    /* After GS was loaded: loading the selector clears the base. */
    msr_write(MSR_GS_BASE, (uint64_t)(uintptr_t)cpu);
}

/*
 * Set every bit, and keep none that was left by somebody else: PCIDE would tie
 * translations to numbers in CR3, PGE keep the firmware's translations, CET
 * fault at the far return below. Two bits of CR4 stay: five-level paging cannot
 * be switched off here (paging.c uses it), and a machine check is reported.
 */
static void set_control_registers(void)
{
    uint32_t mxcsr = 0x1f80; /* all exceptions masked, round to nearest */
    uint64_t kept = cr4_read() & (CR4_MCE | CR4_LA57);

    __asm__ volatile("movq %0, %%cr4" : : "r"(kept | CR4_VALUE) : "memory");
    __asm__ volatile("movq %0, %%cr0" : : "r"(CR0_VALUE) : "memory");
    /* The exception flags of x87 and SSE may be pending from before us. */
    __asm__ volatile("fninit; ldmxcsr %0" : : "m"(mxcsr));
    /* With FFXSR the interrupt entry would not save the SSE registers. */
    msr_write(MSR_EFER,
              (msr_read(MSR_EFER) | EFER_NXE) & ~(EFER_SCE | EFER_FFXSR));
    msr_write(MSR_PAT, PAT_VALUE);
    /* No breakpoint stays armed, no interrupt masked by its priority. */
    __asm__ volatile("movq %0, %%dr7" : : "r"(DR7_NONE));
    __asm__ volatile("movq %0, %%cr8" : : "r"(UINT64_C(0)));
}

/* The pointer to itself comes first: this_cpu() reads it through GS, and GS is
 * loaded at the end. */
void cpu_setup(struct cpu *cpu)
{
    cpu->self = cpu;
    cpu->last = &cpu->first;
    set_control_registers();
    load_segments(cpu);
}

/* MTRRs that are on say what the machine's own ranges are, for all processors
 * alike, and stay. Devices are uncached by the page tables in any case. */
void cpu_cache_memory(void *unused)
{
    (void)unused;
    if ((cpuid(1, 0).edx & CPUID_MTRR) &&
        !(msr_read(MSR_MTRR_TYPE) & MTRR_ENABLED))
        msr_write(MSR_MTRR_TYPE, MTRR_ENABLED | MTRR_WRITE_BACK);
}
