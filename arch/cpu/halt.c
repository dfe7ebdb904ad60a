/* SPDX-License-Identifier: BSD-2-Clause */
/* The last things that a processor does: see halt.h. */
#include "arch/cpu/halt.h"

#include <stdint.h>

void halt_interrupts_off(void)
{
    __asm__ volatile("cli" : : : "memory");
}

_Noreturn void halt_forever(void)
{
    /* A loop, because an NMI ends a HLT. */
    for (;;)
        __asm__ volatile("cli\n\thlt" : : : "memory");
}

_Noreturn void halt_triple_fault(void)
{
    /* Load an empty interrupt table. */
    static const struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) nothing = {0, 0};

    /* There is no gate for the breakpoint, and none for the double fault that
     * it becomes: the third fault resets the processor. [Intel SDM 3A 6.15] */
    __asm__ volatile("lidt %0\n\tint3" : : "m"(nothing) : "memory");
    halt_forever();
}
