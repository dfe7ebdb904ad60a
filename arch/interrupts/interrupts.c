/* SPDX-License-Identifier: BSD-2-Clause */
/* The IDT and what happens at a vector: see interrupts.h. */
#include "arch/interrupts/interrupts.h"

#include <stddef.h>

#include "arch/interrupts/apic.h"
#include "arch/interrupts/eoi.h"
#include "arch/cpu/cpu.h"
#include "arch/cpu/halt.h"
#include "arch/interrupts/deferred.h"
#include "arch/cpu/invariant.h"
#include "arch/cpu/irql.h"
#include "arch/cpu/vectors.h"

#define VECTORS 256

#define FAULT_DOUBLE        8
#define FAULT_PROTECTION    13
#define FAULT_PAGE          14
#define FAULT_NMI           2
#define FAULT_MACHINE_CHECK 18
#define FAULTS              32

/*
 * A gate of the interrupt descriptor table. The low word: bits 15:0 and 63:48
 * are parts of the entry's offset, 31:16 the code segment, 34:32 the stack
 * (IST), 47:40 the type. The high word: bits 31:0 are the rest of the offset.
 * [Intel SDM 3A 6.14.1]
 */
struct gate {
    uint64_t low, high;
};
_Static_assert(sizeof(struct gate) == 16, "IDT gate size");

/* Present, ring 0, interrupts off at entry. */
#define GATE_INTERRUPT  (UINT64_C(0x8e) << 40)
#define GATE_STACK(ist) ((uint64_t)(ist) << 32)

static struct gate table[VECTORS] __attribute__((aligned(16)));
static struct {
    interrupt_handler *handler;
    bool auto_eoi;
} handlers[VECTORS];
static void (*fault_report)(struct cpu_frame *frame);
static struct vectors_recovery *recovery; /* set while a probe runs */

/*
 * Gates to the entries of the group that begins with `vector`. They run at
 * every start, so each is the one before and a small sum: within vectors.S's
 * alignment only the lowest 16 bits of an entry's address change.
 */
static void set_group(unsigned vector)
{
    uint64_t entry = vectors_entry(vector);
    struct gate *g = &table[vector], *end = g + VECTORS_GROUP;
    uint64_t low = (entry & 0xffff) | GDT_CODE << 16 | GATE_INTERRUPT |
                   (entry >> 16 & 0xffff) << 48;

    for (; g < end; g++, low += VECTORS_ENTRY_BYTES)
        *g = (struct gate){.low = low, .high = entry >> 32};
}

/* The table is never changed afterwards; handlers are looked up in C. */
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

void interrupts_set_fault(void (*report)(struct cpu_frame *frame))
{
    fault_report = report;
}

/* The pointer comes last: an interrupt that finds it finds the other member
 * set. */
void interrupts_handle(uint8_t vector, interrupt_handler *handler,
                       bool auto_eoi)
{
    ASSERT(vector >= FAULTS, "vectors below 0x20 are the processor's faults");
    handlers[vector].auto_eoi = auto_eoi;
    __atomic_store_n(&handlers[vector].handler, handler, __ATOMIC_RELEASE);
}

/* With interrupts off, so that the only fault in between is the probe's own. */
bool interrupts_try(void (*probe)(void *), void *arg)
{
    struct vectors_recovery here;
    uint64_t flags = interrupts_off();
    bool ok;

    ASSERT(!recovery, "probes do not nest");
    recovery = &here;
    ok = vectors_try(probe, arg, &here);
    recovery = NULL;
    interrupts_restore(flags);
    return ok;
}

/* A fault of a probe goes on after the probe. Every other fault ends in the
 * crash report. */
static void fault(struct cpu_frame *frame)
{
    if (frame->vector == FAULT_PROTECTION && recovery) {
        frame->rsp = recovery->rsp;
        frame->rip = recovery->rip;
        return;
    }
    if (fault_report)
        fault_report(frame);
    halt_forever();
}

/*
 * An interrupt without a handler is only acknowledged. Without the
 * acknowledgement it would block all vectors of the same or a lower priority.
 */
static void device(struct cpu_frame *frame)
{
    uint8_t vector = (uint8_t)frame->vector;
    interrupt_handler *handler =
        __atomic_load_n(&handlers[vector].handler, __ATOMIC_ACQUIRE);

    if (handler)
        handler(frame);
    /* A spurious interrupt has no bit in service, so there is nothing to
     * acknowledge. [Intel SDM 3A 10.9] */
    if (vector != VECTOR_SPURIOUS && !(handler && handlers[vector].auto_eoi) &&
        !eoi_is_spared(this_cpu()))
        apic_eoi();
}

/* Restore the level before looking for deferred work, and keep interrupts off
 * until then: nothing can come in between and be overlooked. */
static void dispatch(struct cpu_frame *frame)
{
    struct cpu *cpu = this_cpu();
    uint8_t irql = cpu->irql;

    ASSERT_STACK_ALIGNED();
    if (frame->vector < FAULTS) {
        fault(frame);
        return;
    }
    cpu->interrupts++;
    cpu->irql = IRQL_INTERRUPT;
    device(frame);
    cpu->irql = irql;
    if (irql < IRQL_DISPATCH && irql_deferred_waiting())
        deferred_run();
}

/* The work that the processor is woken for is found on the way out. */
static void wake(struct cpu_frame *frame)
{
    (void)frame;
}

void interrupts_setup(void)
{
    for (unsigned v = 0; v < VECTORS; v += VECTORS_GROUP)
        set_group(v);
    /* Faults that may come with a bad stack pointer get stacks of their own. */
    table[FAULT_DOUBLE].low |= GATE_STACK(IST_FATAL);
    table[FAULT_PAGE].low |= GATE_STACK(IST_PAGE_FAULT);
    table[FAULT_NMI].low |= GATE_STACK(IST_NMI);
    table[FAULT_MACHINE_CHECK].low |= GATE_STACK(IST_FATAL);
    vectors_set_dispatch(dispatch);
    irql_set_deferred(deferred_run);
    interrupts_handle(VECTOR_WAKE, wake, false);
}
