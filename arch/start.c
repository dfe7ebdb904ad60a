/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the firmware's hands to a machine of our own. This is the only file of
 * arch/ that knows all parts, and the order in which they begin to work: the
 * processor, faults, a voice (COM1), memory, our own stack, interrupts, then
 * whatever stands above.
 */
#include "arch/arch.h"

#include <errno.h>
#include <stddef.h>

#include "arch/acpi/acpi.h"
#include "arch/interrupts/apic.h"
#include "arch/crash/backtrace.h"
#include "arch/cpu/cpu.h"
#include "arch/cpu/halt.h"
#include "arch/crash/crash.h"
#include "arch/crash/debug_exit.h"
#include "arch/crash/fault.h"
#include "arch/cpu/invariant.h"
#include "arch/cpu/vectors.h"
#include "arch/interrupts/interrupts.h"
#include "arch/memory/image.h"
#include "arch/libc/heap.h"
#include "arch/console/debug_port.h"
#include "arch/console/log.h"
#include "arch/memory/pages.h"
#include "arch/memory/paging.h"
#include "arch/acpi/physical.h"
#include "arch/acpi/power.h"
#include "arch/console/serial.h"
#include "arch/smp/smp.h"

#define APPLICATION_STACK_PAGES 24
#define CRASH_STACK_PAGES       2
#define BOOT_STACK_BYTES        16384

/* Until the application's stack is there; then its memory is handed out. */
static uint8_t boot_stack[BOOT_STACK_BYTES] __attribute__((aligned(PAGE_SIZE)));

/* The backtrace's question, answered by the page tables. */
static bool readable(uint64_t address, size_t size)
{
    return paging_readable(address, size);
}

/* On our own stack and tables. */
static void on_own_stack(void *arg)
{
    const struct boot_info *info = arg;
    struct acpi_reader reader;

    ASSERT_STACK_ALIGNED();
    pages_take_over(boot_stack, boot_stack + sizeof(boot_stack));
    /* Voices first: whatever fails from here on is seen and heard. */
    backtrace_set_readable(readable);
    system_voices(info);
    /* Memory next, then what may allocate: tables, processors, interrupts. */
    heap_set_grow(pages_heap_grow);
    physical_reader(&reader);
    power_init(&reader, info->rsdp);
    apic_setup();
    apic_enable();
    smp_handle_vectors();
    crash_set_stack(pages_stack(CRASH_STACK_PAGES));
    if (smp_give_stacks())
        log_printf(LOG_ERROR, "arch: no memory for the fault stacks");
    __asm__ volatile("sti" : : : "memory");
    system_main(info);
}

/* There was memory in the map, but it is cut so small, or the machine is so
 * large, that our own tables do not fit; or the map contradicts itself, which a
 * line has said. */
static _Noreturn void refuse_memory(const struct boot_info *info, int status)
{
    if (status != -EINVAL)
        log_printf(LOG_ERROR,
                   "arch: the firmware's memory map (%u ranges) leaves no room "
                   "for page tables and a stack; give the machine more memory",
                   info->regions);
    debug_exit(EXIT_STATUS_UNSUPPORTED);
    halt_forever();
}

/* On a stack in the image: the firmware's is not in our tables. */
static void on_boot_stack(void *arg)
{
    struct boot_info *info = arg;
    uint64_t stack = 0;
    int status;

    ASSERT_STACK_ALIGNED();
    smp_setup_first();
    /* From here on a fault is reported instead of resetting the machine. */
    interrupts_setup();
    interrupts_load();
    fault_setup();
    (void)interrupts_try(cpu_cache_memory, NULL);
    crash_configure(&(struct crash_config){
        .image_base = image_start(),
        .image_size = image_end() - image_start(),
        /* Nothing is known of the options yet. A test's host shall not wait;
         * where there is none, the machine stands still. */
        .action = CRASH_DEBUG_EXIT,
    });
    /* Two voices, before anything that can fail. */
    if (serial_init())
        log_add_sink(serial_sink());
    if (debug_port_present())
        log_add_sink(debug_port_sink());
    /* Our own tables and stack; the rest of the start runs on them. */
    status = pages_setup(info);
    if (!status)
        stack = pages_stack(APPLICATION_STACK_PAGES);
    if (!stack)
        refuse_memory(info, status);
    vectors_enter_stack(on_own_stack, info, stack);
}

/*
 * No stack protector here: the guard changes while this frame is open.
 */
__attribute__((no_stack_protector)) _Noreturn void
arch_start(struct boot_info *info)
{
    __asm__ volatile("cli" : : : "memory");
    /* Not a secret from the host, but no constant either; the low byte is 0,
     * so that string functions cannot write past it. */
    __stack_chk_guard =
        (info->tsc_entry * UINT64_C(0x9e3779b97f4a7c15)) & ~UINT64_C(0xff);
    vectors_enter_stack(on_boot_stack, info,
                        (uint64_t)(uintptr_t)(boot_stack + sizeof(boot_stack)));
}
