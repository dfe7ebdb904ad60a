/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A processor of ours: its stacks, its entry, and its end. See smp.h.
 *
 * A new one begins in the trampoline (or in hv/), loads the real page tables,
 * makes itself a processor of ours, lets the caller set up what it needs per
 * processor, and then sleeps until there is work.
 */
#include "arch/smp/smp.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "arch/cpu/halt.h"
#include "arch/interrupts/apic.h"
#include "arch/interrupts/deferred.h"
#include "arch/interrupts/interrupts.h"
#include "arch/cpu/invariant.h"
#include "arch/cpu/irql.h"
#include "arch/libc/state.h"
#include "arch/console/log.h"
#include "arch/memory/pages.h"
#include "arch/memory/paging.h"
#include "arch/smp/flush.h"
#include "arch/smp/private.h"
#include "arch/time/wait.h"

/* It idles on the stack that it starts on; work that is handed to it runs on
 * its other stack. The crash report has a stack of its own. */
static const uint8_t piece_pages[PIECES] = {
    [PIECE_DEFERRED] = 4,   [PIECE_FAULTS] = 1,
    [PIECE_FAULTS + 1] = 1, [PIECE_FAULTS + 2] = 1,
    [PIECE_START] = 2,      [PIECE_CPU] = LIBC_STATE_CPU_PAGES,
};
_Static_assert(IST_SLOTS == 3, "each fault has a stack of a page");

static struct cpu first;
void (*smp_each_cpu)(struct cpu *cpu);
/* The stack of faults until there is memory: faults of the very first steps are
 * reported, too. */
static uint8_t early_stack[2 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/* All faults share one stack here; they do not come at the same time yet. */
void smp_setup_first(void)
{
    uint64_t stack = (uint64_t)(uintptr_t)(early_stack + sizeof(early_stack));

    for (int i = 0; i < IST_SLOTS; i++)
        first.tss.ist[i] = stack;
    cpu_add(&first);
    libc_state_first(&first);
    cpu_setup(&first);
    first.online = true;
}

/* One call for all: it costs little more than a single piece. */
bool smp_take_pieces(uint32_t count, uint64_t at[PIECES])
{
    return pages_alloc_pieces(piece_pages, count, at);
}

/* A stack grows downwards from the end of its piece. */
uint64_t smp_stack(enum smp_piece piece, const uint64_t at[PIECES])
{
    return at[piece] + (uint64_t)piece_pages[piece] * PAGE_SIZE;
}

/* The faults' stacks are in the order of enum ist_slot. */
int smp_give_stacks_to(struct cpu *cpu, const uint64_t at[PIECES])
{
    cpu->deferred_stack = smp_stack(PIECE_DEFERRED, at);
    for (unsigned i = 0; i < IST_SLOTS; i++)
        cpu->tss.ist[i] = smp_stack(PIECE_FAULTS + i, at);
    return libc_state_create(cpu);
}

/* The TSS is read at each interrupt: from here on nobody uses the first one. */
int smp_give_stacks(void)
{
    uint64_t at[PIECES];
    int status = smp_take_pieces(PIECES_FIRST, at)
                     ? smp_give_stacks_to(&first, at)
                     : -ENOMEM;

    if (!status)
        pages_take_over(early_stack, early_stack + sizeof(early_stack));
    return status;
}

/* Whoever of the two comes first decides. True: it was the caller. */
bool smp_settle(struct cpu *cpu, enum cpu_start what)
{
    uint32_t awaited = CPU_AWAITED;

    return __atomic_compare_exchange_n(&cpu->start, &awaited, what, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* The processor knows its number best: the hypervisor may have started another
 * one than the tables let expect. */
static void take_own_id(struct cpu *cpu)
{
    uint32_t id = apic_id();

    if (id == cpu->apic_id)
        return;
    log_printf(LOG_WARNING,
               "smp: processor %u has APIC id %u, not %u as the tables say: "
               "its own counts",
               cpu->index, id, cpu->apic_id);
    cpu->apic_id = id;
}

/* On the new processor. The stack is the one that it keeps for idling. If it
 * was given up, nobody counts on it any more and its index may be another's. */
_Noreturn void smp_entry(struct cpu *cpu)
{
    /* Tell the waiting processor that this one runs, or stop. */
    ASSERT_STACK_ALIGNED();
    if (!smp_settle(cpu, CPU_BEGUN))
        halt_forever();
    /* From the trampoline's top table to the real one. */
    paging_load();
    /* Registers of our own, then interrupts that can be taken. */
    cpu_setup(cpu);
    interrupts_load();
    (void)interrupts_try(cpu_cache_memory, NULL);
    apic_enable();
    take_own_id(cpu);
    /* The caller's part: SynIC and timer of this processor. */
    smp_each_cpu(cpu);
    __atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
    wait_park();
}

/* Another processor has crashed or ends the machine. */
static void stop(struct cpu_frame *frame)
{
    (void)frame;
    halt_forever();
}

void smp_handle_vectors(void)
{
    interrupts_handle(VECTOR_STOP, stop, false);
    smp_flush_setup();
}

/* Without waiting: a processor that spins with interrupts off never answers. */
void smp_stop_others(void)
{
    for (uint32_t i = 0; i < cpu_count(); i++) {
        struct cpu *cpu = cpu_of(i);

        if (cpu != this_cpu() && cpu->online)
            apic_send(cpu->apic_id, VECTOR_STOP);
    }
}
