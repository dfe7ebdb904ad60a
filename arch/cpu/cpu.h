/* SPDX-License-Identifier: BSD-2-Clause */
/* The processor: instructions that C has no word for, and the one struct that
 * holds what belongs to one processor. */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <stdbool.h>
#include <stdint.h>

#define CPUS_MAX 256

#define PAGE_SIZE 4096u

/* Interrupt stack table slots: faults that must not trust the stack. Double
 * fault and machine check share one, because nothing goes on after either: the
 * second of the two may overwrite what the first one is about. */
enum ist_slot {
    IST_FATAL = 1,
    IST_PAGE_FAULT,
    IST_NMI,
    IST_SLOTS = IST_NMI,
};

/* Task state segment in 64-bit mode. [Intel SDM 3A 8.7] */
struct tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t iomap_base;
} __attribute__((packed));
_Static_assert(sizeof(struct tss) == 104, "TSS size");

#define GDT_ENTRIES 5 /* null, code, data, TSS (two entries) */
#define GDT_CODE    0x08
#define GDT_DATA    0x10
#define GDT_TSS     0x18

struct deferred_item;
struct timer;
struct _reent;

/* State of a processor that was asked to start. The new processor and the one
 * that waits for it both try to leave CPU_AWAITED; whoever is first decides. */
enum cpu_start { CPU_AWAITED, CPU_BEGUN, CPU_GIVEN_UP };

/*
 * What belongs to one processor. Only that processor writes it, with three
 * exceptions: `incoming` (any processor pushes, atomically), `flush` (a
 * processor that wants the TLB flushed) and `start`.
 */
struct cpu {
    struct cpu *self; /* first: this_cpu() reads it through GS */
    uint32_t index;   /* 0 is the one that the firmware started */
    uint32_t apic_id;
    uint32_t vp_index; /* the hypervisor's number, once hv/ has asked */
    bool online;
    uint32_t start; /* enum cpu_start, settled by compare-and-swap */

    uint8_t irql;
    struct deferred_item *incoming; /* last pushed first */
    struct deferred_item *first, **last;
    uint32_t yielded; /* turns that PASSIVE is to have after the item that runs;
                         0: it goes on */
    uint32_t share_turns; /* PASSIVE still has in its share; 0: there is none */
    uint32_t share_seen;  /* how many it had when the alarm was set */
    uint64_t share_end;   /* monotonic, for a turn that computes on */
    uint64_t share_was;   /* the last one's end, if that cut a turn short and
                             deferred work went on then */
    bool computes;        /* PASSIVE's turn has outlasted its share */
    struct _reent *reent; /* newlib's state of what runs now */
    struct _reent *reent_deferred; /* and of deferred work */
    uint64_t deferred_stack;       /* its top */
    struct timer *timers;          /* by due time */

    uint32_t flush; /* a TLB flush is asked for and not yet done */
    uint64_t interrupts;
    uint64_t halts;
    uint32_t *no_eoi; /* the hypervisor's hint, also its (interrupts/eoi.h) */
    uint64_t eois_spared;

    uint64_t gdt[GDT_ENTRIES];
    struct tss tss;
};

/** The running processor. IRQL: any; below DISPATCH the answer stays true,
 * because code never moves to another processor here. */
static inline struct cpu *this_cpu(void)
{
    struct cpu *cpu;

    __asm__ volatile("movq %%gs:0, %0" : "=r"(cpu));
    return cpu;
}

/**
 * Look up a processor.
 *
 * @index   0 is the one that the firmware started
 * @return  the processor, or NULL when @index is cpu_count() or more
 *
 * IRQL: any, without a lock.
 */
struct cpu *cpu_of(uint32_t index);

/** The number of processors that run or are being started, 1 or more once
 * arch/start.c has begun. IRQL: any. */
uint32_t cpu_count(void);

