/* SPDX-License-Identifier: BSD-2-Clause */
/* Processors as the hypervisor sees them: number, start, idling. [TLFS] 7 */
#include "hv/hv.h"

#include <errno.h>
#include <string.h>

#include "arch/console/log.h"
#include "hv/msr.h"
#include "arch/memory/paging.h"
#include "arch/smp/smp.h"
#include "arch/time/wait.h"

#define SELF_PARTITION UINT64_MAX

/* A segment register. [TLFS] 7.8 */
struct segment {
    uint64_t base;
    uint32_t limit;
    uint16_t selector;
    uint16_t attributes;
};
_Static_assert(sizeof(struct segment) == 16, "segment register");

/* A descriptor table register. [TLFS] 7.8 */
struct table {
    uint16_t pad[3];
    uint16_t limit;
    uint64_t base;
};
_Static_assert(sizeof(struct table) == 16, "table register");

/* Input of HvStartVirtualProcessor. [TLFS] 7.8, [hvdef] */
struct start_processor {
    uint64_t partition;
    uint32_t vp_index;
    uint8_t vtl;
    uint8_t reserved[3];
    uint64_t rip, rsp, rflags;
    struct segment cs, ds, es, fs, gs, ss, tr, ldtr;
    struct table idtr, gdtr;
    uint64_t efer, cr0, cr3, cr4, pat;
};
_Static_assert(sizeof(struct start_processor) == 240, "start input");

/* Segment attributes as in a descriptor's second word. Code: present, ring 0,
 * executable, 64-bit. */
#define ATTRIBUTES_CODE 0xa09b /* present, ring 0, code, long */
#define ATTRIBUTES_DATA 0xc093
#define ATTRIBUTES_TSS  0x008b

/* The new processor begins with this processor's control registers. */
static uint64_t cr0(void)
{
    uint64_t v;

    __asm__ volatile("movq %%cr0, %0" : "=r"(v));
    return v;
}

/* Without the privilege reading the MSR faults; 0 is right for one processor.
 */
uint32_t hv_vp_index(const struct hv_info *info)
{
    if (!(info->access & HV_ACCESS_VP_INDEX))
        return 0;
    return (uint32_t)msr_read(HV_MSR_VP_INDEX);
}

/*
 * Begins in 64-bit mode with our tables. C code expects its first argument in
 * RDI, which the start context does not hold: the argument lies at the stack's
 * top, and this takes it from there.
 */
__attribute__((naked)) static void start_thunk(void)
{
    __asm__ volatile("popq %rdi\n\t"
                     "xorl %ebp, %ebp\n\t"
                     "call smp_entry\n\t"
                     "ud2");
}

/* Input of HvGetVpIndexFromApicId with one id. [TLFS] */
struct index_of_id {
    uint64_t partition;
    uint8_t vtl;
    uint8_t reserved[7];
    uint32_t apic_id;
    uint32_t more;
};
_Static_assert(sizeof(struct index_of_id) == 24, "index input");

/* Asks for the hypervisor's number of a processor. An older hypervisor does not
 * know the call: then the order of the tables must do, and smp_entry() compares
 * the APIC ids. */
static uint32_t index_of(const struct cpu *cpu)
{
    const struct index_of_id in = {.partition = SELF_PARTITION,
                                   .apic_id = cpu->apic_id};
    uint32_t index = 0;
    uint64_t result = hv_call_list(HV_CALL_VP_INDEX_FROM_APIC_ID, &in,
                                   sizeof(in), &index, sizeof(index));

    if ((uint16_t)result == 0)
        return index;
    log_printf(LOG_INFO, "hv: HvGetVpIndexFromApicId(%u) failed: %s; taking %u",
               cpu->apic_id, hv_status_name((uint16_t)result), cpu->index);
    return cpu->index;
}

static int start(const struct cpu *cpu)
{
    /* start_thunk() takes the argument off: the call finds it aligned. */
    uint64_t stack = smp_start_stack(cpu) - sizeof(cpu);
    const struct segment data = {
        .limit = UINT32_MAX,
        .selector = GDT_DATA,
        .attributes = ATTRIBUTES_DATA,
    };
    struct start_processor in = {
        .partition = SELF_PARTITION,
        .vp_index = index_of(cpu),
        .rip = (uint64_t)(uintptr_t)start_thunk,
        .rsp = stack,
        .rflags = 2,
        .cs = {.limit = UINT32_MAX,
               .selector = GDT_CODE,
               .attributes = ATTRIBUTES_CODE},
        .ds = data,
        .es = data,
        .fs = data,
        .gs = data,
        .ss = data,
        .tr = {.limit = 0xffff, .attributes = ATTRIBUTES_TSS},
        .efer = msr_read(0xc0000080),
        .cr0 = cr0(),
        .cr3 = paging_root(),
        .cr4 = cr4_read(),
        .pat = msr_read(0x277),
    };
    uint16_t status;

    /* Put the argument where start_thunk() takes it. */
    memcpy((void *)(uintptr_t)stack, &cpu, sizeof(cpu));
    /* Ask for the start. The call returns before the processor runs. */
    status = (uint16_t)hv_call_slow(HV_CALL_START_PROCESSOR, &in, sizeof(in));
    if (status == 0)
        return 0;
    log_printf(LOG_WARNING, "hv: HvStartVirtualProcessor(%u) failed: %s",
               in.vp_index, hv_status_name(status));
    return -EIO;
}

bool hv_starter_setup(const struct hv_info *info)
{
    if (!(info->access_high & HV_START_PROCESSOR))
        return false;
    smp_set_starter(start);
    return true;
}

/* The read returns when an interrupt is pending, whether interrupts are on or
 * off. [TLFS] 10.1.4 */
static void idle(void)
{
    (void)msr_read(HV_MSR_GUEST_IDLE);
    __asm__ volatile("sti; nop" : : : "memory");
}

bool hv_idle_setup(const struct hv_info *info)
{
    if (!(info->access & HV_ACCESS_GUEST_IDLE) ||
        !(info->features & HV_FEATURE_GUEST_IDLE))
        return false;
    wait_set_idle(idle);
    return true;
}
