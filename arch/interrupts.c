/* The IDT and what happens at a vector: see interrupts.h. */
#include "interrupts.h"

#include <stddef.h>

#include "apic.h"
#include "cpu.h"
#include "deferred.h"
#include "fault.h"
#include "invariant.h"
#include "irql.h"

#define VECTORS 256

#define FAULT_DOUBLE        8
#define FAULT_PROTECTION    13
#define FAULT_PAGE          14
#define FAULT_NMI           2
#define FAULT_MACHINE_CHECK 18
#define FAULTS              32

/* A gate of the interrupt descriptor table. [Intel SDM 3A 6.14.1] */
struct gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t ist;
    uint8_t type;
    uint16_t offset_middle;
    uint32_t offset_high;
    uint32_t reserved;
};
_Static_assert(sizeof(struct gate) == 16, "IDT gate size");

#define GATE_INTERRUPT 0x8e /* present, ring 0, interrupts off at entry */

/* Where interrupts_try goes on; vectors.S knows the layout. */
struct recovery {
    uint64_t rsp;
    uint64_t rip;
};

static struct gate table[VECTORS] __attribute__((aligned(16)));
static struct {
    interrupt_handler *handler;
    bool auto_eoi;
} handlers[VECTORS];
static uint64_t unexpected;
static struct recovery *recovery; /* set while a probe runs */

extern const uint8_t vector_entries[];
bool interrupts_try_asm(void (*probe)(void *), void *arg, struct recovery *r);

static uint8_t stack_of(unsigned vector)
{
    switch (vector) {
    case FAULT_DOUBLE:
        return IST_DOUBLE_FAULT;
    case FAULT_PAGE:
        return IST_PAGE_FAULT;
    case FAULT_NMI:
        return IST_NMI;
    case FAULT_MACHINE_CHECK:
        return IST_MACHINE_CHECK;
    default:
        return 0;
    }
}

void interrupts_setup(void)
{
    for (unsigned v = 0; v < VECTORS; v++) {
        uint64_t entry = (uint64_t)(uintptr_t)(vector_entries + 16 * v);

        table[v] = (struct gate){
            .offset_low = (uint16_t)entry,
            .selector = GDT_CODE,
            .ist = stack_of(v),
            .type = GATE_INTERRUPT,
            .offset_middle = (uint16_t)(entry >> 16),
            .offset_high = (uint32_t)(entry >> 32),
        };
    }
}

void interrupts_load(void)
{
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) idtr = {
        .limit = sizeof(table) - 1,
        .base = (uint64_t)(uintptr_t)table,
    };

    __asm__ volatile("lidt %0" : : "m"(idtr) : "memory");
}

void interrupts_handle(uint8_t vector, interrupt_handler *handler,
                       bool auto_eoi)
{
    ASSERT(vector >= FAULTS, "vectors below 0x20 are the processor's faults");
    handlers[vector].auto_eoi = auto_eoi;
    __atomic_store_n(&handlers[vector].handler, handler, __ATOMIC_RELEASE);
}

uint64_t interrupts_unexpected(void)
{
    return __atomic_load_n(&unexpected, __ATOMIC_RELAXED);
}

bool interrupts_try(void (*probe)(void *), void *arg)
{
    struct recovery here;
    uint64_t flags = interrupts_off();
    bool ok;

    ASSERT(!recovery, "probes do not nest");
    recovery = &here;
    ok = interrupts_try_asm(probe, arg, &here);
    recovery = NULL;
    interrupts_restore(flags);
    return ok;
}

static void fault(struct cpu_frame *frame)
{
    if (frame->vector == FAULT_PROTECTION && recovery) {
        frame->rsp = recovery->rsp;
        frame->rip = recovery->rip;
        return;
    }
    fault_report(frame);
}

static void device(struct cpu_frame *frame)
{
    uint8_t vector = (uint8_t)frame->vector;
    interrupt_handler *handler =
        __atomic_load_n(&handlers[vector].handler, __ATOMIC_ACQUIRE);

    if (handler)
        handler(frame);
    else
        __atomic_fetch_add(&unexpected, 1, __ATOMIC_RELAXED);
    /* A spurious interrupt has no bit in service: no EOI. [SDM 3A 10.9] */
    if (vector != VECTOR_SPURIOUS && !(handler && handlers[vector].auto_eoi))
        apic_eoi();
}

/*
 * The level is restored before deferred work is looked for, and interrupts
 * stay off until then: nothing can slip in between.
 */
void interrupts_dispatch(struct cpu_frame *frame)
{
    struct cpu *cpu = this_cpu();
    uint8_t irql = cpu->irql;

    if (frame->vector < FAULTS) {
        fault(frame);
        return;
    }
    cpu->interrupts++;
    cpu->irql = IRQL_INTERRUPT;
    device(frame);
    cpu->irql = irql;
    if (irql < IRQL_DISPATCH && deferred_waiting())
        deferred_run();
}
