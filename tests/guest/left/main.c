/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs on the machine that the firmware layer has prepared (tests/firmware):
 * what must hold all the same.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/system/platform/platform.h"
#include "arch/cpu/cpu.h"
#include "arch/cpu/irql.h"
#include "arch/interrupts/deferred.h"
#include "arch/memory/pages.h"
#include "tests/guest/tap.h"
#include "vmbare.h"

#define EFER_SCE   (1u << 0)
#define CR4_MCE    (UINT64_C(1) << 6)
#define CR4_LA57   (UINT64_C(1) << 12)
#define CR4_WANTED UINT64_C(0x620) /* PAE, OSFXSR, OSXMMEXCPT */

#define MSR_PAT       0x277u
#define MSR_MTRR_TYPE 0x2ffu
#define MTRR_ENABLED  (1u << 11)
/* Write-back, write-combining, uncached-minus, uncached, and again. */
#define PAT_WANTED UINT64_C(0x0007010600070106)

static VMBARE_OPTION elsewhere_option = {
    .group = "test-left",
    .name = "elsewhere",
    .type = VMBARE_FLAG,
    .help = "crash on processor 1",
};

static uint64_t control(void)
{
    uint64_t cr4;

    __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
    return cr4;
}

static uint64_t breakpoints(void)
{
    uint64_t dr7;

    __asm__ volatile("movq %%dr7, %0" : "=r"(dr7));
    return dr7;
}

static uint64_t priority(void)
{
    uint64_t cr8;

    __asm__ volatile("movq %%cr8, %0" : "=r"(cr8));
    return cr8;
}

/* A sleep needs the timer's interrupt. */
static bool sleeps(void)
{
    const struct timespec while_ = {.tv_nsec = 20000000};

    return nanosleep(&while_, NULL) == 0;
}

static bool has_memory(void)
{
    const size_t size = 4u << 20;
    char *memory = malloc(size);
    bool ok;

    if (!memory)
        return false;
    memset(memory, 0x5a, size);
    ok = memory[size - 1] == 0x5a;
    free(memory);
    return ok;
}

/* Where the processor has such registers, they do not make all memory
 * uncached. */
static bool memory_is_cached(void)
{
    return !(cpuid(1, 0).edx >> 12 & 1) ||
           (msr_read(MSR_MTRR_TYPE) & MTRR_ENABLED);
}

static volatile uint64_t *at_frame(uint64_t frame)
{
    return (volatile uint64_t *)(uintptr_t)(frame * PAGE_SIZE);
}

/*
 * All frames that are free are taken, and written at their physical address.
 * What the firmware keeps is not among them, or the machine would not go on.
 */
static bool all_memory_is_ours(void)
{
    struct pages_count count;
    uint64_t taken = 0, last = 0, frame;

    pages_counted(&count);
    tap_note("memory: %lu MiB", (unsigned long)(count.total >> 8));
    while ((frame = pages_frames_take(8, 1)) != UINT64_MAX) {
        *at_frame(frame) = last;
        *at_frame(frame + 7) = last;
        last = frame;
        taken += 8;
    }
    /* Each has the number of the one before. */
    for (; last; last = frame) {
        frame = *at_frame(last + 7);
        pages_frames_give(last, 8);
    }
    /* A piece may have seven frames that are left. */
    return taken > count.free - count.free / 8;
}

/* Faults on processor 1, as deferred work. Processor 0 made contact, so the
 * host's answer to the crash's UNLOAD comes to that one's slot. */
static void fault(void *arg)
{
    (void)arg;
    __builtin_trap();
}

static void crash_elsewhere(void)
{
    static struct deferred_item item = {.run = fault, .level = IRQL_DISPATCH};

    deferred_queue(&item, 1);
    for (;;)
        sleep(1);
}

static void note_screen(void)
{
    const struct boot_framebuffer *fb = &the_platform.config.boot->framebuffer;

    tap_note("screen: %u x %u", fb->width, fb->height);
}

int main(void)
{
    if (vmbare_option_flag(&elsewhere_option))
        crash_elsewhere();
    note_screen();
    tap_ok((control() & ~(CR4_MCE | CR4_LA57)) == CR4_WANTED,
           "CR4 has the bits that vmbare sets, and no others");
    tap_ok((msr_read(0xc0000080) & EFER_SCE) == 0,
           "EFER has no system calls switched on");
    tap_ok((breakpoints() & 0xff) == 0, "no breakpoint is armed");
    tap_ok(priority() == 0, "no interrupt is masked by its priority");
    tap_ok(sleeps(), "a sleep ends by the timer's interrupt");
    tap_ok(has_memory(), "4 MiB can be allocated and written");
    tap_ok(msr_read(MSR_PAT) == PAT_WANTED,
           "the page attribute table has our cache types");
    tap_ok(memory_is_cached(), "memory is cached, as far as MTRRs say it");
    tap_ok(all_memory_is_ours(), "all free memory can be taken and written");
    return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
}
