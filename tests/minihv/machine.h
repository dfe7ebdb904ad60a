/* SPDX-License-Identifier: BSD-2-Clause */
/* Processor instructions as functions. They run in host mode only. */
#ifndef MINIHV_MACHINE_H
#define MINIHV_MACHINE_H

#include <stdint.h>

static inline void port_out8(uint16_t port, uint8_t v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static inline void port_out16(uint16_t port, uint16_t v)
{
    __asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static inline void port_out32(uint16_t port, uint32_t v)
{
    __asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static inline uint8_t port_in8(uint16_t port)
{
    uint8_t v;
    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static inline uint16_t port_in16(uint16_t port)
{
    uint16_t v;
    __asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static inline uint32_t port_in32(uint16_t port)
{
    uint32_t v;
    __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static inline uint64_t msr_read(uint32_t number)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
    return low | (uint64_t)high << 32;
}

static inline void msr_write(uint32_t number, uint64_t v)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(number), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
                     : "memory");
}

struct cpuid_result {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_result cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid_result r;
    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "0"(leaf), "2"(subleaf));
    return r;
}

static inline uint64_t tsc_read(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return low | (uint64_t)high << 32;
}

/* No NMI comes any more until the next VMRUN: then the guest exits with it. */
static inline void cpu_hold_nmi(void)
{
    __asm__ volatile("clgi" ::: "memory");
}

static inline void cpu_relax(void)
{
    __asm__ volatile("pause" : : : "memory");
}

static inline void cpu_flush_page(const void *address)
{
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* Functions that read and write a control register by its number. */
#define CR_READ(n)                                                          \
    ({                                                                      \
        uint64_t value_;                                                    \
        __asm__ volatile("mov %%cr" #n ", %0" : "=r"(value_) : : "memory"); \
        value_;                                                             \
    })

/* Device registers are reached at their physical address (identity map). */
static inline uint32_t mmio_read32(uint64_t address)
{
    return *(volatile uint32_t *)address;
}

static inline void mmio_write32(uint64_t address, uint32_t v)
{
    *(volatile uint32_t *)address = v;
}

/* The operand of LGDT, LIDT, SGDT and SIDT. */
struct table_register {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

struct spinlock {
    uint32_t taken;
};

static inline void spin_lock(struct spinlock *l)
{
    while (__atomic_exchange_n(&l->taken, 1, __ATOMIC_ACQUIRE))
        cpu_relax();
}

static inline void spin_unlock(struct spinlock *l)
{
    __atomic_store_n(&l->taken, 0, __ATOMIC_RELEASE);
}

enum {
    MSR_APIC_BASE = 0x1B,
    MSR_PAT = 0x277,
    MSR_EFER = 0xC0000080u,
    MSR_VM_CR = 0xC0010114u,
    MSR_VM_HSAVE = 0xC0010117u,
};

enum {
    EFER_LME = 1 << 8,
    EFER_LMA = 1 << 10,
    EFER_NXE = 1 << 11,
    EFER_SVME = 1 << 12,
};

#endif
