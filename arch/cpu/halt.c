/* The last things a processor does: see halt.h. */
#include "arch/cpu/halt.h"

#include <stdint.h>

void halt_interrupts_off(void)
{
    __asm__ volatile("cli" : : : "memory");
}

_Noreturn void halt_forever(void)
{
    /* A loop, as an NMI ends a HLT. */
    for (;;)
        __asm__ volatile("cli\n\thlt" : : : "memory");
}

_Noreturn void halt_triple_fault(void)
{
    static const struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) nothing = {0, 0};

    /* No gate for the breakpoint, none for the double fault it becomes. */
    __asm__ volatile("lidt %0\n\tint3" : : "m"(nothing) : "memory");
    halt_forever();
}
