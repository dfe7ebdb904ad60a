/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processors from the second one on: see smp.h.
 *
 * They are started one after the other, by the first processor, which waits for
 * each of them. A new one begins in the trampoline (or in hv/), loads the real
 * page tables, makes itself a processor of ours, lets the caller set up what it
 * needs per processor, and then sleeps until there is work.
 */
#include "arch/smp/smp.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "arch/cpu/halt.h"
#include "arch/interrupts/apic.h"
#include "arch/time/clock.h"
#include "arch/interrupts/deferred.h"
#include "arch/interrupts/interrupts.h"
#include "arch/cpu/invariant.h"
#include "arch/cpu/irql.h"
#include "arch/libc/state.h"
#include "arch/console/log.h"
#include "arch/memory/pages.h"
#include "arch/memory/paging.h"
#include "arch/smp/flush.h"
#include "arch/time/wait.h"

#define DEFERRED_STACK_PAGES 4
#define FAULT_STACK_PAGES    2
#define START_STACK_PAGES    4

/* A busy host may take long to run a processor that was started. */
#define START_DEADLINE (10 * CLOCK_UNITS_PER_S)
#define INIT_DELAY     (CLOCK_UNITS_PER_S / 100)  /* 10 ms [SDM 3A 8.4] */
#define STARTUP_DELAY  (CLOCK_UNITS_PER_S / 5000) /* 200 us */

static struct cpu first;
static int (*starter)(const struct cpu *cpu);
static void (*each_cpu)(struct cpu *cpu);
static uint64_t start_stack; /* of the one processor that is being started */
static bool given_up;        /* one may still come, whenever that is */

/* The stack of faults until there is memory: faults of the very first steps are
 * reported, too. */
static uint8_t early_stack[2 * PAGE_SIZE] __attribute__((aligned(16)));

extern const uint8_t trampoline[], trampoline_end[], trampoline_gdtr[],
    trampoline_gdt[], trampoline_far[], trampoline_long[], trampoline_root[],
    trampoline_entry[], trampoline_cpu[], trampoline_stack[], trampoline_cr4[];

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

/* A stack for deferred work, and one for each fault that must not trust the
 * stack it comes on. */
static int give_stacks(struct cpu *cpu)
{
    cpu->deferred_stack = pages_stack(DEFERRED_STACK_PAGES);
    if (!cpu->deferred_stack)
        return -ENOMEM;
    for (int i = 0; i < IST_SLOTS; i++) {
        cpu->tss.ist[i] = pages_stack(FAULT_STACK_PAGES);
        if (!cpu->tss.ist[i])
            return -ENOMEM;
    }
    return libc_state_create(cpu);
}

int smp_give_stacks(void)
{
    return give_stacks(&first);
}

void smp_set_starter(int (*start)(const struct cpu *cpu))
{
    starter = start;
}

uint64_t smp_start_stack(const struct cpu *cpu)
{
    (void)cpu;
    return start_stack;
}

