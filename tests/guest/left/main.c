/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs on the machine that left.c has prepared: what must hold all the same. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arch/cpu/cpu.h"
#include "tests/guest/tap.h"
#include "vmbare.h"

#define EFER_SCE   (1u << 0)
#define CR4_MCE    (UINT64_C(1) << 6)
#define CR4_LA57   (UINT64_C(1) << 12)
#define CR4_WANTED UINT64_C(0x620) /* PAE, OSFXSR, OSXMMEXCPT */

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

int main(void)
{
    tap_ok((control() & ~(CR4_MCE | CR4_LA57)) == CR4_WANTED,
           "CR4 has the bits that vmbare sets, and no others");
    tap_ok((msr_read(0xc0000080) & EFER_SCE) == 0,
           "EFER has no system calls switched on");
    tap_ok((breakpoints() & 0xff) == 0, "no breakpoint is armed");
    tap_ok(priority() == 0, "no interrupt is masked by its priority");
    tap_ok(sleeps(), "a sleep ends by the timer's interrupt");
    tap_ok(has_memory(), "4 MiB can be allocated and written");
    return tap_end() ? VMBARE_PASSED : VMBARE_FAILED;
}
