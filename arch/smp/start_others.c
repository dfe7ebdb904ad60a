/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starting the processors from the second one on: see smp.h.
 *
 * They are started one after the other, by the first processor, which waits for
 * each of them: by INIT and STARTUP, or else by the hypervisor.
 */
#include "arch/smp/smp.h"

#include <stddef.h>
#include <string.h>

#include "arch/console/log.h"
#include "arch/cpu/invariant.h"
#include "arch/cpu/tlb.h"
#include "arch/interrupts/apic.h"
#include "arch/libc/state.h"
#include "arch/memory/image.h"
#include "arch/memory/pages.h"
#include "arch/memory/paging.h"
#include "arch/smp/private.h"
#include "arch/time/clock.h"

/* A busy host may take long to run a processor that was started. */
#define START_DEADLINE (10 * CLOCK_UNITS_PER_S)
#define INIT_DELAY     (CLOCK_UNITS_PER_S / 100)  /* 10 ms [SDM 3A 8.4] */
#define STARTUP_DELAY  (CLOCK_UNITS_PER_S / 5000) /* 200 us */

static int (*starter)(const struct cpu *cpu);
static uint64_t start_stack; /* of the one processor that is being started */

/* Two pages below 1 MiB: a processor begins in real mode on `page`, and CR3 has
 * 32 bits at first, so a top page table for the start lies in `root`. */
static struct {
    uint64_t page, root; /* 0: there are none */
} low;

extern const uint8_t trampoline[], trampoline_end[], trampoline_gdtr[],
    trampoline_gdt[], trampoline_far[], trampoline_long[], trampoline_root[],
    trampoline_entry[], trampoline_cpu[], trampoline_stack[], trampoline_cr4[];

void smp_set_starter(int (*start)(const struct cpu *cpu))
{
    starter = start;
}

uint64_t smp_start_stack(const struct cpu *cpu)
{
    (void)cpu;
    return start_stack;
}

/* Sets a field of the copied trampoline. */
static void patch(uint8_t *page, const uint8_t *field, uint64_t value,
                  size_t size)
{
    memcpy(page + (field - trampoline), &value, size);
}

/*
 * The root of the page tables may lie above 4 GiB, where the trampoline's
 * 32-bit load of CR3 does not reach. `root` takes its place until smp_entry()
 * loads the real one. It maps the trampoline, our image, and the window with
 * the stack.
 */