/**
 * Add a processor to the table, with the next free index.
 *
 * @cpu  its `index` is cpu_count(), which must be below CPUS_MAX; kept
 *
 * One caller at a time (arch/smp).
 */
void cpu_add(struct cpu *cpu);

/** Take the processor that was added last out of the table: it did not start.
 * One caller at a time (arch/smp). */
void cpu_remove_last(void);

struct cpuid_result {
    uint32_t eax, ebx, ecx, edx;
};

/** Ask the processor for a leaf of CPUID. Under a hypervisor this leaves the
 * guest, which takes microseconds. */
static inline struct cpuid_result cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid_result r;

    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(subleaf));
    return r;
}

/** Read a model-specific register. One that does not exist faults;
 * interrupts_try() catches that. */
static inline uint64_t msr_read(uint32_t msr)
{
    uint32_t low, high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

/** Write a model-specific register. The "memory" clobber is there because a
 * write may hand pages to the hypervisor or take them back. */
static inline void msr_write(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value),
                       "d"((uint32_t)(value >> 32))
                     : "memory");
}

/** Read the time stamp counter. The fence keeps RDTSC from running ahead of the
 * loads before it. */
static inline uint64_t tsc_read(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* What every processor of ours has in CR4: PAE, OSFXSR, OSXMMEXCPT. */
#define CR4_VALUE UINT64_C(0x620)
#define CR4_MCE   (UINT64_C(1) << 6)
#define CR4_LA57  (UINT64_C(1) << 12) /* five levels of page tables */

/** Read CR4 of the running processor. */
static inline uint64_t cr4_read(void)
{
    uint64_t cr4;

    __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
    return cr4;
}

#define RFLAGS_IF 0x200u

/**
 * Turn interrupts off on this processor.
 *
 * @return  the flags before, for interrupts_restore()
 */
static inline uint64_t interrupts_off(void)
{
    uint64_t flags;

    __asm__ volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
    return flags;
}

/** The same where they are known to be on, or where what they were does not
 * matter. */
static inline void interrupts_disable(void)
{
    __asm__ volatile("cli" : : : "memory");
}

/** Turn interrupts on on this processor. */
static inline void interrupts_on(void)
{
    __asm__ volatile("sti" : : : "memory");
}

/** Turn interrupts on again if they were on before interrupts_off(). */
static inline void interrupts_restore(uint64_t flags)
{
    if (flags & RFLAGS_IF)
        interrupts_on();
}

/** Turn interrupts on and sleep until one comes. STI takes effect after the
 * next instruction: none comes between the two. */
static inline void interrupts_await(void)
{
    __asm__ volatile("sti; hlt" : : : "memory");
}

/** Zero one page of PAGE_SIZE bytes at @page, which is mapped, writable and
 * aligned. Sixteen bytes at a time: this is most of what allocating costs. */
static inline void page_clear(void *page)
{
    typedef uint64_t line __attribute__((vector_size(16), may_alias));
    const line zero = {0};

    for (line *l = page; (char *)l < (char *)page + PAGE_SIZE; l += 8) {
        l[0] = l[1] = l[2] = l[3] = zero;
        l[4] = l[5] = l[6] = l[7] = zero;
    }
}

/** Tell the processor that this is a loop which waits for another one. */
static inline void cpu_relax(void)
{
    __asm__ volatile("pause" : : : "memory");
}

/**
 * Make @cpu the running processor: GS base, GDT, TSS and control registers
 * (SSE, no-execute, write protection in the kernel, PAT with a write-combining
 * type).
 *
 * @cpu  kept for ever; its tss.ist holds the tops of the stacks for faults
 *
 * Interrupts must be off. Once per processor.
 */
void cpu_setup(struct cpu *cpu);

/**
 * Switch the MTRRs of the running processor on where they are off, which makes
 * all memory uncached. Once per processor, for interrupts_try(): a hypervisor
 * need not let these registers be written.
 */
void cpu_cache_memory(void *unused);

#endif