/* Whoever of the two comes first decides. True: it was the caller. */
static bool settle(struct cpu *cpu, enum cpu_start what)
{
    uint32_t awaited = CPU_AWAITED;

    return __atomic_compare_exchange_n(&cpu->start, &awaited, what, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* On the new processor. The stack is the one that it keeps for idling. If it
 * was given up, nobody counts on it any more and its index may be another's. */
_Noreturn void smp_entry(struct cpu *cpu)
{
    /* Tell the waiting processor that this one runs, or stop. */
    ASSERT((uintptr_t)__builtin_frame_address(0) % 16 == 0,
           "compiled code counts on the stack's alignment");
    if (!settle(cpu, CPU_BEGUN))
        halt_forever();
    /* From the trampoline's copy of the tables to the real ones. */
    paging_load();
    /* Registers of our own, then interrupts that can be taken. */
    cpu_setup(cpu);
    interrupts_load();
    apic_enable();
    /* The caller's part: SynIC and timer of this processor. */
    each_cpu(cpu);
    __atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
    wait_park();
}

/* Sets a field of the copied trampoline. */
static void patch(uint8_t *page, const uint8_t *field, uint64_t value,
                  size_t size)
{
    memcpy(page + (field - trampoline), &value, size);
}

/*
 * The root of the page tables may lie above 4 GiB, where the trampoline's
 * 32-bit load of CR3 does not reach. `root` is a copy of it below 1 MiB, which
 * is used until smp_entry() loads the real one.
 */
static void prepare_page(uint8_t *page, uint8_t *root, struct cpu *cpu)
{
    uint64_t base = (uint64_t)(uintptr_t)page;

    memcpy(root, (const void *)(uintptr_t)paging_root(), PAGE_SIZE);
    memcpy(page, trampoline, (size_t)(trampoline_end - trampoline));
    patch(page, trampoline_gdtr + 2,
          base + (uint64_t)(trampoline_gdt - trampoline), 4);
    patch(page, trampoline_far, base + (uint64_t)(trampoline_long - trampoline),
          4);
    patch(page, trampoline_root, (uint64_t)(uintptr_t)root, 8);
    patch(page, trampoline_cr4, cr4_read(), 4);
    patch(page, trampoline_entry, (uint64_t)(uintptr_t)smp_entry, 8);
    patch(page, trampoline_cpu, (uint64_t)(uintptr_t)cpu, 8);
    patch(page, trampoline_stack, start_stack, 8);
}

/* Spins: there are no timers yet, and the times are short. */
static void delay(uint64_t units)
{
    uint64_t until = clock_now() + units;

    while (clock_now() < until)
        cpu_relax();
}

/* Acquire: everything that the new processor has set up is visible. */
static bool wait_online(const struct cpu *cpu, uint64_t units)
{
    uint64_t until = clock_now() + units;

    while (!__atomic_load_n(&cpu->online, __ATOMIC_ACQUIRE)) {
        if (clock_now() >= until)
            return false;
        cpu_relax();
    }
    return true;
}

/* False: it has not begun, and it will stop at once if it ever does. One that
 * has begun uses its struct cpu, so there is no way back. */
static bool await_start(struct cpu *cpu)
{
    if (wait_online(cpu, START_DEADLINE))
        return true;
    if (settle(cpu, CPU_GIVEN_UP)) {
        given_up = true;
        return false;
    }
    ASSERT(wait_online(cpu, START_DEADLINE),
           "a processor that has begun does not come online");
    return true;
}

/* The second STARTUP is for processors that missed the first one. [Intel SDM 3A
 * 8.4] */
static bool start_by_apic(struct cpu *cpu, uint64_t page)
{
    /* INIT, 10 ms, STARTUP, 200 us, STARTUP. [Intel SDM 3A 8.4.4.1] */
    apic_send_init(cpu->apic_id);
    delay(INIT_DELAY);
    apic_send_startup(cpu->apic_id, (uint8_t)(page / PAGE_SIZE));
    delay(STARTUP_DELAY);
    if (wait_online(cpu, STARTUP_DELAY))
        return true;
    apic_send_startup(cpu->apic_id, (uint8_t)(page / PAGE_SIZE));
    return await_start(cpu);
}

/* NULL: no memory. It is never freed, because a processor that starts late uses
 * it. */
static struct cpu *make_cpu(uint32_t apic)
{
    uint32_t pages = (sizeof(struct cpu) + PAGE_SIZE - 1) / PAGE_SIZE;
    struct cpu *cpu = pages_alloc(pages, NULL);

    if (!cpu)
        return NULL;
    cpu->index = cpu_count();
    cpu->apic_id = apic;
    start_stack = pages_stack(START_STACK_PAGES);
    return start_stack && give_stacks(cpu) == 0 ? cpu : NULL;
}

/* INIT and STARTUP are for a processor that the hypervisor refuses to start,
 * not for one that it has started and that is late. */
static bool start_cpu(struct cpu *cpu, uint64_t page, uint64_t root)
{
    if (starter && starter(cpu) == 0)
        return await_start(cpu);
    prepare_page((uint8_t *)(uintptr_t)page, (uint8_t *)(uintptr_t)root, cpu);
    /* Only while a processor starts there, the page is executable and not
     * writable. */
    paging_protect(page, PAGING_EXECUTE);
    paging_flush();
    return start_by_apic(cpu, page);
}

static bool start_one(uint32_t apic, uint64_t page, uint64_t root)
{
    struct cpu *cpu = make_cpu(apic);

    if (!cpu) {
        log_printf(LOG_ERROR, "smp: no memory for processor %u", cpu_count());
        return false;
    }
    /* Before it runs, because its own code looks itself up by its index. */
    cpu_add(cpu);
    if (start_cpu(cpu, page, root))
        return true;
    cpu_remove_last();
    log_printf(LOG_ERROR,
               "smp: processor with APIC id %u was started and does not run "
               "within 10 s; going on without it",
               apic);
    return false;
}

/* Processors are started one after the other: they share the start page. The
 * first failure ends it, since the next one would get the same index. */
uint32_t smp_start_others(struct acpi *acpi, uint32_t limit,
                          void (*each)(struct cpu *cpu))
{
    static struct acpi_processor found[CPUS_MAX];
    uint32_t there = 0;
    uint64_t page, root;

    first.apic_id = apic_id();
    each_cpu = each;
    if (acpi_read_processors(acpi, found, CPUS_MAX, &there)) {
        log_printf(LOG_WARNING, "smp: %s; using one processor", acpi->error);
        return cpu_count();
    }
    if (there > CPUS_MAX) {
        log_printf(LOG_WARNING, "smp: %u processors, using %u", there,
                   CPUS_MAX);
        there = CPUS_MAX;
    }
    if (there < 2)
        return cpu_count();
    /* Two pages below 1 MiB: real mode starts there, and CR3 has 32 bits at
     * first. */
    page = pages_take_low(PAGING_WRITE);
    root = pages_take_low(PAGING_WRITE);
    if (!page || !root) {
        log_printf(LOG_ERROR, "smp: no free page below 1 MiB to start "
                              "processors from; using one");
        return cpu_count();
    }
    for (uint32_t i = 0; i < there && cpu_count() < limit; i++) {
        /* Leave out ourselves, and slots for processors that may come later. */
        if (found[i].apic_id == first.apic_id || !found[i].enabled)
            continue;
        paging_protect(page, PAGING_WRITE);
        if (!start_one(found[i].apic_id, page, root))
            break;
    }
    /* A processor that comes late runs its first instructions there. */
    if (!given_up) {
        pages_give_low(root);
        pages_give_low(page);
    }
    return cpu_count();
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