static void prepare_page(uint8_t *page, uint8_t *root, struct cpu *cpu)
{
    uint64_t base = (uint64_t)(uintptr_t)page;
    const uint64_t needed[] = {base, image_start(), image_end(),
                               (uint64_t)(uintptr_t)cpu};

    paging_fill_root((uint64_t *)(void *)root, needed, 4);
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
static bool give_up(struct cpu *cpu)
{
    if (smp_settle(cpu, CPU_GIVEN_UP))
        return false;
    ASSERT(wait_online(cpu, START_DEADLINE),
           "a processor that has begun does not come online");
    return true;
}

/* The second STARTUP is for processors that missed the first one. [Intel SDM 3A
 * 8.4] */
static bool start_by_apic(struct cpu *cpu)
{
    uint8_t page = (uint8_t)(low.page / PAGE_SIZE);

    /* INIT, 10 ms, STARTUP, 200 us, STARTUP. [Intel SDM 3A 8.4.4.1] */
    apic_send_init(cpu->apic_id);
    delay(INIT_DELAY);
    apic_send_startup(cpu->apic_id, page);
    delay(STARTUP_DELAY);
    if (wait_online(cpu, STARTUP_DELAY))
        return true;
    apic_send_startup(cpu->apic_id, page);
    return wait_online(cpu, START_DEADLINE);
}

/* NULL: no memory. It is never freed, because a processor that starts late uses
 * it. */
static struct cpu *make_cpu(uint32_t apic)
{
    uint64_t at[PIECES];
    struct cpu *cpu;

    /* Take its memory in one go, and zero what lies in its own page. */
    if (!smp_take_pieces(PIECES, at))
        return NULL;
    cpu = (struct cpu *)(uintptr_t)at[PIECE_CPU];
    for (uint64_t page = 0; page < LIBC_STATE_CPU_PAGES; page++)
        page_clear((uint8_t *)cpu + page * PAGE_SIZE);
    cpu->index = cpu_count();
    cpu->apic_id = apic;
    start_stack = smp_stack(PIECE_START, at);
    return smp_give_stacks_to(cpu, at) == 0 ? cpu : NULL;
}

/* INIT and STARTUP first, as every system starts processors: all hypervisors
 * know it, and it names the processor by its APIC id, as the tables do. Where
 * that leads to nothing, the hypervisor is asked. */
static bool start_cpu(struct cpu *cpu)
{
    prepare_page((uint8_t *)(uintptr_t)low.page, (uint8_t *)(uintptr_t)low.root,
                 cpu);
    /* Only while a processor starts there, the page is executable and not
     * writable. No other one writes to it. */
    paging_protect(low.page, PAGING_EXECUTE);
    tlb_flush();
    if (start_by_apic(cpu))
        return true;
    if (starter && starter(cpu) == 0 && wait_online(cpu, START_DEADLINE))
        return true;
    return give_up(cpu);
}

/* A pair of pages that no processor uses. They need not be in a row, but are
 * found more quickly so. False: there is none. */
static bool take_low_pages(void)
{
    low.page = pages_take_low(2);
    low.root = low.page + PAGE_SIZE;
    if (low.page)
        return true;
    low.page = pages_take_low(1);
    low.root = low.page ? pages_take_low(1) : 0;
    if (low.root)
        return true;
    if (low.page)
        pages_give_low(low.page, 1);
    low.page = 0;
    log_printf(LOG_ERROR,
               "smp: no free page below 1 MiB to start processors from; using "
               "%u",
               cpu_count());
    return false;
}

static void give_low_pages(void)
{
    uint32_t in_a_row = low.root == low.page + PAGE_SIZE ? 2 : 1;

    pages_give_low(low.page, in_a_row);
    if (in_a_row == 1)
        pages_give_low(low.root, 1);
}

/* A processor that does not arrive is left out. It may still come, whenever
 * that is: its pages stay as they are, and the next one gets others. False: no
 * more can be started. */
static bool start_one(uint32_t apic)
{
    struct cpu *cpu = make_cpu(apic);

    if (!cpu) {
        log_printf(LOG_ERROR, "smp: no memory for processor %u", cpu_count());
        return false;
    }
    /* Before it runs, because its own code looks itself up by its index. */
    cpu_add(cpu);
    if (start_cpu(cpu)) {
        /* The page is written for the next one, by this processor. */
        paging_protect(low.page, PAGING_WRITE);
        tlb_flush();
        return true;
    }
    cpu_remove_last();
    log_printf(LOG_ERROR,
               "smp: processor with APIC id %u was started and does not run "
               "within 10 s; going on without it",
               apic);
    return take_low_pages();
}

/* Does a processor with this APIC id run already? */
static bool runs(uint32_t apic)
{
    for (uint32_t i = 0; i < cpu_count(); i++) {
        if (cpu_of(i)->apic_id == apic)
            return true;
    }
    return false;
}

/* Processors are started one after the other: they share the start page. */
uint32_t smp_start_others(struct acpi *acpi, uint32_t limit,
                          void (*each)(struct cpu *cpu))
{
    struct acpi_processor found[CPUS_MAX]; /* 3 KiB */
    uint32_t there = 0;

    this_cpu()->apic_id = apic_id();
    smp_each_cpu = each;
    if (acpi_read_processors(acpi, found, CPUS_MAX, &there)) {
        log_printf(LOG_WARNING, "smp: %s; using one processor", acpi->error);
        return cpu_count();
    }
    if (there > CPUS_MAX) {
        log_printf(LOG_WARNING, "smp: %u processors, using %u", there,
                   CPUS_MAX);
        there = CPUS_MAX;
    }
    if (there < 2 || limit < 2 || !take_low_pages())
        return cpu_count();
    for (uint32_t i = 0; i < there && cpu_count() < limit; i++) {
        /* Leave out ourselves, and slots for processors that may come later. */
        if (found[i].enabled && !runs(found[i].apic_id) &&
            !start_one(found[i].apic_id))
            break;
    }
    if (low.page) {
        /* No TLB may know as code what others will write. */
        paging_flush();
        give_low_pages();
    }
    return cpu_count();
}
